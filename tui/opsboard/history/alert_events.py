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
    """Yield what *transitions*, in the order of time, have raised and resolved."""
    series = _SeriesState(rules)
    for transition in transitions:
        yield from series.events(transition)


class _SeriesState:
    """The verdict on each series so far, and its alert."""

    def __init__(self, rules: AlertRules) -> None:
        self._rules = rules
        self._verdicts: dict[AlertSeries, Record] = {}
        self._alerts: dict[AlertSeries, Alert] = {}

    def events(self, transition: Transition) -> Iterator[TimelineEvent]:
        record = transition.after or transition.before
        series = series_of(record, self._rules) if record is not None else None
        if record is None or series is None:
            return
        own = series == record.ref
        if own and series not in self._verdicts and transition.before is not None:
            self._judge(series, transition.before, transition)
        known = self._alerts.pop(series, None)
        found = self._judge(series, transition.after, transition, forget=own)
        if known is not None and (found is None or found.ref != known.ref):
            yield event_of_alert(known, transition.at, resolved=True)
        if found is not None and (known is None or found.ref != known.ref):
            yield event_of_alert(found, transition.at)

    def _judge(
        self,
        series: AlertSeries,
        record: Record | None,
        transition: Transition,
        *,
        forget: bool = False,
    ) -> Alert | None:
        """Take *record* into *series*; return the alert that it has then."""
        if forget:  # a series of one: what it was says nothing any more
            self._verdicts.pop(series, None)
        kept = self._verdicts.get(series)
        verdict = latest_verdict(one for one in (kept, record) if one is not None)
        alert = None
        if verdict is not None:
            self._verdicts[series] = verdict
            alert = alert_of(verdict, transition.at)
        if alert is not None:
            self._alerts[series] = alert
        return alert
