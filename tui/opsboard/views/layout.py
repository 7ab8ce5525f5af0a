"""Which columns of a table are drawn, and how wide.

On the board, which ones is decided by the room alone (:func:`fixed_columns`): rows that come and go
never make a column come or go. In a report, which is printed once, by what they hold too
(:func:`fit_columns`).
"""

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

FIXED_COMFORT = 10
"""The same on the board, where a column that stays empty takes room too."""
FAIR_SHARE, FAIR_WIDTH = 4, 26
"""A column wider than one in so many parts of the room, and than a usual name, waits for others."""
SENTENCE, SENTENCE_COMFORT = 60, 30
"""A column that may be so wide holds sentences, which need so much to be read."""


def fixed_columns(columns: Sequence[Column], room: int, sorted_by: str = "") -> tuple[Column, ...]:
    """Return the columns that are shown in *room*, in their order, whatever the rows hold.

    They are taken in by their priority, each only if those before it can be read in comfort. The
    one that rows are *sorted_by* is always among them.
    """
    taken: list[int] = []
    used = -GAP
    for at in sorted(range(len(columns)), key=lambda at: _rank(columns[at], sorted_by)):
        column = columns[at]
        least = _least(column, sorted_by)
        if _rank(column, sorted_by) == 0 or used + GAP + least <= room:
            taken.append(at)
            comfort = SENTENCE_COMFORT if column.widest >= SENTENCE else FIXED_COMFORT
            used += GAP + min(max(least, column.widest), max(least, comfort))
    return tuple(columns[at] for at in sorted(taken))


def _rank(column: Column, sorted_by: str) -> int:
    return 0 if column.id == sorted_by else column.priority


def _least(column: Column, sorted_by: str) -> int:
    """Return the least room for *column*: its title and a sign, where rows are *sorted_by* it."""
    titled = column.title and column.id == sorted_by
    return max(column.width, len(column.title) + 1) if titled else column.width


def place_columns(
    columns: Sequence[Column], needed: Sequence[int], room: int, sorted_by: str = ""
) -> tuple[PlacedColumn, ...]:
    """Return *columns*, all of them, in *room*: each as wide as is *needed* if there is room.

    Those of the highest rank get what they need first: a state is read in full before a title is.
    The title of the one that rows are *sorted_by* is read in full, with the sign for that.
    """
    wanted: list[tuple[Column, int, int]] = []
    for column, need in zip(columns, needed, strict=True):
        least = _least(column, sorted_by)
        most = max(least, column.widest)
        wanted.append((column, least, min(most, max(need, least, len(column.title)))))
    return _share(wanted, room)


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
    return _share(
        [(wanted[at][0], wanted[at][0].width, wanted[at][1]) for at in sorted(taken)], room
    )


def _share(wanted: Sequence[tuple[Column, int, int]], room: int) -> tuple[PlacedColumn, ...]:
    """Give each column its least, then what is left to those that want more, in their order.

    None grows beyond a part of the room before all have had their turn: one very long name would
    leave the other columns at their least. A sentence is read up to where it is cut, a name is not:
    it gets no more than it needs for that before the others have what they want.
    """
    widths = [min(least, want) for _, least, want in wanted]
    left = room - sum(widths) - GAP * (len(widths) - 1)
    by_priority = sorted(range(len(wanted)), key=lambda at: wanted[at][0].priority)
    fair = max(FAIR_WIDTH, room // FAIR_SHARE)
    for most, most_of_sentence in ((fair, min(fair, SENTENCE_COMFORT)), (room, room)):
        for at in by_priority:
            column, _, want = wanted[at]
            limit = most_of_sentence if column.widest >= SENTENCE else most
            more = max(0, min(left, min(want, limit) - widths[at]))
            widths[at] += more
            left -= more
    if left < 0:
        widths[-1] = max(1, widths[-1] + left)
    return tuple(
        PlacedColumn(column, width) for (column, *_), width in zip(wanted, widths, strict=True)
    )
