"""A pane of the board: its title with counts and age, the titles of its columns, and its table."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from opsboard.board.state import BoardDelta, SourceState
from opsboard.records import Record, Ref
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.alert_commands import AlertCommands
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_actions import MAX_TARGETS, RecordActions
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_history import RecordHistory
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.widgets.pane_controls import PaneFilter, PaneSort
from opsboard.ui.widgets.pane_title import PaneTitle
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.widgets.table_header import TableHeader
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel

_FOR_MARKS: Final = frozenset({"record.acknowledge", "record.snooze"})
"""Actions outside of :attr:`BindingScope.ACT` that are about all marked rows too."""

MIN_TITLED_HEIGHT = 5
"""Lines below which a pane leaves out the titles of its columns."""
MIN_WIDE = 100
"""Columns below which a pane with columns that need no titles shows those while it is low."""
MIN_FULL_HEIGHT = 12
"""Lines from which on even a narrow pane shows the usual columns, and their titles."""


class PaneSelection(RecordSelection):
    """The marked rows of *table* that are shown, or the row under its cursor."""

    def __init__(self, context: AppContext, table: RecordTable) -> None:
        super().__init__(context)
        self._table = table

    def current_ref(self) -> Ref | None:
        """Return the record under the cursor."""
        return self._table.current_ref

    def selected_refs(self) -> Sequence[Ref]:
        """Return the marked records that are shown, in their order, or the one under the cursor.

        Where the filter hides all marked rows, nothing is selected: an action for them never goes
        to the row under the cursor instead.
        """
        if not self._table.marks:
            return super().selected_refs()
        rows = [(self._table.model.find(ref), ref) for ref in self._table.marks]
        return [ref for row, ref in sorted((r, ref) for r, ref in rows if r is not None)]

    def count(self) -> int:
        """Return how many rows are selected; many marks are not put into their order for that."""
        marks = len(self._table.marks)
        return marks if marks > MAX_TARGETS else super().count()

    def hold_cursor(self) -> None:
        """Let the cursor follow the record that is acted on, wherever its row moves."""
        self._table.hold()


class Pane(UiActionHandler, Vertical, inherit_bindings=False):
    """Shows the records of one kind, and carries out actions on them."""

    SCOPES: ClassVar = (BindingScope.RECORD, BindingScope.PANE, BindingScope.ACT)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.RECORD, BindingScope.PANE, BindingScope.ACT)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, context: AppContext, spec: PaneSpec) -> None:
        super().__init__(id=f"pane-{spec.id}", classes=_classes(spec))
        self.context = context
        self.spec = spec
        self.table = RecordTable(context, spec)
        self.selection = PaneSelection(context, self.table)
        self._header = TableHeader(context, self.table)
        self._filter = PaneFilter(self, self.table, self.update_labels)
        self.action_groups = (
            RecordCommands(self, self.selection),
            RecordHistory(self, self.selection),
            AlertCommands(self, self.selection),
            RecordActions(self, self.selection),
            self._filter,
            PaneSort(self, self.table, self._columns_changed),
        )
        self._placeholder = ""

    def compose(self) -> ComposeResult:
        """Lay out title, column titles, the table, and the text in place of an empty one."""
        yield PaneTitle(self.context, self.spec, self.table)
        yield self._header
        yield self.table
        yield Static(markup=False, classes="word")

    def on_mount(self) -> None:
        """Show the text in place of the table while that is empty."""
        self.call_after_refresh(self.update_labels)

    def on_resize(self) -> None:
        """Leave out the titles of the columns where there is hardly room for rows."""
        width, height = self.size
        compact = bool(self.spec.compact) and width < MIN_WIDE and height < MIN_FULL_HEIGHT
        self.set_class(compact or height < MIN_TITLED_HEIGHT, "-flat")
        self.table.set_compact(compact=compact or height < MIN_TITLED_HEIGHT)

    @property
    def needed_height(self) -> int:
        """The lines that it takes to show everything; a filter that is typed changes nothing."""
        if self._placeholder:
            return 1 + len(self._placeholder.splitlines())
        titles = 0 if self.has_class("-flat") and self.table.is_compact else 1
        return 1 + titles + max(1, self.table.model.total)

    def set_active(self, *, current: bool) -> None:
        """Show by a bar and a sign, not only by colour, whether keys are about this pane."""
        self.query_one(PaneTitle).set_active(current=current)
        self.table.set_active(current=current)

    # --- updates ---------------------------------------------------------------------------------

    def board_changed(self, delta: BoardDelta) -> None:
        """Show what has changed."""
        kind = self.spec.kind
        if delta.touches(kind):
            changed = frozenset(delta.changed.get(kind, ()))
            removed = frozenset(delta.removed.get(kind, ()))
            self.table.update_records(changed, removed)
        self.update_labels()

    def tick(self) -> None:
        """Redraw the ages that read differently."""
        self.table.tick()
        self.query_one(PaneTitle).redraw()

    def restyle(self) -> None:
        """Redraw in other styles."""
        self.table.restyle()
        self.update_labels()

    def update_labels(self) -> None:
        """Bring title, column titles and the text in place of the table up to date."""
        sources = self.context.board.sources()
        text = table_placeholder(self.spec, self.table.model, sources)
        self.set_class(bool(text), "-empty")
        if text != self._placeholder:  # an update would lay out, and send, the whole screen
            self._placeholder = text
            self.query_one(".word", Static).update(text)
        self.query_one(PaneTitle).redraw()

    @on(RecordTable.ColumnsResized)
    def _columns_changed(self) -> None:
        self._header.refresh()

    # --- actions ---------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible in this pane now."""
        if action.id == "pane.unmark" and not self.table.marks:
            return "no row is marked"
        if hidden := self._why_hidden(action):
            return hidden
        if action.id in {"pane.mark", "pane.mark_all"} and not len(self.table.model):
            return "there is no row"
        return super().disabled_reason(action)

    def _why_hidden(self, action: UiAction) -> str:
        """Return that nothing is selected where the filter hides all marked rows."""
        about_marks = action.scope is BindingScope.ACT or action.id in _FOR_MARKS
        if not about_marks or not self.table.marks or self.selection.selected_refs():
            return ""
        return "the filter hides what is marked; Esc drops it, U takes the marks away"

    def do_mark(self) -> None:
        """Mark the row under the cursor, or unmark it."""
        self.table.toggle_mark()
        self.update_labels()

    def do_mark_all(self) -> None:
        """Mark all rows that are shown."""
        self.table.mark_all()
        self.update_labels()

    def do_unmark(self) -> None:
        """Unmark all rows."""
        self.table.unmark()
        self.update_labels()

    def clear_filter_or_marks(self) -> bool:
        """Remove the filter, or else the marks. Returns whether there were any."""
        if self.table.model.filter:
            self._filter.apply("")
            return True
        if self.table.marks:
            self.do_unmark()
            return True
        return False

    def cursor_record(self) -> Record | None:
        """Return the record under the cursor."""
        return self.selection.record()


def _classes(spec: PaneSpec) -> str:
    """Return the classes of the pane: one with columns for little room has much to say."""
    if not spec.number:
        return "-numberless"
    return "-wide" if spec.compact else ""


def table_placeholder(spec: PaneSpec, model: RowModel, sources: Sequence[SourceState]) -> str:
    """Return what to read in place of the rows of *model*; nothing where there are some."""
    if len(model):
        return ""
    if model.filter:
        near = model.suggested_filter()
        text = f"None of {model.total:,} matches {model.filter.text!r}"
        return f"{text}{f'; {near}' if near else '.'} Esc drops the filter."
    return empty_table_text(spec, sources)


def empty_table_text(spec: PaneSpec, sources: Sequence[SourceState]) -> str:
    """Return what to read where there are no rows: why, and what can be done."""
    what = spec.title.lower()
    if not sources:
        return f"No source, so no {what}. `opsboard init` writes a config of what is found here."
    kept_back = [source for source in sources if source.has_answered and not source.is_complete]
    lines = [f"No {what} are known yet." if kept_back else f"No {what}."]
    if not all(source.has_answered for source in sources):
        lines = [f"No {what} yet: asking."]
    elif spec.id == "alerts" and not kept_back:
        lines = ["Nothing is wrong."]
    for source in kept_back:
        hint = f" ({source.health.hint})" if source.health.hint else ""
        why = source.health.message or f"no data: {source.health.condition}"
        lines.append(f"{source.name}: {why}{hint}")
    return "\n".join(lines)
