"""Which commit contains which, from what hosts of repositories have compared.

The commit that is deployed is often not the one that was merged. Whether it contains that one is
known only where a host has said so, or where it follows from what it has said; else nobody knows,
and that is the answer.
"""

from collections.abc import Iterable, Iterator, Mapping

from opsboard.records import Commit, CommitComparison, Record, Ref
from opsboard.records.identity import repository


class Containment:
    """All comparisons of commits, by repository. Kept up to date like the index."""

    def __init__(self) -> None:
        self._of: dict[str, dict[Ref, CommitComparison]] = {}
        self._scope_of: dict[Ref, str] = {}
        self._saying: dict[tuple[str, str], dict[Ref, Commit]] = {}
        self._said: dict[Ref, tuple[tuple[str, str], ...]] = {}

    def update(self, changed: Iterable[Record], removed: Iterable[Ref] = ()) -> None:
        """Take in comparisons and commits that are new or different; drop those that are gone."""
        for ref in removed:
            self._drop(ref)
        for record in changed:
            if isinstance(record, CommitComparison):
                self._drop(record.ref)
                scope = repository(record.repository)
                self._scope_of[record.ref] = scope
                self._of.setdefault(scope, {})[record.ref] = record
            elif isinstance(record, Commit):
                self._drop(record.ref)
                self._take_message(record)

    def _take_message(self, record: Commit) -> None:
        """Note of which other commits the message of *record* says something."""
        scope = repository(record.repository)
        others = tuple((scope, sha) for sha in {*record.reverts, *record.picked_from})
        for other in others:
            self._saying.setdefault(other, {})[record.ref] = record
        if others:
            self._said[record.ref] = others

    def saying(self, repository_scope: str, sha: str) -> list[Commit]:
        """Return the commits that say that they revert *sha*, or that they are a pick of it."""
        found = self._saying.get((repository_scope, sha), {}).values()
        return sorted(found, key=lambda one: one.ref)

    def _drop(self, ref: Ref) -> None:
        for other in self._said.pop(ref, ()):
            del self._saying[other][ref]
            if not self._saying[other]:
                del self._saying[other]
        scope = self._scope_of.pop(ref, None)
        if scope is not None:
            del self._of[scope][ref]
            if not self._of[scope]:
                del self._of[scope]

    def contains(self, repository_scope: str, inner: str, outer: str) -> bool | None:
        """Tell whether the commit *outer* contains *inner*; ``None`` where that is not known."""
        if inner == outer:
            return True
        facts = self._of.get(repository_scope, {})
        if outer in _containing(facts, inner):
            return True
        outside = self._is_outside(facts, _contained(facts, inner), _containing(facts, outer))
        return False if outside else None

    @staticmethod
    def _is_outside(
        facts: Mapping[Ref, CommitComparison], parts: set[str], wholes: set[str]
    ) -> bool:
        """Tell whether something in *parts* is known not to be in something of *wholes*.

        What contains one of the former, and is contained in one of the latter, cannot be.
        """
        for one in facts.values():
            if one.ahead > 0 and one.head in parts and one.base in wholes:
                return True
            if one.behind > 0 and one.base in parts and one.head in wholes:
                return True
        return False

    def waiting(self, repository_scope: str, deployed: str, wanted: str) -> int:
        """Return how many commits of *wanted* are not in *deployed*; -1 where it is not known."""
        if deployed == wanted:
            return 0
        for one in self._of.get(repository_scope, {}).values():
            if (one.base, one.head) == (deployed, wanted) and one.ahead >= 0:
                return one.ahead
            if (one.head, one.base) == (deployed, wanted) and one.behind >= 0:
                return one.behind
        return -1


def _containing(facts: Mapping[Ref, CommitComparison], commit: str) -> set[str]:
    """Return the commits that contain *commit*, itself among them."""
    return _reach(commit, [(lower, upper) for lower, upper in _steps(facts)])


def _contained(facts: Mapping[Ref, CommitComparison], commit: str) -> set[str]:
    """Return the commits that *commit* contains, itself among them."""
    return _reach(commit, [(upper, lower) for lower, upper in _steps(facts)])


def _steps(facts: Mapping[Ref, CommitComparison]) -> Iterator[tuple[str, str]]:
    """Yield pairs of commits of which the second contains the first."""
    for one in facts.values():
        if one.head_contains_base:
            yield one.base, one.head
        if one.base_contains_head:
            yield one.head, one.base


def _reach(start: str, steps: list[tuple[str, str]]) -> set[str]:
    found, front = {start}, {start}
    while front:
        front = {to for at, to in steps if at in front} - found
        found |= front
    return found
