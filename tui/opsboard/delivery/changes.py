"""Which commits a deployment brought to an environment, and when each was made.

A commit was brought where what is live contains it, and what was live before is known not to: as
the hosts of repositories have compared them. One that was squashed, rebased or cherry-picked is the
same change as what it was merged or picked as: it was made when the first of them was, and comes to
an environment once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from opsboard.delivery.commit_graph import CommitGraph
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.origin import origin_of
from opsboard.records import (
    Commit,
    CommitComparison,
    Identity,
    PullRequest,
    Record,
)
from opsboard.records.identity import repository


@frozen_unchecked
class DeliveredChange(Frozen):
    """The commit *sha*, which was made at *committed_at*, as far as that is known.

    *came_as* is the commit that was deployed with it, where that is another one: what it was
    merged or picked as.
    """

    repository: str
    sha: str
    title: str = ""
    committed_at: datetime | None = None
    came_as: str = ""


class DeliveredCommits:
    """What is known of commits: which are there, what contains what, and what is the same change.

    *records* are all of which anything is known, what is gone by now among them.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        listed = list(records)
        self._index = LineageIndex()
        self._index.update(listed)
        self._graphs: dict[str, CommitGraph] = {}
        self._commits: dict[str, dict[str, Commit]] = {}
        self._same: dict[tuple[str, str], set[str]] = {}
        for record in listed:
            self._take(record)

    def _take(self, record: Record) -> None:
        if isinstance(record, Commit):
            scope = repository(record.repository)
            self._commits.setdefault(scope, {})[record.sha] = record
            for other in record.picked_from:
                self._join(scope, record.sha, other)
        elif isinstance(record, PullRequest) and record.merge_commit and record.head:
            self._join(repository(record.repository), record.merge_commit, record.head)
        elif isinstance(record, CommitComparison):
            scope = repository(record.repository)
            self._graphs.setdefault(scope, CommitGraph()).add(record)

    def _join(self, scope: str, one: str, other: str) -> None:
        if not one or not other or one == other:
            return
        both = self._same.get((scope, one), {one}) | self._same.get((scope, other), {other})
        for sha in both:
            self._same[scope, sha] = both

    # --- questions -------------------------------------------------------------------------------

    def heads(self, record: Record | None) -> tuple[Identity, ...]:
        """Return the commits that *record* is made of, by joins that are no guesses."""
        if record is None:
            return ()
        return origin_of(self._index, record).commits

    def is_older(self, record: Record | None, other: Record | None) -> bool:
        """Tell whether all of *record* is known to be contained in *other*, and is not the same."""
        mine, theirs = set(self.heads(record)), set(self.heads(other))
        if not mine or not theirs or mine & theirs:
            return False
        return all(any(self._contains(inner, outer) is True for outer in theirs) for inner in mine)

    def _contains(self, inner: Identity, outer: Identity) -> bool | None:
        if inner.scope != outer.scope:
            return None
        return self._graph(inner.scope).contains(inner.value, outer.value)

    def _graph(self, scope: str) -> CommitGraph:
        return self._graphs.get(scope) or CommitGraph()

    def brought(self, record: Record | None, previous: Record | None) -> Sequence[DeliveredChange]:
        """Return what *record* has and *previous* had not, by the time when it was made.

        Where nobody has compared the two, that is the commit itself that was deployed.
        """
        found: dict[frozenset[str], DeliveredChange] = {}
        before = self.heads(previous)
        for head in self.heads(record):
            if head in before:
                continue
            for sha in self._between(head, before):
                change = self._change(head.scope, sha)
                found.setdefault(frozenset(self._group(head.scope, sha)), change)
        return sorted(found.values(), key=_order)

    def _between(self, head: Identity, before: Iterable[Identity]) -> Iterator[str]:
        """Yield the commits that *head* contains and none of *before* does, *head* itself first."""
        bases = [one.value for one in before if one.scope == head.scope]
        yield head.value
        if not bases:
            return
        graph = self._graph(head.scope)
        known = set[str]().union(*(graph.inside(base) for base in bases))
        new = set.intersection(*(graph.outside(base) for base in bases))
        for sha in sorted(graph.inside(head.value) & new - {head.value}):
            if self._group(head.scope, sha).isdisjoint(known):
                yield sha

    def _group(self, scope: str, sha: str) -> set[str]:
        return self._same.get((scope, sha), {sha})

    def _change(self, scope: str, sha: str) -> DeliveredChange:
        known = self._commits.get(scope, {})
        made = [known[one] for one in self._group(scope, sha) if one in known]
        dated = [one for one in made if one.committed_at is not None]
        first = min(dated, key=lambda one: (one.committed_at, one.sha), default=None)
        record = first or next(iter(sorted(made, key=lambda one: one.sha)), None)
        shown = record.sha if record is not None else sha
        return DeliveredChange(
            scope,
            shown,
            record.name if record is not None else "",
            first.committed_at if first is not None else None,
            sha if shown != sha else "",
        )


def _order(change: DeliveredChange) -> tuple[float, str]:
    at = change.committed_at
    return (at.timestamp() if at is not None else float("inf"), change.sha)


def first_arrivals(
    brought: Mapping[int, Sequence[DeliveredChange]],
) -> Mapping[int, Sequence[DeliveredChange]]:
    """Return what each deployment brought that none before it had, by their numbers in order.

    What was picked to an environment before it came there as itself has come by the pick.
    """
    seen: set[tuple[str, str]] = set()
    found: dict[int, Sequence[DeliveredChange]] = {}
    for number in sorted(brought):
        own = [one for one in brought[number] if (one.repository, one.sha) not in seen]
        seen.update((one.repository, one.sha) for one in own)
        found[number] = own
    return found
