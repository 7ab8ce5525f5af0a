"""What changed before it went red: the changes before a failure, the likeliest first.

Never a verdict: what stands first is near in the joins and in time, and no more is claimed. The
score of a change is a product of three parts, each between 0 and 1:

*nearness*: by the joins (:mod:`opsboard.lineage`), from the thing itself outward, each step of
a solid edge a fifth less. A candidate edge, a namesake, what a cluster needs itself (its DNS, its
network), the same namespace or environment is no join: it counts as farther than any usual chain,
and is marked. What is of another environment counts a quarter.

*closeness in time*: 1 at the moment itself, a half after the time that failures of this kind take
to show: minutes for what runs, hours for what is measured now and then.

*prior*: a change of what a thing is or is made of (version, alias, configuration, an act) before
one of its size, before a build or a new version that need not be live, before what only tells how
something else does, which may well be another symptom of the same.

Two things change that. What changes over and over, as the size of what an autoscaler holds, is
seldom the cause: of the same sort of change to the same record, each further one counts a half, a
third and so on. And configuration and images are read when a pod starts: for such a change that is
joined, time runs from the first start of a pod of the failed thing after it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.likeness import is_infrastructure, is_namesake, own_name, place_of
from opsboard.history.model import Gap, Transition
from opsboard.history.ranking_weights import (
    CANDIDATE_JOIN,
    ELSEWHERE,
    HALF,
    INFRASTRUCTURE,
    NAMESAKE,
    OTHER_ENVIRONMENT,
    PRIORS,
    READ_AT_START,
    SAME_ENVIRONMENT,
    SAME_NAMESPACE,
    SOON,
    STEP,
    reach_of,
    window_of,
)
from opsboard.history.releases import Releases
from opsboard.history.timeline import (
    TimelineEvent,
    TimelineGap,
    event_of,
    event_of_activity,
    merged_gaps,
)
from opsboard.history.undo import Undo, undo_of, undo_of_activity
from opsboard.records import Activity, Alert, Deployment, Kind, Record, Ref
from opsboard.records.claims import WORKLOAD

SKEW: Final = timedelta(seconds=30)
"""By how much clocks of sources may differ: so much later, and it may still have been before."""


@frozen_unchecked
class Relation(Frozen):
    """How a changed record is joined to the failed one.

    *steps* of solid edges lie between; 0 for itself. *rule* names the way. A *candidate* is joined
    by a guess only: then *steps* does not count.
    """

    steps: int
    rule: str = ""
    candidate: bool = False


@frozen_unchecked
class PriorChange(Frozen):
    """A change before the failure: as a row, how it is joined, and what would take it back.

    *relation* says how, in words. *candidate*: nothing solid joins it. *before* is how long before
    the failure it was. *alike* counts further records to which the same happened: more pods.
    """

    event: TimelineEvent
    relation: str
    candidate: bool
    before: timedelta
    undo: Undo | None
    score: float
    alike: int = 0


@frozen_unchecked
class BeforeRed(Frozen):
    """What changed between *since* and *at*, when *subject* went red; and when nobody looked."""

    subject: Ref
    since: datetime
    at: datetime
    changes: tuple[PriorChange, ...]
    gaps: tuple[TimelineGap, ...]


# --- the ranking ---------------------------------------------------------------------------------


def before_red(
    subject: Record,
    at: datetime,
    transitions: Iterable[Transition],
    *,
    relations: Mapping[Ref, Relation],
    activities: Iterable[Activity] = (),
    act: Activity | None = None,
    one_release: Releases | None = None,
    gaps: Iterable[Gap] = (),
    since: datetime | None = None,
) -> BeforeRed:
    """Return what changed before *subject* went red at *at*, the likeliest first.

    *transitions*, *activities* and *gaps* are of the window, which begins at *since* (by default
    :func:`window_of` before); those outside are left out. Changes of *subject* and of what is
    joined to it are taken from :func:`reach_of` before. *relations* says how records are joined to
    *subject*; one that is not in it is not. Where it is asked what was before *act*, neither that
    nor what it has done is listed. *one_release* says which of *transitions* are of the same one.
    """
    since = since or at - window_of(subject.kind)
    listed = list(transitions)
    starts = _starts_of(subject, listed)
    ranking = _Ranking(subject, at, since, relations, starts, one_release=one_release or Releases())
    ranked = (
        one for one in ranking.changes(listed, activities) if act is None or one.act != act.id
    )
    changes = sorted(_less_for_repeated(ranked), key=_order)
    changes = _once_for_all_alike(changes)
    touching = [gap for gap in gaps if _touches(gap, since, at)]
    return BeforeRed(subject.ref, since, at, tuple(changes), tuple(merged_gaps(touching)))


def _order(change: PriorChange) -> tuple[float, timedelta, str, str]:
    return -change.score, change.before, change.event.what, change.event.change


class _Ranked(NamedTuple):
    """A change, and which others are the same again: ``None`` for what none is."""

    change: PriorChange
    sort: object

    @property
    def act(self) -> str:
        """The act from here that it is, or is the doing of; ``""`` for none."""
        return self.change.event.act


def _less_for_repeated(changes: Iterable[_Ranked]) -> Iterator[PriorChange]:
    """Yield *changes*; of one sort, the likeliest counts whole, the second half, and so on."""
    seen: Counter[object] = Counter()
    for change, sort in sorted(changes, key=lambda one: _order(one.change)):
        if sort is not None:
            seen[sort] += 1
        yield replace(change, score=change.score / max(1, seen[sort]))


def _sort_of(event: TimelineEvent, transition: Transition) -> object:
    """Return what is the same for a change and its repetitions: the record, and what was done.

    To be made larger and to be made smaller are two things.
    """
    if not event.alters:
        return None
    before, after = transition.before, transition.after
    if isinstance(before, Deployment) and isinstance(after, Deployment):
        return event.ref, event.kind, after.desired > before.desired
    return event.ref, event.kind


def _starts_of(subject: Record, transitions: Iterable[Transition]) -> list[datetime]:
    """Return when pods of the workload that *subject* is have started, in the order of time."""
    own = {claim.identity for claim in subject.outputs if claim.type == WORKLOAD}
    return sorted(
        one.at
        for one in transitions
        if one.ref.kind is Kind.POD and one.before is None and one.after is not None
        if any(claim.identity in own for claim in one.after.inputs)
    )


def _once_for_all_alike(changes: Iterable[PriorChange]) -> list[PriorChange]:
    """Return *changes* with one row for the same state of many records of a kind: of pods, say."""
    groups: dict[object, list[PriorChange]] = {}
    for number, change in enumerate(changes):
        event = change.event
        told = (event.ref and event.ref.kind, event.change, event.environment, change.relation)
        groups.setdefault(number if event.alters else told, []).append(change)
    return [replace(group[0], alike=len(group) - 1) for group in groups.values()]


def _touches(gap: Gap, since: datetime, until: datetime) -> bool:
    return (gap.since is None or gap.since < until) and (gap.until is None or gap.until > since)


class _Ranking:
    def __init__(
        self,
        subject: Record,
        at: datetime,
        since: datetime,
        relations: Mapping[Ref, Relation],
        starts: Sequence[datetime],
        *,
        one_release: Releases,
    ) -> None:
        self._subject = subject
        self._at = at
        self._since = since
        self._relations = relations
        self._starts = starts
        self._releases = one_release
        self._half = HALF.get(subject.kind, SOON)

    def changes(
        self, transitions: Iterable[Transition], activities: Iterable[Activity]
    ) -> Iterator[_Ranked]:
        acts = [act for act in activities if act.created_at is not None]
        known = {act.id for act in acts}
        for transition in transitions:
            event = self._releases.apply(transition.seq, event_of(transition))
            if event is None:
                continue
            if transition.act in known or _is_effect(event, acts) or not self._counts(event):
                continue
            record = transition.after or transition.before
            if isinstance(record, Alert) and record.about == self._subject.ref:
                continue  # that is the failure itself
            undo = undo_of(transition.before, transition.after)
            yield _Ranked(self._change(event, record, undo), _sort_of(event, transition))
        for act in acts:
            made = event_of_activity(act)
            if made is not None and self._counts(made):
                yield _Ranked(self._change(made, None, undo_of_activity(act)), None)

    def _counts(self, event: TimelineEvent) -> bool:
        """Tell whether *event* was before, and is more than the failure itself, or progress."""
        begun = event.earliest or event.at
        since = self._at - reach_of(self._subject.kind) if self._is_joined(event) else self._since
        if event.minor or event.at < min(since, self._since) or begun > self._at + SKEW:
            return False
        return event.alters or event.ref != self._subject.ref

    def _is_joined(self, event: TimelineEvent) -> bool:
        if event.ref is None:
            return False
        relation = self._relations.get(event.ref)
        return event.ref == self._subject.ref or bool(relation and not relation.candidate)

    def _felt_for(self, event: TimelineEvent) -> timedelta:
        """Return how long before the failure *event* took effect, as far as is known."""
        at = event.at
        if event.kind in READ_AT_START and self._is_joined(event):
            at = next((one for one in self._starts if at <= one <= self._at), at)
        return max(self._at - at, timedelta())

    def _change(
        self, event: TimelineEvent, record: Record | None, undo: Undo | None
    ) -> PriorChange:
        nearness, words, candidate = self._nearness(event, record)
        before = max(self._at - event.at, timedelta())
        closeness = 1 / (1 + self._felt_for(event) / self._half)
        prior = PRIORS[event.kind]
        return PriorChange(event, words, candidate, before, undo, nearness * closeness * prior)

    def _nearness(self, event: TimelineEvent, record: Record | None) -> tuple[float, str, bool]:
        relation = self._relations.get(event.ref) if event.ref is not None else None
        if event.ref == self._subject.ref:
            return 1.0, "itself", False
        far = OTHER_ENVIRONMENT if self._is_elsewhere(event) else 1.0
        if relation is not None and not relation.candidate:
            return STEP**relation.steps * far, relation.rule, False
        if relation is not None:
            return CANDIDATE_JOIN * far, f"candidate: {relation.rule}", True
        for weight, words, holds in self._guesses(event, record):
            if holds:
                return weight * far, words, True
        return ELSEWHERE, "not joined", True

    def _is_elsewhere(self, event: TimelineEvent) -> bool:
        here = self._subject.environment
        return bool(here and event.environment and here != event.environment)

    def _guesses(
        self, event: TimelineEvent, record: Record | None
    ) -> Iterator[tuple[float, str, bool]]:
        """Yield what else may join *event* to the subject, the nearest first."""
        subject = self._subject
        within = record is not None and place_of(record) == place_of(subject) != ("", "")
        named = record is not None and is_namesake(own_name(record), own_name(subject))
        environment = bool(subject.environment) and event.environment == subject.environment
        yield NAMESAKE, "not joined: a like name in the same place", named and within
        yield NAMESAKE, "not joined: a like name", named and not self._is_elsewhere(event)
        shared = record is not None and is_infrastructure(record, subject)
        yield INFRASTRUCTURE, "not joined: of the cluster itself", shared
        yield SAME_NAMESPACE, "not joined: the same namespace", within
        yield SAME_ENVIRONMENT, "not joined: the same environment", environment


_EFFECT: Final = timedelta(minutes=2)


def _is_effect(event: TimelineEvent, acts: Sequence[Activity]) -> bool:
    """Tell whether *event* is what an act from here has done: the act stands for both."""
    return event.alters and any(
        act.about == event.ref
        and act.created_at is not None
        and timedelta() <= event.at - act.created_at <= _EFFECT
        for act in acts
    )
