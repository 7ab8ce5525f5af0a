"""Raises and clears the alerts on the board as records and sources change."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from opsboard.board.alert_acks import AckChange, AlertAcks
from opsboard.board.alerts import (
    AlertRules,
    AlertSeries,
    alert_of,
    alert_of_source,
    alert_ref,
    alerting_kinds,
    is_recovered,
    is_run_again,
    latest_verdict,
    series_of,
)
from opsboard.board.delta import BoardDelta, DeltaBuilder
from opsboard.board.source_tracking import TrackedSource
from opsboard.records import Alert, AlertState, Kind, Record, Ref, Status


class AlertManager:
    """Derives alerts from what changed, each with its acknowledgement or snooze.

    It writes into the board's own table of alerts, which also has those that a source sends
    itself; *tables* is shared with the board.
    """

    def __init__(
        self, tables: Mapping[Kind, dict[Ref, Record]], acks: AlertAcks, rules: AlertRules
    ) -> None:
        self._tables = tables
        self._acks = acks
        self._rules = rules
        self._series_of: dict[Ref, AlertSeries] = {}
        self._members: dict[AlertSeries, set[Ref]] = {}
        self._raised: dict[AlertSeries, Ref] = {}
        self._snoozed: dict[Ref, datetime] = {}

    @property
    def _alerts(self) -> dict[Ref, Record]:
        return self._tables[Kind.ALERT]

    def update(
        self, builder: DeltaBuilder, sources: Mapping[str, TrackedSource], at: datetime
    ) -> None:
        """Raise and clear alerts for what *builder* says has changed; add their changes to it."""
        touched: set[AlertSeries] = set()
        for kind in alerting_kinds():
            changed, removed = builder.touched(kind)
            for ref in changed:
                touched.update(self._add_to_series(ref))
            for ref in removed:
                touched.update(self._remove_from_series(ref))
        for series in touched:
            self._evaluate(series, at, builder)
        for name in tuple(builder.sources):
            self._evaluate_source(name, sources.get(name), at, builder)
        self.end_snoozes(at, builder)

    def with_ack(self, alert: Alert, at: datetime) -> Alert:
        """Return *alert* in the state that users gave it: open, acknowledged or snoozed."""
        state, until = self._acks.state_of(alert.ref, at)
        if until is not None:
            self._snoozed[alert.ref] = until
        if (state, until) == (alert.state, alert.until):
            return alert
        return replace(alert, state=state, until=until)

    # --- acknowledging ---------------------------------------------------------------------------

    def change_state(self, change: AckChange) -> BoardDelta:
        """Acknowledge, snooze or open again the alert that *change* is about, and tell who asks."""
        if change.state is AlertState.ACKNOWLEDGED:
            self._acks.acknowledge(change.ref, change.at)
        elif change.state is AlertState.SNOOZED and change.until is not None:
            self._acks.snooze(change.ref, change.until)
            self._snoozed[change.ref] = change.until
        else:
            self._acks.clear(change.ref)
        builder = DeltaBuilder()
        self._set_state(change.ref, change.state, change.until, builder)
        alert = cast("Alert | None", self._alerts.get(change.ref))
        self._acks.on_change(replace(change, alert=alert))
        return builder.build()

    def _end_ack(self, ref: Ref, at: datetime) -> None:
        """Drop what was said about the alert *ref*, which has ended: its next failure is news."""
        if self._acks.clear(ref):
            self._acks.on_change(AckChange(ref, at, AlertState.OPEN))

    def _set_state(
        self, ref: Ref, state: AlertState, until: datetime | None, builder: DeltaBuilder
    ) -> None:
        if state is not AlertState.SNOOZED:
            self._snoozed.pop(ref, None)
        alert = cast("Alert | None", self._alerts.get(ref))
        if alert is None or (alert.state, alert.until) == (state, until):
            return
        self._alerts[ref] = replace(alert, state=state, until=until)
        builder.mark_changed(ref)

    def end_snoozes(self, now: datetime, builder: DeltaBuilder) -> None:
        """Open the alerts again whose snooze has ended by *now*."""
        for ref in [ref for ref, until in self._snoozed.items() if until <= now]:
            self._set_state(ref, AlertState.OPEN, None, builder)

    # --- series of records -----------------------------------------------------------------------

    def _add_to_series(self, ref: Ref) -> Iterable[AlertSeries]:
        """Put *ref* into the series that it now belongs to; return the series that this changes."""
        series = series_of(self._tables[ref.kind][ref], self._rules)
        before = self._series_of.get(ref)
        left = self._remove_from_series(ref) if before is not None and before != series else ()
        if series is None:
            return left
        self._series_of[ref] = series
        self._members.setdefault(series, set()).add(ref)
        return (*left, series)

    def _remove_from_series(self, ref: Ref) -> tuple[AlertSeries, ...]:
        series = self._series_of.pop(ref, None)
        if series is None:
            return ()
        members = self._members[series]
        members.discard(ref)
        if not members:
            del self._members[series]
        return (series,)

    def _evaluate(self, series: AlertSeries, at: datetime, builder: DeltaBuilder) -> None:
        members = [self._tables[ref.kind][ref] for ref in self._members.get(series, ())]
        verdict = latest_verdict(members)
        if is_run_again(members, verdict):
            return
        alert = alert_of(verdict, at) if verdict else None
        well = verdict is not None and is_recovered(verdict)
        if verdict is not None and well:
            self._end_ack(alert_ref(verdict), at)
        self._raise(series, alert, well, at, builder)

    def _evaluate_source(
        self, name: str, source: TrackedSource | None, at: datetime, builder: DeltaBuilder
    ) -> None:
        alert = alert_of_source(source.state(), at) if source else None
        well = source is not None and source.state().status is Status.OK
        self._raise(("", name), alert, well, at, builder)

    def _raise(
        self,
        series: AlertSeries,
        alert: Alert | None,
        well: bool,
        at: datetime,
        builder: DeltaBuilder,
    ) -> None:
        """Replace the alert of *series* by *alert*, or clear it.

        Once the series is *well* again, its acknowledgement is dropped: the next failure is news.
        """
        before = self._raised.get(series)
        if before is not None and (alert is None or alert.ref != before):
            self._clear(series, before, builder)
            if well:
                self._end_ack(before, at)
        if alert is not None:
            self._raised[series] = alert.ref
            self._post(alert, at, builder)

    def _clear(self, series: AlertSeries, ref: Ref, builder: DeltaBuilder) -> None:
        del self._raised[series]
        self._snoozed.pop(ref, None)
        if self._alerts.pop(ref, None) is not None:
            builder.mark_removed(ref)

    def _post(self, alert: Alert, at: datetime, builder: DeltaBuilder) -> None:
        ref = alert.ref
        known = cast("Alert | None", self._alerts.get(ref))
        if known is not None:
            alert = replace(alert, since=min(known.since, alert.since))  # it may be told late
        alert = self.with_ack(alert, at)
        if alert != known:
            self._alerts[ref] = alert
            builder.mark_changed(ref)
