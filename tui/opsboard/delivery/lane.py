"""One service in one environment, or one alias of a model: what was deployed there, in order.

A deployment is a version that was never there before and has become live and healthy. What is there
when somebody first looks is the baseline, and no deployment; so is no deployment what was there
before: going back to it is a rollback, going on to it once more is not. Of several workloads that
get one version, the first to be healthy is the deployment, and the others are of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from opsboard.delivery.sightings import Sighting, SightingState
from opsboard.delivery.versions import DeliveredVersion, VersionOrder
from opsboard.records import Record, Ref


class LaneKind(Enum):
    """What is deployed in a lane."""

    SERVICE = "service"
    MODEL = "model"


class LaneKey(NamedTuple):
    """A *name*, and where: the *environment* of a service, or the alias of a model."""

    kind: LaneKind
    name: str
    environment: str


class StepKind(Enum):
    """What a change of what is live was."""

    BASELINE = "baseline"
    """It was there when somebody first looked."""
    DEPLOYMENT = "deployment"
    ATTEMPT = "attempt"
    """A new version that began to be rolled out, failed, and has not become healthy."""
    ROLLBACK = "rollback"
    AGAIN = "again"
    """A version that had been there before, and is not older than what it replaces."""


@dataclass(slots=True)
class Step:
    """A change of what is live in a lane: *version*, with its *number*, instead of *previous*.

    *began* is when its roll-out was first seen, *at* when it was live and healthy; of an attempt,
    when it began to fail. *inexact* is from when on it may have been so, where that is not known.
    *by_audit*: it is a rollback since it was done as one from here. *took_back* is, of a rollback,
    the number of the version that it took back, which *previous* is then.
    """

    kind: StepKind
    number: int
    version: DeliveredVersion
    began: datetime
    at: datetime
    previous: DeliveredVersion | None = None
    inexact: datetime | None = None
    refs: list[Ref] = field(default_factory=list)
    actor: str = ""
    act: str = ""
    backfilled: bool = False
    by_audit: bool = False
    took_back: int = -1
    record: Record | None = None
    previous_record: Record | None = None

    @property
    def is_exact(self) -> bool:
        return self.inexact is None


@dataclass(slots=True)
class _Part:
    """One workload of a lane: what is *live*, and what is being rolled out instead of it.

    *attempt* is the last of what failed since *live* was told to be so: an attempt, or a deployment
    that is live in another workload.
    """

    live: int | None = None
    record: Record | None = None
    rolling: int | None = None
    began: datetime | None = None
    attempt: Step | None = None


IsRollback = Callable[[Sighting], bool]
"""Tells whether what a sighting says was done as a rollback from here."""
IsOlder = Callable[[Record | None, Record | None], bool]
"""Tells whether all of the first is known to be contained in the second, and is not the same."""


def steps_of(
    sightings: Iterable[Sighting],
    is_rollback: IsRollback = lambda _: False,
    is_older: IsOlder = lambda _, __: False,
) -> tuple[Step, ...]:
    """Return what *sightings* of one lane, in the order of time, come to."""
    lane = _Lane(is_rollback, is_older)
    for one in sightings:
        lane.take(one)
    return tuple(lane.steps)


class _Lane:
    def __init__(self, is_rollback: IsRollback, is_older: IsOlder) -> None:
        self.steps: list[Step] = []
        self._is_rollback, self._is_older = is_rollback, is_older
        self._order = VersionOrder()
        self._parts: dict[Ref, _Part] = {}
        self._were_live: set[int] = set()
        self._baselines: set[int] = set()
        """What workloads had when they were first seen: which of it is older is not known."""

    def take(self, one: Sighting) -> None:
        part = self._parts.setdefault(one.ref, _Part())
        if one.version is None:
            part.rolling = part.began = part.attempt = None
            return
        number = self._order.number(one.version)
        if one.state is SightingState.LIVE:
            self._live(part, number, one)
        elif part.live is not None and number != part.live:
            self._rolling(part, number, one)

    # --- on the way ------------------------------------------------------------------------------

    def _rolling(self, part: _Part, number: int, one: Sighting) -> None:
        if part.rolling != number:
            part.rolling, part.began = number, one.earliest or one.at
        if one.state is SightingState.FAILING:
            is_new = number not in self._were_live
            part.attempt = (
                self._attempt(part, number, one) if is_new else self._elsewhere(number, one)
            )

    def _attempt(self, part: _Part, number: int, one: Sighting) -> Step:
        """Return the attempt that *one* is of; it may have been told of before."""
        for step in reversed(self.steps):
            if step.kind is StepKind.ROLLBACK and step.took_back == number:
                break
            if step.kind is StepKind.ATTEMPT and step.number == number:
                _join(step, one)
                return step
        step = self._step(StepKind.ATTEMPT, part, number, one)
        self.steps.append(step)
        return step

    def _elsewhere(self, number: int, one: Sighting) -> Step | None:
        """Return the deployment that *one* is of, where it is live in another workload alone."""
        made = (step for step in reversed(self.steps) if step.kind is StepKind.DEPLOYMENT)
        step = next((step for step in made if step.number == number), None)
        return step if step is not None and one.ref not in step.refs else None

    def _end_attempts(self, number: int) -> None:
        """What failed on its way and is healthy in the end is a deployment, and no attempt."""
        for at in range(len(self.steps) - 1, -1, -1):
            step = self.steps[at]
            if step.kind is StepKind.ROLLBACK and step.took_back == number:
                return
            if step.kind is StepKind.ATTEMPT and step.number == number:
                del self.steps[at]

    # --- live ------------------------------------------------------------------------------------

    def _live(self, part: _Part, number: int, one: Sighting) -> None:
        if part.live is None:
            self._first(part, number, one)
        elif number == part.live:
            self._stayed(part, number, one)
        else:
            self._changed(part, number, part.live, one)
        part.live, part.record = number, one.record
        part.rolling = part.began = part.attempt = None

    def _first(self, part: _Part, number: int, one: Sighting) -> None:
        """A workload is seen for the first time: the first one of all is the baseline."""
        self._baselines.add(number)
        if not self._were_live:
            self._were_live.add(number)
            self.steps.append(self._step(StepKind.BASELINE, part, number, one))

    def _stayed(self, part: _Part, number: int, one: Sighting) -> None:
        """The live version again: what was tried meanwhile, and failed, was taken back."""
        attempt = part.attempt
        if attempt is None or self._joins(StepKind.ROLLBACK, number, attempt.number, one):
            return
        step = self._step(StepKind.ROLLBACK, part, number, one)
        step.previous, step.took_back = attempt.version, attempt.number
        step.by_audit = self._is_rollback(one)
        self.steps.append(step)

    def _changed(self, part: _Part, number: int, live: int, one: Sighting) -> None:
        kind = self._kind(part, number, live, one)
        taken_back, attempt = live, part.attempt
        if attempt is not None and attempt.number != number:
            taken_back = attempt.number
        if self._joins(kind, number, taken_back, one):
            return
        self._end_attempts(number)
        step = self._step(kind, part, number, one)
        if kind is StepKind.ROLLBACK:
            step.previous, step.took_back = self._order[taken_back], taken_back
            step.by_audit = self._is_rollback(one)
        self._were_live.add(number)
        self.steps.append(step)

    def _kind(self, part: _Part, number: int, live: int, one: Sighting) -> StepKind:
        if {number, live} <= self._baselines or (number in self._were_live and number > live):
            return StepKind.AGAIN
        if number < live or self._is_rollback(one) or self._is_older(one.record, part.record):
            return StepKind.ROLLBACK
        return StepKind.DEPLOYMENT

    def _joins(self, kind: StepKind, number: int, taken_back: int, one: Sighting) -> bool:
        """Tell whether *one* is of a step that another workload has made already."""
        made = (step for step in reversed(self.steps) if step.kind is not StepKind.ATTEMPT)
        step = next(made, None)
        if step is None or step.number != number or one.ref in step.refs:
            return False
        if kind is StepKind.ROLLBACK and (step.kind, step.took_back) != (kind, taken_back):
            return False
        _join(step, one)
        return True

    def _step(self, kind: StepKind, part: _Part, number: int, one: Sighting) -> Step:
        is_rolling = part.rolling == number and part.began is not None
        return Step(
            kind,
            number,
            self._order[number],
            part.began if is_rolling and part.began is not None else one.earliest or one.at,
            one.at,
            None if part.live is None else self._order[part.live],
            one.earliest,
            [one.ref],
            one.actor,
            one.act,
            one.backfilled,
            record=one.record,
            previous_record=part.record,
        )


def _join(step: Step, one: Sighting) -> None:
    if one.ref not in step.refs:
        step.refs.append(one.ref)
