"""Which sides of a comparison stand beside each other, where there is no room for all."""

from collections.abc import Sequence
from typing import NamedTuple

from opsboard.adapter import Comparand


def side_title(number: int, side: Comparand) -> str:
    """Return what the column of a side is called."""
    return " ".join(filter(None, (str(number + 1), side.title, side.note)))


class ShownSides(NamedTuple):
    """The sides that have one of the *columns*, of *total*: the first, with which the others are
    compared, and those from the one at *start* on."""

    start: int
    columns: int
    total: int

    @classmethod
    def of(cls, start: int, room: int, total: int) -> "ShownSides":
        """Return those from *start* on, or the nearest to it, where there is *room* for so many.

        Two are shown in any case, since one alone compares nothing.
        """
        columns = min(total, max(2, room))
        return cls(max(1, min(start, total - columns + 1)), columns, total)

    @property
    def numbers(self) -> Sequence[int]:
        """The sides by their numbers, from 0 on."""
        return [0, *range(self.start, self.start + self.columns - 1)]

    @property
    def is_all(self) -> bool:
        """Whether no side is left out."""
        return self.columns >= self.total

    @property
    def has_before(self) -> bool:
        """Whether sides are left out between the first and the next."""
        return self.start > 1

    @property
    def has_after(self) -> bool:
        """Whether sides are left out behind the last."""
        return self.start + self.columns - 1 < self.total

    def text(self) -> str:
        """Return which they are, of how many: ``sides 1, 4-6 of 10``."""
        first, last = self.start + 1, self.start + self.columns - 1
        if not self.has_before:
            return f"sides 1-{last} of {self.total}"
        others = f"{first}-{last}" if last > first else f"{first}"
        return f"sides 1, {others} of {self.total}"
