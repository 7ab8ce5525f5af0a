"""How wide the columns of a table have to be, by what has been seen of its rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from opsboard.kinds.columns import Cell, Column
from opsboard.records import Record
from opsboard.ui.render.table_cells import cell_width
from opsboard.views.layout import PlacedColumn
from opsboard.views.rows import RowModel

WIDTH_SAMPLE: Final = 60
"""Rows that are measured to find the width of a column."""

STEADY: Final = 4
"""Columns of the screen by which a cell may get shorter without the others moving."""


class ColumnWidths:
    """The widths that the columns of *model* need for the widest cells seen, by their ids."""

    def __init__(self, model: RowModel) -> None:
        self._model = model
        self._needed: dict[str, int] = {}

    def forget(self) -> None:
        """Begin again: the rows are others now, or the room is."""
        self._needed.clear()

    def measure(self, columns: Sequence[Column], now: datetime) -> Sequence[int]:
        """Return how wide *columns* are for some of the rows.

        What was wide once stays so, unless all rows are known to need much less.
        """
        count = len(self._model)
        step = max(1, count // WIDTH_SAMPLE)
        found = [self._model.record(row) for row in range(0, count, step)]
        records = [record for record in found if record is not None]
        for column in columns:
            needed, known = self._width(column, records, now), self._needed.get(column.id, 0)
            if step > 1 or known - needed <= STEADY:
                needed = max(needed, known)
            if column is self._model.column:
                needed = max(needed, len(column.title) + 1)  # its sign
            self._needed[column.id] = needed
        return [self._needed[column.id] for column in columns]

    def _width(self, column: Column, records: Iterable[Record], now: datetime) -> int:
        """Return how wide *column* would be for *records*; at least its most where it is more."""
        widest = 0
        for record in records:
            widest = max(widest, cell_width(self._model.cell(column, record, now)))
            if widest >= column.widest:
                break
        return widest

    def grow(self, columns: Sequence[PlacedColumn], cells: Sequence[Cell]) -> bool:
        """Make room for *cells* of a row that was not measured; return whether any needs more."""
        grown = False
        for (column, width), cell in zip(columns, cells, strict=True):
            wide = cell_width(cell) if width < column.widest else 0
            if wide > max(width, self._needed.get(column.id, 0)):
                self._needed[column.id] = wide
                grown = True
        return grown
