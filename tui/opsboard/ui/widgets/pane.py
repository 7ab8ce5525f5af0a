"""A pane: its title with counts and an honest age, its columns' titles, its table."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from opsboard.board.state import BoardDelta
from opsboard.records import Record, Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_actions import MAX_TARGETS
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.app_host import host_of
from opsboard.ui.render.empty_text import table_placeholder
from opsboard.ui.widgets.pane_filtering import PaneFiltering
from opsboard.ui.widgets.pane_sorting import PaneSorting
from opsboard.ui.widgets.pane_title import PaneTitle
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.widgets.table_header import TableHeader
from opsboard.views.panes import PaneSpec

_FOR_MARKS: Final = frozenset({"record.acknowledge", "record.snooze"})
"""Actions beside those that change the world, which are about all marked rows too."""

MIN_TITLED_HEIGHT = 5
"""Lines below which a pane does without the titles of its columns."""


class Pane(PaneFiltering, PaneSorting, RecordCommands, Vertical, inherit_bindings=False):
    """Shows the records of one kind, and acts on them."""

    SCOPES: ClassVar = (BindingScope.RECORD, BindingScope.PANE, BindingScope.ACT)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.RECORD, BindingScope.PANE, BindingScope.ACT)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, spec: PaneSpec) -> None:
        super().__init__(id=f"pane-{spec.id}", classes="" if spec.number else "-numberless")
        self.spec = spec
        self._history: list[str] = []
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out title, column titles, and the table or a word about its absence."""
        table = RecordTable(self.spec, host_of(self).board.records(self.spec.kind))
        yield PaneTitle(self.spec, table)
        yield TableHeader(table)
        yield table
        yield Static(markup=False, classes="word")

    def on_mount(self) -> None:
        """Say what there is to say while nothing is there."""
        self.call_after_refresh(self.update_labels)

    @property
    def table(self) -> RecordTable:
        """The table."""
        return self.query_one(RecordTable)

    def on_resize(self) -> None:
        """Do without column titles where there is hardly room for rows."""
        self.set_class(self.size.height < MIN_TITLED_HEIGHT, "-flat")

    def set_active(self, *, current: bool) -> None:
        """Say by a bar and a sign, not by colour alone, that keys are about this pane, or not."""
        self.query_one(PaneTitle).set_active(current=current)
        self.table.set_active(current=current)

    # --- taking in -------------------------------------------------------------------------------

    def board_changed(self, delta: BoardDelta) -> None:
        """Show what is different."""
        kind = self.spec.kind
        if delta.touches(kind):
            changed = frozenset(delta.changed.get(kind, ()))
            removed = frozenset(delta.removed.get(kind, ()))
            self.table.update_records(changed, removed)
        self.update_labels()

    def tick(self) -> None:
        """Let ages go on."""
        self.table.tick()
        self.query_one(PaneTitle).redraw()

    def restyle(self) -> None:
        """Draw in other looks."""
        self.table.restyle()
        self.update_labels()

    def update_labels(self) -> None:
        """Bring title, column titles and the word for an empty table up to date."""
        word = table_placeholder(self.spec, self.table.model, host_of(self).board.sources())
        self.set_class(bool(word), "-empty")
        if word != self._said:  # telling it again would lay out, and send, the whole screen
            self._said = word
            self.query_one(".word", Static).update(word)
        self.query_one(PaneTitle).redraw()

    @on(RecordTable.ColumnsResized)
    def _columns_changed(self) -> None:
        self.query_one(TableHeader).refresh()

    # --- acting ----------------------------------------------------------------------------------

    def target(self) -> Ref | None:
        """Return the record under the cursor."""
        return self.table.current_ref

    def targets(self) -> Sequence[Ref]:
        """Return the marked records that are shown, in their order, or the one under the cursor.

        Marks that the filter hides never hand their action to the row under the cursor.
        """
        table = self.table
        if not table.marks:
            return super().targets()
        rows = [(table.model.find(ref), ref) for ref in table.marks]
        return [ref for row, ref in sorted((r, ref) for r, ref in rows if r is not None)]

    def how_many(self) -> int:
        """Return how many rows are meant, without putting many marks into their order."""
        marks = len(self.table.marks)
        return marks if marks > MAX_TARGETS else super().how_many()

    def hold(self) -> None:
        """Let the cursor go with the record that is acted on, wherever its row moves."""
        self.table.hold()

    def disabled_reason(self, action: UiAction) -> str:
        """Say why something cannot be done in a pane just now."""
        if action.id == "pane.unmark" and not self.table.marks:
            return "no row is marked"
        if hidden := self._why_hidden(action):
            return hidden
        if action.id in {"pane.mark", "pane.mark_all"} and not len(self.table.model):
            return "there is no row"
        return super().disabled_reason(action)

    def _why_hidden(self, action: UiAction) -> str:
        """Say that nothing is meant where all marked rows are hidden by the filter."""
        about_marks = action.scope is BindingScope.ACT or action.id in _FOR_MARKS
        if not about_marks or not self.table.marks or self.targets():
            return ""
        return "the filter hides what is marked; Esc drops it, U takes the marks away"

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the columns, for what takes one."""
        if action.takes == "column":
            return [column.id for column in self.spec.columns]
        return super().completions(action)

    def do_mark(self) -> None:
        """Mark the row, or no longer."""
        self.table.toggle_mark()
        self.update_labels()

    def do_mark_all(self) -> None:
        """Mark all rows that are shown."""
        self.table.mark_all()
        self.update_labels()

    def do_unmark(self) -> None:
        """Take all marks away."""
        self.table.unmark()
        self.update_labels()

    def clear_filter_or_marks(self) -> bool:
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
