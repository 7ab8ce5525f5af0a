"""Which deployments failed, how that is known, and when it was over.

*Rolled back* is certain: the version was taken back. *Replaced* is inferred: an alert was raised
within some hours of the deployment, and was still open when another new version began to be rolled
out. *Open* is a failure that goes on: such an alert, and no other version yet. What became well by
itself needed nobody, and has not failed.

A failure is over when the first version after it is live that has not failed itself and, where an
alert says that it failed, that alert is resolved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from opsboard.delivery.alert_spans import AlertSpan
from opsboard.delivery.lane import Step, StepKind
from opsboard.frozen import Frozen, frozen_unchecked

FIX_WITHIN: Final = timedelta(hours=24)
"""How long after a deployment an alert may be raised to be held against it."""


class DeliveryVerdict(Enum):
    """What became of a deployment."""

    STANDS = "stands"
    ROLLED_BACK = "rolled back"
    REPLACED = "replaced"
    OPEN = "open"

    @property
    def has_failed(self) -> bool:
        return self is not DeliveryVerdict.STANDS


@frozen_unchecked
class JudgedStep(Frozen):
    """*step* with its *verdict*, and *why* it is that.

    *failed_at* is when the failure began: when the version was live, or of an attempt, when it was
    begun. *recovered_at* is ``None`` for one that goes on. *unplanned*: it is a rollback, or came
    in place of what had failed. *alert* is what says so, where an alert does.
    """

    step: Step
    verdict: DeliveryVerdict = DeliveryVerdict.STANDS
    why: str = ""
    failed_at: datetime | None = None
    recovered_at: datetime | None = None
    unplanned: bool = False
    alert: AlertSpan | None = None

    @property
    def is_certain(self) -> bool:
        """Whether that it failed is more than inferred."""
        return self.verdict is DeliveryVerdict.ROLLED_BACK


_JUDGED: Final = frozenset({StepKind.DEPLOYMENT, StepKind.ATTEMPT})


def judged(
    steps: Sequence[Step], alerts: Iterable[AlertSpan] = (), fix_within: timedelta = FIX_WITHIN
) -> tuple[JudgedStep, ...]:
    """Return the verdicts on *steps* of one lane, in their order.

    The whole of the lane is looked at, whatever window is asked for: an alert is held against the
    one version that was there when it was raised, or against none.
    """
    judge = _Judge(steps, sorted(alerts, key=lambda span: span.since), fix_within)
    found = {at: judge.of(at) for at in range(len(steps) - 1, -1, -1)}
    return tuple(
        replace(one, unplanned=one.step.kind is StepKind.ROLLBACK or at in judge.fixes)
        for at, one in sorted(found.items())
    )


class _Judge:
    """Asked of each step of a lane, from the last to the first: what came after one is known."""

    def __init__(
        self, steps: Sequence[Step], spans: Sequence[AlertSpan], fix_within: timedelta
    ) -> None:
        self.fixes: set[int] = set()
        """Places of the steps that came in place of what had failed."""
        self._steps, self._spans, self._fix_within = steps, spans, fix_within
        self._found: dict[int, JudgedStep] = {}

    def of(self, at: int) -> JudgedStep:
        """Return the verdict on the step at the place *at*."""
        step = self._steps[at]
        if step.kind not in _JUDGED:
            found = JudgedStep(step, why=_why_not_judged(step))
        else:
            found = self._judge(step, self._after(at), self._next_began(at))
        self._found[at] = found
        return found

    def _after(self, at: int) -> int | None:
        """Return the place of what took the version at *at* back, or came in its place."""
        number = self._steps[at].number
        for later in range(at + 1, len(self._steps)):
            step = self._steps[later]
            if step.kind is StepKind.DEPLOYMENT and step.number != number:
                return later
            if step.kind is StepKind.ROLLBACK and step.took_back == number:
                return later
        return None

    def _next_began(self, at: int) -> datetime | None:
        """Return when the next other version began: what is raised from then on may be of that."""
        number = self._steps[at].number
        after = (one for one in self._steps[at + 1 :] if one.number != number)
        then = next(after, None)
        return None if then is None else then.began if then.is_exact else then.at

    def _judge(self, step: Step, after: int | None, limit: datetime | None) -> JudgedStep:
        is_attempt = step.kind is StepKind.ATTEMPT
        failed_at = step.began if is_attempt else step.at
        then = self._steps[after] if after is not None else None
        if then is not None and then.kind is StepKind.ROLLBACK:
            how = "by an act from here" if then.by_audit else f"to {then.version.label}"
            why = f"rolled back {how}" + (", before it was healthy" if is_attempt else "")
            return JudgedStep(step, DeliveryVerdict.ROLLED_BACK, why, failed_at, then.at)
        alert = self._alert_of(step, then, limit)
        if alert is None and not is_attempt:
            return JudgedStep(step, why="live" if then is None else f"until {then.version.label}")
        said = "it never became healthy" if alert is None else f"alert {alert.text}"
        if then is None or after is None:
            return JudgedStep(step, DeliveryVerdict.OPEN, f"open: {said}", failed_at, alert=alert)
        self.fixes.add(after)
        why = f"inferred: {said}, replaced by {then.version.label}"
        over = self._over(after, then, alert)
        return JudgedStep(step, DeliveryVerdict.REPLACED, why, failed_at, over, alert=alert)

    def _over(self, after: int, then: Step, alert: AlertSpan | None) -> datetime | None:
        """Return when what *then* replaced had recovered; ``None`` where it has not."""
        next_one = self._found[after]
        over = next_one.recovered_at if next_one.verdict.has_failed else then.at
        if alert is None or over is None:
            return over
        return max(over, alert.until) if alert.until is not None else None

    def _alert_of(self, step: Step, then: Step | None, limit: datetime | None) -> AlertSpan | None:
        """Return the first alert that was raised of *step*, and was open when *then* began.

        It was raised before *limit*.
        """
        for span in self._spans:
            if not step.began <= span.since <= step.at + self._fix_within:
                continue
            if limit is not None and span.since >= limit:
                continue
            if span.until is None or (then is not None and span.until >= then.began):
                return span  # *then* often ends it
        return None


def _why_not_judged(step: Step) -> str:
    if step.kind is StepKind.BASELINE:
        return "the first that was seen: not measured"
    if step.kind is StepKind.AGAIN:
        return "it had been there before"
    back = step.previous.label if step.previous is not None else ""
    return f"took {back} back" + (", by an act from here" if step.by_audit else "")
