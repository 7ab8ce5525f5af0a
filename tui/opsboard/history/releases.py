"""One release that two have told of: the cluster that runs it, and the CI server that deployed it.

They are one row with two witnesses where both come to the same commit by solid joins, in one
environment, and the roll-out lies between the beginning of the deployment and its end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from opsboard.history.change_kind import ChangeKind
from opsboard.history.change_summary import summarize
from opsboard.history.model import Transition
from opsboard.history.timeline import TimelineEvent
from opsboard.lineage.index import LineageIndex
from opsboard.lineage.origin import origin_of
from opsboard.lineage.rollout import is_rolling_out
from opsboard.records import Deployment, Identity, Ref, Status
from opsboard.records.claims import WORKLOAD

SKEW: Final = timedelta(seconds=30)
"""By how much the clocks of two servers may differ."""


class Releases(NamedTuple):
    """*witnesses* are the deployments of a CI server that tell of the roll-out with a number.

    *covered* are the numbers of the transitions that say nothing more than that.
    """

    witnesses: Mapping[int, Transition] = {}
    covered: frozenset[int] = frozenset()

    def apply(self, seq: int, event: TimelineEvent) -> TimelineEvent | None:
        """Return the row *event* of the transition *seq*; ``None`` where another row has it."""
        if seq in self.covered:
            return None
        other = self.witnesses.get(seq)
        if other is None or event.ref is None:
            return event
        return replace(
            event,
            change=f"{event.change}, by {other.ref.source} too",
            who=event.who or other.actor,
            witnesses=(event.ref, other.ref),
        )


class _Told(NamedTuple):
    """What a CI server said of one deployment, and between when it was under way."""

    transitions: tuple[Transition, ...]
    record: Deployment
    since: datetime
    until: datetime


def releases(transitions: Iterable[Transition], make_index: Callable[[], LineageIndex]) -> Releases:
    """Return which of *transitions* are of one release. The joins are asked for if need be."""
    listed = [one for one in transitions if isinstance(one.after, Deployment)]
    rolled = [one for one in listed if _is_roll_out(one)]
    deployed = _deployments(one for one in listed if not _is_workload(one.after))
    if not rolled or not deployed:
        return Releases()
    index = make_index()
    witnesses: dict[int, Transition] = {}
    covered: set[int] = set()
    for one in rolled:
        ours = [set(origin_of(index, state).commits) for state in _settled(one, listed)]
        same = [other for other in deployed if _is_then_and_there(one, other)]
        same = [other for other in same if _commit_of(index, other) in ours]
        if same:
            nearest = min(same, key=lambda other: abs(other.since - one.at))
            witnesses[one.seq] = nearest.transitions[-1]
            covered.update(said.seq for said in nearest.transitions if _says_no_more(said))
    return Releases(witnesses, frozenset(covered))


def _is_workload(record: object) -> bool:
    return isinstance(record, Deployment) and any(
        claim.type == WORKLOAD for claim in record.outputs
    )


def _is_roll_out(one: Transition) -> bool:
    if not (_is_workload(one.before) and _is_workload(one.after)):
        return False
    return summarize(one.before, one.after, progress=False).kind is ChangeKind.DEPLOY


def _deployments(transitions: Iterable[Transition]) -> Sequence[_Told]:
    by_ref: dict[Ref, list[Transition]] = {}
    for one in transitions:
        by_ref.setdefault(one.ref, []).append(one)
    found = []
    for said in by_ref.values():
        said.sort(key=lambda one: one.at)
        record = said[-1].after
        if isinstance(record, Deployment):
            begun = record.created_at or said[0].earliest or said[0].at
            found.append(_Told(tuple(said), record, begun, said[-1].at))
    return found


def _settled(one: Transition, listed: Iterable[Transition]) -> Iterator[Deployment]:
    """Yield the states of what was rolled out by *one* in which nothing else runs any more."""
    for other in listed:
        record = other.after
        if other.ref != one.ref or other.at < one.at or not isinstance(record, Deployment):
            continue
        if record.revision == getattr(one.after, "revision", "") and not is_rolling_out(record):
            yield record


def _is_then_and_there(one: Transition, other: _Told) -> bool:
    environment = one.after.environment if one.after is not None else ""
    if not environment or environment != other.record.environment:
        return False
    return other.since - SKEW <= one.at and (one.earliest or one.at) <= other.until + SKEW


def _commit_of(index: LineageIndex, told: _Told) -> set[Identity] | None:
    """Return the commit that was deployed, where it is known for sure."""
    found = set(origin_of(index, told.record).commits)
    return found if len(found) == 1 else None


def _says_no_more(one: Transition) -> bool:
    """Tell whether it is but the deployment's course: that it failed is news of its own."""
    return one.after is not None and one.after.status is not Status.FAILED
