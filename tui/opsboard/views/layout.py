"""How wide the columns of a table are drawn."""

from collections.abc import Sequence
from typing import NamedTuple

from opsboard.views.column import Column

GAP = 1


class Placed(NamedTuple):
    """A column with the width it gets."""

    column: Column
    width: int


def lay_out(columns: Sequence[Column], needed: Sequence[int], room: int) -> tuple[Placed, ...]:
    """Return the columns that fit into *room*, each as wide as is *needed* if there is room.

    *needed* holds what the content of each column would take. A column of which nothing would be
    seen is left out; so are, from the highest priority number down, those that do not fit.
    """
    wanted = [
        (column, min(column.widest, max(need, len(column.title))))
        for column, need in zip(columns, needed, strict=True)
        if need or column.priority == 0
    ]
    while len(wanted) > 1 and _least(wanted) > room:
        wanted.remove(max(wanted, key=lambda item: item[0].priority))
    return _share(wanted, room)


def _least(wanted: Sequence[tuple[Column, int]]) -> int:
    return sum(min(column.width, want) for column, want in wanted) + GAP * (len(wanted) - 1)


def _share(wanted: Sequence[tuple[Column, int]], room: int) -> tuple[Placed, ...]:
    """Give each column its least, then what is left to those that want more, in their order."""
    widths = [min(column.width, want) for column, want in wanted]
    left = room - sum(widths) - GAP * (len(widths) - 1)
    by_priority = sorted(range(len(wanted)), key=lambda at: wanted[at][0].priority)
    for at in by_priority:
        more = max(0, min(left, wanted[at][1] - widths[at]))
        widths[at] += more
        left -= more
    if left < 0:
        widths[-1] = max(1, widths[-1] + left)
    return tuple(Placed(column, width) for (column, _), width in zip(wanted, widths, strict=True))
