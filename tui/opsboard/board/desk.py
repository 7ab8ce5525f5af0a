"""The alerts desk: keeps the alerts on the board in step with what they are about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from opsboard.board.alerts import (
    ALERTING,
    AlertRules,
    Series,
    alert_of,
    alert_of_source,
    is_rerun,
    notice_of,
    recovered,
    series_of,
    verdict_of,
)
from opsboard.board.delta import Delta, Tally
from opsboard.board.notices import Notices
from opsboard.board.standing import Standing
from opsboard.records import Alert, AlertState, Kind, Record, Ref, Status


class Desk:
    """Derives alerts from what changed, and lays over each what was said about it.

    It writes into the board's own table of alerts, where those that a source sends itself
    are too; *tables* is shared with the board.
    """

    def __init__(
        self, tables: Mapping[Kind, dict[Ref, Record]], notices: Notices, rules: AlertRules
    ) -> None:
        self._tables = tables
        self._alerts = tables[Kind.ALERT]
        self._notices = notices
        self._rules = rules
        self._series_of: dict[Ref, Series] = {}
        self._members: dict[Series, set[Ref]] = {}
        self._raised: dict[Series, Ref] = {}
        self._snoozed: dict[Ref, datetime] = {}

    def review(self, tally: Tally, standings: Mapping[str, Standing], at: datetime) -> None:
        """Bring the alerts up to date with what *tally* says has changed."""
        touched: set[Series] = set()
        for kind in ALERTING:
            changed, removed = tally.touched(kind)
            for ref in changed:
                touched.update(self._join(ref))
            for ref in removed:
                touched.update(self._leave(ref))
        for series in touched:
            self._judge(series, at, tally)
        for name in tuple(tally.sources):
            self._judge_source(name, standings.get(name), at, tally)
        self.wake(at, tally)

    def marked(self, alert: Alert, at: datetime) -> Alert:
        """Return *alert* with what was said about it."""
        state, until = self._notices.said(alert.ref, at)
        if until is not None:
            self._snoozed[alert.ref] = until
        if (state, until) == (alert.state, alert.until):
            return alert
        return replace(alert, state=state, until=until)

    # --- what users say --------------------------------------------------------------------------

    def acknowledge(self, ref: Ref, at: datetime) -> Delta:
        """Note that somebody knows of the alert *ref*."""
        self._notices.acknowledge(ref, at)
        return self._show(ref, AlertState.ACKNOWLEDGED, None)

    def snooze(self, ref: Ref, until: datetime) -> Delta:
        """Silence the alert *ref* until *until*."""
        self._notices.snooze(ref, until)
        self._snoozed[ref] = until
        return self._show(ref, AlertState.SNOOZED, until)

    def reopen(self, ref: Ref) -> Delta:
        """Take back what was said about the alert *ref*."""
        self._notices.forget(ref)
        return self._show(ref, AlertState.OPEN, None)

    def _show(self, ref: Ref, state: AlertState, until: datetime | None) -> Delta:
        tally = Tally()
        self._mark(ref, state, until, tally)
        return tally.delta()

    def _mark(self, ref: Ref, state: AlertState, until: datetime | None, tally: Tally) -> None:
        if state is not AlertState.SNOOZED:
            self._snoozed.pop(ref, None)
        alert = cast("Alert | None", self._alerts.get(ref))
        if alert is None or (alert.state, alert.until) == (state, until):
            return
        self._alerts[ref] = replace(alert, state=state, until=until)
        tally.change(ref)

    def wake(self, now: datetime, tally: Tally) -> None:
        """Open the alerts again whose snooze has ended by *now*."""
        for ref in [ref for ref, until in self._snoozed.items() if until <= now]:
            self._mark(ref, AlertState.OPEN, None, tally)

    # --- what records say ------------------------------------------------------------------------

    def _join(self, ref: Ref) -> Iterable[Series]:
        """Put *ref* into the series that it is in now; return the series this touches."""
        series = series_of(self._tables[ref.kind][ref], self._rules)
        before = self._series_of.get(ref)
        left = self._leave(ref) if before is not None and before != series else ()
        if series is None:
            return left
        self._series_of[ref] = series
        self._members.setdefault(series, set()).add(ref)
        return (*left, series)

    def _leave(self, ref: Ref) -> tuple[Series, ...]:
        series = self._series_of.pop(ref, None)
        if series is None:
            return ()
        members = self._members[series]
        members.discard(ref)
        if not members:
            del self._members[series]
        return (series,)

    def _judge(self, series: Series, at: datetime, tally: Tally) -> None:
        if self._is_tried_again(series):
            return
        members = self._members.get(series, ())
        verdict = verdict_of(self._tables[ref.kind][ref] for ref in members)
        alert = alert_of(verdict, at) if verdict else None
        well = verdict is not None and recovered(verdict)
        if verdict is not None and well:
            self._notices.forget(notice_of(verdict))
        self._raise(series, alert, well, at, tally)

    def _is_tried_again(self, series: Series) -> bool:
        """Tell whether the failure that *series* alerts of is being run again."""
        raised = self._raised.get(series)
        alert = cast("Alert | None", self._alerts.get(raised)) if raised else None
        about = alert.about if alert else None
        return about is not None and is_rerun(self._tables[about.kind].get(about))

    def _judge_source(
        self, name: str, standing: Standing | None, at: datetime, tally: Tally
    ) -> None:
        alert = alert_of_source(standing.state(), at) if standing else None
        well = standing is not None and standing.state().status is Status.OK
        self._raise(("", name), alert, well, at, tally)

    def _raise(
        self, series: Series, alert: Alert | None, well: bool, at: datetime, tally: Tally
    ) -> None:
        """Let *alert* be the one of *series*; being *well* again makes the next one news."""
        before = self._raised.get(series)
        if before is not None and (alert is None or alert.ref != before):
            self._clear(series, before, tally)
            if well:
                self._notices.forget(before)
        if alert is not None:
            self._raised[series] = alert.ref
            self._post(alert, at, tally)

    def _clear(self, series: Series, ref: Ref, tally: Tally) -> None:
        del self._raised[series]
        self._snoozed.pop(ref, None)
        if self._alerts.pop(ref, None) is not None:
            tally.remove(ref)

    def _post(self, alert: Alert, at: datetime, tally: Tally) -> None:
        ref = alert.ref
        known = cast("Alert | None", self._alerts.get(ref))
        if known is not None:
            alert = replace(alert, since=known.since)
        alert = self.marked(alert, at)
        if alert != known:
            self._alerts[ref] = alert
            tally.change(ref)
