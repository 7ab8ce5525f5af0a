"""A column of a pane."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Record
from opsboard.views.cells import Cell, Role

Show = Callable[[Any, datetime], Cell]
Key = Callable[[Any], Any]


@frozen_unchecked
class Column(Frozen):
    """How one property of a record is shown and sorted.

    *width* is the least it can do with, *most* what it takes if there is room. Of the columns
    that do not fit, the ones with the highest *priority* number are left out first. *ticks* says
    that the cell changes as time passes. *key* gives values of one type that can be compared.
    """

    id: str
    title: str
    show: Show
    key: Key
    width: int
    most: int = 0
    priority: int = 1
    right: bool = False
    ticks: bool = False

    @property
    def widest(self) -> int:
        """The most room that it takes."""
        return max(self.width, self.most)


def text(
    field: str, title: str, width: int, most: int = 0, *, priority: int = 1, name: str = ""
) -> Column:
    """Return a column that shows the attribute *field* as it is."""
    return Column(
        name or field,
        title,
        lambda record, _: Cell(getattr(record, field)),
        lambda record: getattr(record, field).casefold(),
        width,
        most,
        priority,
    )


def number(field: str, title: str, width: int, *, priority: int = 1, quiet: int = 0) -> Column:
    """Return a column that shows an integer; where it is *quiet*, without weight."""

    def show(record: Record, _: datetime) -> Cell:
        value = getattr(record, field)
        return Cell(f"{value:,}", role=Role.MUTED if value == quiet else Role.PLAIN)

    return Column(
        field, title, show, lambda record: getattr(record, field), width, 0, priority, right=True
    )
