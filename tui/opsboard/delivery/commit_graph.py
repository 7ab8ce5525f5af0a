"""Which commits contain which, for questions about many at once.

It concludes what :class:`opsboard.lineage.containment.Containment` does from the same comparisons,
and walks each of them once for a question instead of once for a pair of commits.
"""

from collections.abc import Iterable, Mapping

from opsboard.records import CommitComparison


class CommitGraph:
    """What the host of one repository has compared."""

    def __init__(self, comparisons: Iterable[CommitComparison] = ()) -> None:
        self._below: dict[str, set[str]] = {}
        self._above: dict[str, set[str]] = {}
        self._not_in: dict[str, set[str]] = {}
        """A commit -> those that are known not to be in it, directly."""
        for one in comparisons:
            self.add(one)

    def add(self, one: CommitComparison) -> None:
        """Take in a comparison."""
        if one.head_contains_base:
            self._put(one.base, one.head)
        if one.base_contains_head:
            self._put(one.head, one.base)
        if one.ahead > 0:
            self._not_in.setdefault(one.base, set()).add(one.head)
        if one.behind > 0:
            self._not_in.setdefault(one.head, set()).add(one.base)

    def _put(self, lower: str, upper: str) -> None:
        self._below.setdefault(upper, set()).add(lower)
        self._above.setdefault(lower, set()).add(upper)

    def inside(self, commit: str) -> set[str]:
        """Return the commits that *commit* is known to contain, itself among them."""
        return _reached({commit}, self._below)

    def outside(self, commit: str) -> set[str]:
        """Return the commits that are known not to be in *commit*.

        What contains one that is not in something that contains *commit*, is not in *commit*.
        """
        found: set[str] = set()
        for upper in _reached({commit}, self._above):
            found |= self._not_in.get(upper, set())
        return _reached(found, self._above)

    def contains(self, inner: str, outer: str) -> bool | None:
        """Tell whether *outer* contains *inner*; ``None`` where that is not known."""
        if inner in self.inside(outer):
            return True
        return False if inner in self.outside(outer) else None


def _reached(start: set[str], steps: Mapping[str, set[str]]) -> set[str]:
    found, front = set(start), set(start)
    while front:
        front = {to for at in front for to in steps.get(at, ())} - found
        found |= front
    return found
