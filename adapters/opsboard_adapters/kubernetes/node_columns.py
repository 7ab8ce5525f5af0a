"""Columns of CPU and memory beside those that the server prints of its nodes."""

from collections.abc import Callable, Container, Sequence
from typing import Final

from opsboard.kinds.usage import cpu_text, memory_text
from opsboard_adapters.kubernetes.node_metrics import NodesMeasured, NodeUsage
from opsboard_adapters.kubernetes.printed_tables import (
    TableColumnDefinition,
    TableColumns,
    TableRow,
)

NAMES: Final = (
    "CPU share", "Memory share", "CPU", "Memory", "CPU requested", "Memory requested",
)  # fmt: skip
"""The columns in the order of :func:`node_cells`. Each cell begins with the number to sort by."""
_SHARES: Final = 2
"""Columns that a narrow terminal has room for: what a node is asked about first."""
_DEFINITIONS: Final = tuple(
    TableColumnDefinition(name=name, type="number", priority=-1 if at < _SHARES else 0)
    for at, name in enumerate(NAMES)
)
_UNKNOWN: Final = "<unknown>"
"""What ``kubectl top`` says of a node that the metrics API does not tell of."""


def node_cells(node: NodeUsage) -> tuple[str, ...]:
    """Return the cells of *node* at :data:`NAMES`, ``""`` where nothing is known."""
    used, has, requested = node
    return (
        _share(used.cpu, has.cpu),
        _share(used.memory, has.memory),
        _used(used.cpu, has.cpu, cpu_text),
        _used(used.memory, has.memory, memory_text),
        _requested(requested.cpu, has.cpu, cpu_text),
        _requested(requested.memory, has.memory, memory_text),
    )


def _used(amount: float | None, whole: float | None, write: Callable[[float | None], str]) -> str:
    if amount is None:
        return "" if whole is None else _UNKNOWN
    return write(amount) if whole is None else f"{write(amount)} of {write(whole)}"


def _share(amount: float | None, whole: float | None) -> str:
    return f"{amount / whole:.0%}" if amount is not None and whole else ""


def _requested(
    amount: float | None, whole: float | None, write: Callable[[float | None], str]
) -> str:
    share = _share(amount, whole)
    return f"{write(amount)} ({share})" if share else write(amount)


class NodeColumns:
    """What is measured of the nodes in one table, whose columns go into *columns*.

    A column is there once a row has something to show in it: columns never go again.
    """

    def __init__(self, columns: TableColumns) -> None:
        self._columns = columns
        self._places: list[int | None] = [None] * len(NAMES)
        self._cells: dict[str, tuple[str, ...]] = {}
        self._rows: dict[str, TableRow] = {}
        self.is_measured = False
        self.note = ""

    def take(self, measured: NodesMeasured) -> Sequence[TableRow]:
        """Take in what was *measured*; return the rows that show something else by it."""
        self.note = measured.note
        self.is_measured = self.is_measured or measured.last
        for name, node in measured.nodes.items():
            if node == NodeUsage():
                self._cells.pop(name, None)
            else:
                self._cells[name] = node_cells(node)
        return [row for name in measured.nodes if (row := self._rows.get(name)) is not None]

    def note_row(self, row: TableRow, printed: Sequence[str]) -> tuple[str, ...]:
        """Note *row*, and return the cells that are *printed* of it with its own."""
        self._rows[row.name] = row
        if (own := self._cells.get(row.name)) is None:
            return tuple(printed)
        self._place(own)
        cells = [*printed, *("" for _ in self._columns.columns[len(printed) :])]
        for place, text in zip(self._places, own, strict=True):
            if place is not None:
                cells[place] = text
        return tuple(cells)

    def _place(self, own: Sequence[str]) -> None:
        """Have a column for each of a row's *own* cells; the server's are there by then."""
        for at, definition in enumerate(_DEFINITIONS):
            if self._places[at] is None and own[at]:
                (place,) = self._columns.places([definition])
                self._places[at] = place[0] if place is not None else None

    def forget(self, name: str) -> None:
        """Keep the row of a node no longer."""
        self._rows.pop(name, None)

    def retain(self, names: Container[str]) -> None:
        """Forget the rows of nodes that are not among *names*."""
        self._rows = {name: row for name, row in self._rows.items() if name in names}
