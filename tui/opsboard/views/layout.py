"""How wide the columns of a table are drawn."""

from collections.abc import Sequence
from typing import NamedTuple

from opsboard.kinds.columns import Column

GAP = 1


class PlacedColumn(NamedTuple):
    """A column with the width it gets."""

    column: Column
    width: int


COMFORT = 20
"""Width at which a column reads well enough for others to be shown beside it."""


def fit_columns(
    columns: Sequence[Column], needed: Sequence[int], room: int
) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into *room*, each as wide as is *needed* if there is room.

    *needed* holds what the content of each column would take. A column of which nothing would be
    seen is left out. The others are taken in by their priority, each only if those before it can
    be read in comfort: few columns that can be read are better than many that are cut.
    """
    wanted = [
        (column, min(column.widest, max(need, len(column.title))))
        for column, need in zip(columns, needed, strict=True)
        if need or column.priority == 0
    ]
    taken: list[int] = []
    used = -GAP
    for at in sorted(range(len(wanted)), key=lambda at: wanted[at][0].priority):
        column, want = wanted[at]
        if column.priority == 0 or used + GAP + min(column.width, want) <= room:
            taken.append(at)
            used += GAP + min(want, max(column.width, COMFORT))
    return _share([wanted[at] for at in sorted(taken)], room)


def _share(wanted: Sequence[tuple[Column, int]], room: int) -> tuple[PlacedColumn, ...]:
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
    return tuple(
        PlacedColumn(column, width) for (column, _), width in zip(wanted, widths, strict=True)
    )
