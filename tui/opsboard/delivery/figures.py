"""The five measures of one lane within a window, each with what it is made of.

As https://dora.dev defines them: change lead time, deployment frequency, failed deployment recovery
time, change fail rate, deployment rework rate. For a model, lead time is from drift to a retrained
version that is live. No lane is measured against another, and none is called good or bad.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from opsboard.delivery.changes import DeliveredChange
from opsboard.delivery.drift_spans import DriftAnswer
from opsboard.delivery.lane import LaneKey, LaneKind, StepKind
from opsboard.delivery.spread import FEWEST, Duration, Share, Spread, spread_of
from opsboard.delivery.verdicts import DeliveryVerdict, JudgedStep
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import Gap

WEEK: Final = timedelta(days=7)


@frozen_unchecked
class DeliveryWindow(Frozen):
    """The time after *since*, until *until*."""

    since: datetime
    until: datetime

    def has(self, at: datetime) -> bool:
        """Tell whether *at* is within."""
        return self.since < at <= self.until

    @property
    def length(self) -> timedelta:
        return self.until - self.since


@frozen_unchecked
class LaneHistory(Frozen):
    """All that is known of a lane, whatever window is asked for.

    *brought* are the changes of each deployment, by its number. *gaps* are when nobody looked at
    any part of it. *first_seen* is when it was first looked at.
    """

    key: LaneKey
    judged: tuple[JudgedStep, ...]
    brought: Mapping[int, Sequence[DeliveredChange]]
    retrainings: tuple[DriftAnswer, ...] = ()
    gaps: tuple[Gap, ...] = ()
    first_seen: datetime | None = None


@frozen_unchecked
class DeployedItem(Frozen):
    """A step within the window, with the *changes* that it brought."""

    judged: JudgedStep
    changes: Sequence[DeliveredChange] = ()


@frozen_unchecked
class LaneFigures(Frozen):
    """The measures of the lane *key* within *window*.

    *lead_time* pools the changes of all deployments (or the drifts of a model), *recovery* all
    failures. *undated* counts deployments that brought no change of which anybody knows when it was
    made, *skewed* the changes that are dated after their deployment, which count as no time at all.
    *weeks* are the deployments of each seven days of the window, the oldest first. *unwatched* is
    for how long nobody looked at some part of it.
    """

    key: LaneKey
    window: DeliveryWindow
    items: tuple[DeployedItem, ...]
    deployments: int
    attempts: int
    rollbacks: int
    lead_time: Spread
    undated: int
    skewed: int
    recovery: Spread
    failed: Share
    rework: Share
    weeks: tuple[int, ...]
    failed_weeks: tuple[int, ...]
    gaps: tuple[Gap, ...]
    unwatched: timedelta
    first_seen: datetime | None = None
    told_later: int = 0
    """Deployments while nobody looked, of which a source told later."""

    @property
    def watched(self) -> timedelta:
        """For how long all parts of it were looked at."""
        return self.window.length - self.unwatched

    @property
    def is_watched(self) -> bool:
        """Whether anybody looked at it within the window, or a source told of it later."""
        return self.watched > timedelta(0) or bool(self.items)

    @property
    def per_week(self) -> float | None:
        """Deployments in a week, of what was watched; ``None`` of too few, or unwatched."""
        counted = self.deployments - self.told_later
        if counted < FEWEST or self.watched <= timedelta(0):
            return None
        return counted / (self.watched / WEEK)


def figures_of(lane: LaneHistory, window: DeliveryWindow) -> LaneFigures:
    """Return the measures of *lane* within *window*: of the deployments that were live in it."""
    within = [one for one in lane.judged if window.has(one.step.at)]
    items = tuple(_item(one, lane) for one in within)
    made = [one for one in within if one.step.kind is StepKind.DEPLOYMENT]
    attempts = [
        one for one in within if one.step.kind is StepKind.ATTEMPT and one.verdict.has_failed
    ]
    rollbacks = [one for one in within if one.step.kind is StepKind.ROLLBACK]
    failures = [one for one in (*made, *attempts) if one.verdict.has_failed]
    unplanned = [one for one in (*made, *rollbacks) if one.unplanned]
    leads = _lead_times(lane, made, window)
    gaps = tuple(one for one in lane.gaps if _clipped(one, window))
    return LaneFigures(
        lane.key,
        window,
        items,
        len(made),
        len(attempts),
        len(rollbacks),
        spread_of([*leads.values, *leads.zeroed]),
        leads.undated,
        len(leads.zeroed),
        spread_of([_recovery(one, window.until) for one in failures]),
        _failed(failures, len(made) + len(attempts)),
        Share(len(unplanned), len(made) + len(rollbacks)),
        _weeks(made, window),
        _weeks(failures, window),
        gaps,
        _unwatched(lane.gaps, window),
        lane.first_seen,
        sum(any(_is_within(gap, one.step.at) for gap in gaps) for one in made),
    )


def _item(one: JudgedStep, lane: LaneHistory) -> DeployedItem:
    brings = one.step.kind is StepKind.DEPLOYMENT
    return DeployedItem(one, tuple(lane.brought.get(one.step.number, ())) if brings else ())


def _failed(failures: Sequence[JudgedStep], whole: int) -> Share:
    certain = sum(one.verdict is DeliveryVerdict.ROLLED_BACK for one in failures)
    inferred = sum(one.verdict is DeliveryVerdict.REPLACED for one in failures)
    return Share(len(failures), whole, certain, inferred, len(failures) - certain - inferred)


# --- durations -----------------------------------------------------------------------------------


class _LeadTimes:
    def __init__(self) -> None:
        self.values: list[Duration] = []
        self.zeroed: list[Duration] = []
        self.undated = 0

    def add(self, seconds: float, *, exact: bool) -> None:
        """Take in one; below zero, a clock was wrong: it is counted, and never dropped."""
        if seconds < 0:
            self.zeroed.append(Duration(0.0, is_exact=False))
        else:
            self.values.append(Duration(seconds, is_exact=exact))


def _lead_times(
    lane: LaneHistory, made: Iterable[JudgedStep], window: DeliveryWindow
) -> _LeadTimes:
    found = _LeadTimes()
    if lane.key.kind is LaneKind.MODEL:
        _add_retrainings(found, lane.retrainings, window)
        return found
    for one in made:
        step = one.step
        dated = [each for each in lane.brought.get(step.number, ()) if each.committed_at]
        found.undated += not dated
        for change in dated:
            if change.committed_at is not None:
                seconds = (step.at - change.committed_at).total_seconds()
                found.add(seconds, exact=step.is_exact)
    return found


def _add_retrainings(
    found: _LeadTimes, retrainings: Iterable[DriftAnswer], window: DeliveryWindow
) -> None:
    for one in retrainings:
        if one.live_at is None:
            taken = (window.until - one.drifted_at).total_seconds()
            found.values.append(Duration(max(0.0, taken), is_open=True))
        elif window.has(one.live_at):
            found.add((one.live_at - one.drifted_at).total_seconds(), exact=True)


def _recovery(one: JudgedStep, until: datetime) -> Duration:
    begun = one.failed_at or one.step.at
    if one.recovered_at is None or one.recovered_at > until:
        return Duration(max(0.0, (until - begun).total_seconds()), True, one.step.is_exact)
    seconds = (one.recovered_at - begun).total_seconds()
    return Duration(max(0.0, seconds), is_exact=one.step.is_exact)


# --- time ----------------------------------------------------------------------------------------


def _weeks(steps: Iterable[JudgedStep], window: DeliveryWindow) -> tuple[int, ...]:
    """Return how many of *steps* are in each seven days that end with the window."""
    count = max(1, -(-window.length // WEEK))
    weeks = [0] * count
    for one in steps:
        weeks[count - 1 - min(count - 1, (window.until - one.step.at) // WEEK)] += 1
    return tuple(weeks)


def _clipped(gap: Gap, window: DeliveryWindow) -> tuple[datetime, datetime] | None:
    since = max(gap.since or window.since, window.since)
    until = min(gap.until or window.until, window.until)
    return (since, until) if since < until else None


def _is_within(gap: Gap, at: datetime) -> bool:
    """Tell whether *at* is in *gap*; what was seen by the look that ended it is not."""
    return (gap.since is None or gap.since < at) and (gap.until is None or at < gap.until)


def _unwatched(gaps: Iterable[Gap], window: DeliveryWindow) -> timedelta:
    """Return how long *gaps* are together within *window*, what overlaps once."""
    total, end = timedelta(0), window.since
    for since, until in sorted(filter(None, (_clipped(gap, window) for gap in gaps))):
        total += max(timedelta(0), until - max(since, end))
        end = max(end, until)
    return total
