"""A pane: its title with counts and an honest age, its columns' titles, its table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from opsboard.adapter import Condition
from opsboard.board.state import Delta, SourceState
from opsboard.records import Record, Ref, Status
from opsboard.ui.actions.action import Action, Place
from opsboard.ui.actions.declared import ACTIONS
from opsboard.ui.actions.records import RecordActing
from opsboard.ui.host import host_of
from opsboard.ui.looks import Looks, looks_of
from opsboard.ui.widgets.one_line import OneLine
from opsboard.ui.widgets.prompt import Question
from opsboard.ui.widgets.record_table import RecordTable, TableHeader
from opsboard.ui.widgets.source_words import freshness
from opsboard.views.filter import EVERYTHING, FilterError, parse
from opsboard.views.panes import PaneSpec

COUNTED = (Status.FAILED, Status.WARNING, Status.RUNNING)
"""The statuses whose counts stand in the title."""

FLAT = 6
"""Lines below which a pane does without the titles of its columns."""


class PaneTitle(OneLine):
    """Number, title, counts, filter; to the right, how old what is shown is."""

    DEFAULT_CSS = "PaneTitle { height: 1; }"

    def __init__(self, tell: Callable[[], tuple[Text, Text]]) -> None:
        super().__init__()
        self._tell = tell

    def line(self, width: int) -> Text:
        """Return the title; its left part makes room for the right one."""
        left, right = self._tell()
        right.truncate(max(0, width - 12), overflow="ellipsis")
        left.truncate(max(1, width - right.cell_len), overflow="ellipsis", pad=True)
        return left.append_text(right)


class Pane(RecordActing, Vertical, inherit_bindings=False):
    """Shows the records of one kind, and acts on them."""

    PLACES: ClassVar = (Place.RECORD, Place.PANE)
    BINDINGS: ClassVar = ACTIONS.bindings(Place.RECORD, Place.PANE)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, spec: PaneSpec) -> None:
        super().__init__(id=f"pane-{spec.id}", classes="" if spec.number else "-numberless")
        self.spec = spec
        self._history: list[str] = []
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out title, column titles, and the table or a word about its absence."""
        table = RecordTable(self.spec, host_of(self).board.records(self.spec.kind))
        yield PaneTitle(self._title)
        yield TableHeader(table)
        yield table
        yield Static(markup=False, classes="word")

    def on_mount(self) -> None:
        """Say what there is to say while nothing is there."""
        self.call_after_refresh(self._tell)

    @property
    def table(self) -> RecordTable:
        """The table."""
        return self.query_one(RecordTable)

    def on_resize(self) -> None:
        """Do without column titles where there is hardly room for rows."""
        self.set_class(self.size.height < FLAT, "-flat")

    # --- taking in -------------------------------------------------------------------------------

    def board_changed(self, delta: Delta) -> None:
        """Show what is different."""
        kind = self.spec.kind
        if delta.touches(kind):
            changed = frozenset(delta.changed.get(kind, ()))
            removed = frozenset(delta.removed.get(kind, ()))
            self.table.update_records(changed, removed)
        self._tell()

    def tick(self) -> None:
        """Let ages go on."""
        self.table.tick()
        self.query_one(PaneTitle).redraw()

    def relook(self) -> None:
        """Draw in other looks."""
        self.table.relook()
        self._tell()

    def _tell(self) -> None:
        """Bring title, column titles and the word for an empty table up to date."""
        word = self._word()
        self.set_class(bool(word), "-empty")
        if word != self._said:  # telling it again would lay out, and send, the whole screen
            self._said = word
            self.query_one(".word", Static).update(word)
        self.query_one(PaneTitle).redraw()

    @on(RecordTable.LaidOut)
    def _columns_changed(self) -> None:
        self.query_one(TableHeader).refresh()

    # --- the title -------------------------------------------------------------------------------

    def _title(self) -> tuple[Text, Text]:
        looks, model = looks_of(self), self.table.model
        number = f"{self.spec.number} " if self.spec.number else ""
        left = Text(f" {number}{self.spec.title} ", looks.accent)
        shown = f"{len(model):,}" if not model.filter else f"{len(model):,}/{model.total:,}"
        left.append(shown, looks.muted)
        for status in COUNTED:
            if count := model.statuses[status]:
                left.append(f" {looks.glyphs.status[status]}{count:,}", looks.statuses[status])
        if model.filter:
            left.append(f" /{model.filter.text}", looks.inks["match"])
        if marks := len(self.table.marks):
            left.append(f" {marks} marked", looks.inks["mark"])
        return left, self._freshness(looks)

    def _freshness(self, looks: Looks) -> Text:
        """Return how old the oldest source of this pane is, and which of them fail."""
        now = host_of(self).clock.now()
        sources = self._sources()
        bad = [source for source in sources if source.health.condition.status is Status.FAILED]
        if bad:
            glyph = looks.glyphs.status[Status.FAILED]
            words = ", ".join(f"{source.name} {freshness(source, now)}" for source in bad)
            return Text(f" {glyph} {words} ", looks.statuses[Status.FAILED])
        return Text(f" {_oldest(sources, now)} ", looks.muted)

    def _sources(self) -> Sequence[SourceState]:
        shown = self.table.model.sources
        return [s for s in host_of(self).board.sources() if shown[s.name] > 0]

    # --- in place of rows ------------------------------------------------------------------------

    def _word(self) -> str:
        model = self.table.model
        if len(model):
            return ""
        if model.filter:
            return f"None of {model.total:,} matches {model.filter.text!r}. Esc drops the filter."
        return empty_word(self.spec, host_of(self).board.sources())

    # --- acting ----------------------------------------------------------------------------------

    def target(self) -> Ref | None:
        """Return the record under the cursor."""
        return self.table.current

    def targets(self) -> Sequence[Ref]:
        """Return the marked records, in their order, or else the one under the cursor."""
        table = self.table
        rows = [(table.model.find(ref), ref) for ref in table.marks]
        marked = [ref for row, ref in sorted((r, ref) for r, ref in rows if r is not None)]
        return marked or super().targets()

    def why_not(self, action: Action) -> str:
        """Say why something cannot be done in a pane just now."""
        if action.id == "pane.unmark" and not self.table.marks:
            return "no row is marked"
        if action.id in {"pane.mark", "pane.mark_all"} and not len(self.table.model):
            return "there is no row"
        return super().why_not(action)

    def completions(self, action: Action) -> Sequence[str]:
        """Return the columns, for what takes one."""
        if action.takes == "column":
            return [column.id for column in self.spec.columns]
        return super().completions(action)

    def do_filter(self, text: str = "") -> None:
        """Filter by *text*, or ask for it, with the rows following each keystroke."""
        if text:
            if wrong := self.filter_by(text):
                host_of(self).say(wrong, wrong=True)
            return
        before = self.table.model.filter.text
        self.screen.ask(  # type: ignore[attr-defined]
            Question(
                "/",
                answered=self.filter_by,
                text=before,
                changed=self.filter_by,
                cancelled=lambda: _ignore(self.filter_by(before)),
                complete=self._complete_filter,
                history=self._history,
            )
        )

    def filter_by(self, text: str) -> str:
        """Filter by *text*; return what is wrong with it, and then leave the rows as they are."""
        try:
            chosen = parse(text, self.spec) if text.strip() else EVERYTHING
        except FilterError as error:
            return str(error)
        self.table.set_filter(chosen)
        self._tell()
        return ""

    def _complete_filter(self, line: str) -> Sequence[str]:
        head, _, word = line.rpartition(" ")
        if not word or ":" in word or word[0] in '/!"':
            return ()
        names = sorted({column.id for column in self.spec.columns} | set(self.spec.search))
        return [f"{head} {name}:".lstrip() for name in names if name.startswith(word)]

    def do_sort(self, name: str) -> None:
        """Sort by the column called *name*; by the same one again, the other way round."""
        column = self.spec.column(name)
        if column is None:
            known = ", ".join(column.id for column in self.spec.columns)
            host_of(self).say(f"no column {name!r}; there are: {known}", wrong=True)
            return
        model = self.table.model
        same = column is model.column
        self._sort(column.id, descending=not model.descending if same else False)

    def do_sort_left(self) -> None:
        """Sort by the column to the left."""
        self._sort_beside(-1)

    def do_sort_right(self) -> None:
        """Sort by the column to the right."""
        self._sort_beside(+1)

    def do_reverse(self) -> None:
        """Sort the other way round."""
        model = self.table.model
        self._sort(model.column.id, descending=not model.descending)

    def _sort_beside(self, step: int) -> None:
        shown = [placed.column.id for placed in self.table.columns]
        if not shown:
            return
        own = self.table.model.column.id
        at = shown.index(own) if own in shown else 0
        self._sort(shown[(at + step) % len(shown)], descending=self.table.model.descending)

    def _sort(self, name: str, *, descending: bool) -> None:
        column = self.spec.column(name)
        if column is not None:
            self.table.sort_by(column, descending=descending)
            self.query_one(TableHeader).refresh()

    def do_mark(self) -> None:
        """Mark the row, or no longer."""
        self.table.toggle_mark()
        self._tell()

    def do_mark_all(self) -> None:
        """Mark all rows that are shown."""
        self.table.mark_all()
        self._tell()

    def do_unmark(self) -> None:
        """Take all marks away."""
        self.table.unmark()
        self._tell()

    def step_back(self) -> bool:
        """Drop the filter, or else the marks; return whether there was anything to drop."""
        if self.table.model.filter:
            self.filter_by("")
            return True
        if self.table.marks:
            self.do_unmark()
            return True
        return False

    def cursor_record(self) -> Record | None:
        """Return the record under the cursor."""
        return self.record()


def _ignore(_: str) -> None:
    """A filter that was fine before is fine again."""


def _oldest(sources: Sequence[SourceState], now: datetime) -> str:
    if not sources:
        return ""
    cached = [source for source in sources if source.from_cache]
    oldest = min(cached or sources, key=lambda source: (source.fresh_at or now).timestamp())
    words = freshness(oldest, now)
    if cached:
        return f"{words} old, from disk"
    return words if words in {"live", "now", "starting"} else f"{words} ago"


def empty_word(spec: PaneSpec, sources: Sequence[SourceState]) -> str:
    """Return what to read where there are no rows: why, and what can be done."""
    what = spec.title.lower()
    if not sources:
        return f"No source, so no {what}. `opsboard init` writes a config of what is found here."
    bad = [source for source in sources if source.health.condition.status is Status.FAILED]
    lines = [f"No {what}."]
    if any(source.health.condition is Condition.STARTING for source in sources):
        lines = [f"No {what} yet: asking."]
    elif spec.id == "alerts" and not bad:
        lines = ["Nothing is wrong."]
    for source in bad:
        mend = f" ({source.health.mend})" if source.health.mend else ""
        lines.append(f"{source.name}: {source.health.message}{mend}")
    return "\n".join(lines)
