"""Filtering and sorting the table of a pane, and selecting of its rows."""

from collections.abc import Callable, Sequence

from opsboard.records import Ref
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_actions import MAX_TARGETS
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.widgets.prompt import PromptQuestion, open_prompt
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.filter import EVERYTHING, FilterError, fields, parse


class PaneFilter(ActionGroup):
    """Filters *table*; *on_changed* is called afterwards."""

    def __init__(
        self, node: UiActionHandler, table: RecordTable, on_changed: Callable[[], None]
    ) -> None:
        self._node, self._table, self._on_changed = node, table, on_changed
        self._history: list[str] = []

    def do_filter(self, text: str = "") -> None:
        """Filter by *text*, or ask for it; then the rows follow each keystroke."""
        if text:
            if error := self.apply(text):
                self._node.show_notice(error, wrong=True)
            return
        before = self._table.model.filter.text

        def restore() -> None:
            self.apply(before)

        question = PromptQuestion(
            "/",
            on_submit=self.apply,
            text=before,
            on_change=self.apply,
            on_cancel=restore,
            complete=self._complete,
            history=self._history,
        )
        open_prompt(self._node, question)
        self._table.prepare_filter()

    def apply(self, text: str) -> str:
        """Filter by *text*. Returns what is wrong with it; the rows then stay as they are."""
        try:
            chosen = parse(text, self._table.pane) if text.strip() else EVERYTHING
        except FilterError as error:
            return str(error)
        before = self._table.model.filter
        self._table.set_filter(chosen)
        if chosen.problem:
            self._table.set_filter(before)
        self._on_changed()
        return chosen.problem

    def _complete(self, line: str) -> Sequence[str]:
        """Return the lines that *line* could become: the name of a field is completed."""
        head, _, word = line.rpartition(" ")
        if not word or ":" in word or word[0] in '/!"':
            return ()
        names = fields(self._table.pane)
        return [f"{head} {name}:".lstrip() for name in names if name.startswith(word)]


class PaneSort(ActionGroup):
    """Sorts *table* by one of its columns; *on_changed* is called afterwards."""

    def __init__(
        self, node: UiActionHandler, table: RecordTable, on_changed: Callable[[], None]
    ) -> None:
        self._node, self._table, self._on_changed = node, table, on_changed

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the columns."""
        columns = self._table.pane.all_columns
        return [column.id for column in columns] if action.takes == "column" else ()

    def do_sort(self, name: str) -> None:
        """Sort by the column *name*; if it is sorted by that already, in the other direction."""
        pane, model = self._table.pane, self._table.model
        column = pane.column(name)
        if column is None:
            known = did_you_mean_or_list(name, [one.id for one in pane.all_columns])
            self._node.show_notice(f"no column {name!r}; {known}", wrong=True)
            return
        same = column is model.column
        self._sort(column.id, descending=not model.descending if same else False)

    def do_sort_left(self) -> None:
        """Sort by the column to the left."""
        self._sort_beside(-1)

    def do_sort_right(self) -> None:
        """Sort by the column to the right."""
        self._sort_beside(+1)

    def do_reverse(self) -> None:
        """Sort in the other direction."""
        model = self._table.model
        self._sort(model.column.id, descending=not model.descending)

    def _sort_beside(self, step: int) -> None:
        shown = [placed.column.id for placed in self._table.columns]
        if not shown:
            return
        model = self._table.model
        at = shown.index(model.column.id) if model.column.id in shown else 0
        self._sort(shown[(at + step) % len(shown)], descending=model.descending)

    def _sort(self, name: str, *, descending: bool) -> None:
        column = self._table.pane.column(name)
        if column is not None:
            self._table.sort_by(column, descending=descending)
            self._on_changed()


class PaneSelection(RecordSelection):
    """The marked rows of *table* that are shown, or the row under its cursor."""

    can_mark = True

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
