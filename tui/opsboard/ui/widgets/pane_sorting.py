"""Sorting a pane by any of its columns."""

from textual.widget import Widget

from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.app_host import host_of
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.widgets.table_header import TableHeader
from opsboard.views.panes import PaneSpec


class PaneSorting(Widget):
    """A pane whose rows can be sorted."""

    spec: PaneSpec

    @property
    def table(self) -> RecordTable:
        """The table."""
        raise NotImplementedError

    def do_sort(self, name: str) -> None:
        """Sort by the column called *name*; by the same one again, the other way round."""
        column = self.spec.column(name)
        if column is None:
            known = did_you_mean_or_list(name, [column.id for column in self.spec.columns])
            host_of(self).show_notice(f"no column {name!r}; {known}", wrong=True)
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
