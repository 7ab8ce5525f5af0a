"""When alerts were raised and resolved, each end once.

They follow from what is known of the records, by the rules of the kinds
(:mod:`opsboard.board.alerts`): also of a time that nobody watched, and as of the source's time. The
ledger has those too that the board which recorded has raised, as of when it saw that: also what no
record tells, such as that a source does not answer.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from opsboard.board.alerts import (
    AlertRules,
    AlertSeries,
    alert_of,
    latest_verdict,
    series_of,
)
from opsboard.history.model import Transition
from opsboard.history.timeline import TimelineEvent, event_of_alert
from opsboard.records import Alert, Kind, Record, Ref


class AlertEvents(NamedTuple):
    """*events* are what records tell; *covered* are the numbers of transitions that say no more."""

    events: tuple[TimelineEvent, ...]
    covered: frozenset[int]


SKEW: Final = timedelta(seconds=30)
"""By how much a server's clock may be ahead of the one of who recorded."""


def alert_events(transitions: Sequence[Transition], rules: AlertRules) -> AlertEvents:
    """Return what *transitions*, in the order of time, have raised and resolved.

    They are told as a whole: what one part of them raised, another may have resolved. Of a series
    of several records, such as the runs of a workflow, what was before the first of *transitions*
    is not known: then nothing is resolved that was not raised within.
    """
    ends = list(_ends(transitions, rules))
    return AlertEvents(tuple(map(_event, ends)), frozenset(_recorded(ends, transitions)))


class _End(NamedTuple):
    """That *alert* was raised, or *resolved*, at a time."""

    alert: Alert
    at: datetime
    resolved: bool

    @property
    def key(self) -> tuple[Ref, bool]:
        """What tells this end from the other one, and from those of other failures."""
        return self.alert.ref, self.resolved


def _event(end: _End) -> TimelineEvent:
    return event_of_alert(end.alert, end.at, resolved=end.resolved)


def _recorded(ends: Iterable[_End], transitions: Iterable[Transition]) -> Iterator[int]:
    """Yield the numbers of *transitions* of alerts themselves that are one of *ends* each.

    It was seen at its own time or later, and before the same happened again.
    """
    open_: defaultdict[tuple[Ref, bool], list[datetime]] = defaultdict(list)
    for end in sorted(ends, key=lambda end: end.at):
        open_[end.key].append(end.at)
    for one in transitions:
        if one.ref.kind is not Kind.ALERT or (one.before is None) == (one.after is None):
            continue
        times = open_[one.ref, one.after is None]
        if number := bisect_right(times, one.seen_at + SKEW):
            del times[number - 1]
            yield one.seq


def _ends(transitions: Iterable[Transition], rules: AlertRules) -> Iterator[_End]:
    verdicts: dict[AlertSeries, Record] = {}
    for transition in transitions:
        record = transition.after or transition.before
        series = series_of(record, rules) if record is not None else None
        if record is None or series is None:
            continue
        if series == record.ref:
            before, after = transition.before, transition.after
        else:
            before = verdicts.get(series) or _verdict(transition.before)
            after = _next_verdict(before, transition)
            if after is not None:
                verdicts[series] = after
        yield from _difference(_alert(before, transition), _alert(after, transition), transition)


def _next_verdict(before: Record | None, transition: Transition) -> Record | None:
    """Return what counts of a series after *transition*, and *before* it.

    What counts stays until its own record says otherwise: while a run is tried again, and once it
    is no longer listed.
    """
    if before is not None and before.ref == transition.ref:
        return _verdict(transition.after) or before
    return latest_verdict(filter(None, (before, transition.after)))


def _verdict(record: Record | None) -> Record | None:
    return latest_verdict(filter(None, (record,)))


def _alert(record: Record | None, transition: Transition) -> Alert | None:
    """Return the alert that *record* is, where it has come to an end, good or bad."""
    verdict = _verdict(record)
    return alert_of(verdict, transition.shown_at) if verdict is not None else None


def _difference(
    before: Alert | None, after: Alert | None, transition: Transition
) -> Iterator[_End]:
    if (before and before.ref) == (after and after.ref):
        return
    if before is not None:
        yield _End(before, transition.shown_at, resolved=True)
    if after is not None:
        yield _End(after, transition.shown_at, resolved=False)
