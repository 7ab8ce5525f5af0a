"""When alerts were raised and resolved, by what is known of the records: from the same rules.

The ledger holds what sources tell, and no alerts: those follow from the rules of the kinds
(:mod:`opsboard.board.alerts`), which may have changed since.
"""

from collections.abc import Iterable, Iterator

from opsboard.board.alerts import (
    AlertRules,
    AlertSeries,
    alert_of,
    latest_verdict,
    series_of,
)
from opsboard.history.model import Transition
from opsboard.history.timeline import TimelineEvent, event_of_alert
from opsboard.records import Alert, Record


def alert_events(transitions: Iterable[Transition], rules: AlertRules) -> Iterator[TimelineEvent]:
    """Yield what *transitions*, in the order of time, have raised and resolved.

    Of a series of several records, such as the runs of a workflow, what was before the first of
    *transitions* is not known: then nothing is resolved that was not raised within.
    """
    verdicts: dict[AlertSeries, Record] = {}
    for transition in transitions:
        record = transition.after or transition.before
        series = series_of(record, rules) if record is not None else None
        if record is None or series is None:
            continue
        if series == record.ref:
            before, after = transition.before, transition.after
        else:
            before = verdicts.get(series)
            after = latest_verdict(filter(None, (before, transition.after)))
            if after is not None:
                verdicts[series] = after
        yield from _difference(_alert(before, transition), _alert(after, transition), transition)


def _alert(record: Record | None, transition: Transition) -> Alert | None:
    """Return the alert that *record* is, where it has come to an end, good or bad."""
    verdict = latest_verdict(filter(None, (record,)))
    return alert_of(verdict, transition.at) if verdict is not None else None


def _difference(
    before: Alert | None, after: Alert | None, transition: Transition
) -> Iterator[TimelineEvent]:
    if (before and before.ref) == (after and after.ref):
        return
    if before is not None:
        yield event_of_alert(before, transition.at, resolved=True)
    if after is not None:
        yield event_of_alert(after, transition.at)
