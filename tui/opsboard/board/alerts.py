"""When something is wrong: from a record, or a source's health, to an alert.

What of a kind of record is an alert is declared with the kind: :class:`opsboard.kinds.AlertRule`.
A rule of a third party may raise anything: then its record is no alert, and the log says why.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from opsboard.adapter import Condition
from opsboard.board.source_state import SourceState
from opsboard.kinds.registry import KINDS
from opsboard.kinds.rules import AlertRule, AlertRules, AlertSeries
from opsboard.records import Alert, Kind, Record, Ref, Status

__all__ = ["AlertRules", "AlertSeries"]

T = TypeVar("T")


def alerting_kinds() -> tuple[Kind, ...]:
    """Return the kinds of record that can raise an alert."""
    return tuple(kind.name for kind in KINDS if kind.alert is not None)


def series_of(record: Record, rules: AlertRules) -> AlertSeries | None:
    """Return the series that *record* is part of, or ``None`` where it never alerts."""
    return _ask(record, lambda rule: rule.series(record, rules), None)


def latest_verdict(series: Iterable[Record]) -> Record | None:
    """Return the latest record of *series* that came to an end, good or bad."""
    return max(filter(_has_verdict, series), key=_position, default=None)


def _has_verdict(record: Record) -> bool:
    return _ask(record, lambda rule: rule.has_verdict(record), False)


def _position(record: Record) -> tuple[float, int, str]:
    return _ask(record, lambda rule: rule.position(record), (0.0, 0, record.id))


def is_recovered(record: Record) -> bool:
    """Tell whether *record* is well again, so that its next failure is news."""
    return _ask(record, lambda rule: rule.has_recovered(record), False)


def is_run_again(series: Iterable[Record], verdict: Record | None) -> bool:
    """Tell whether one of *series* that is later than its *verdict* is being run again.

    What it said before stands meanwhile: no earlier run knows better.
    """
    return any(
        _is_retried(record)
        for record in series
        if verdict is None or _position(record) > _position(verdict)
    )


def _is_retried(record: Record) -> bool:
    return _ask(record, lambda rule: rule.is_retried(record), False)


def alert_ref(record: Record) -> Ref:
    """Return under which ref a failure of *record*, as it stands now, is acknowledged."""
    return _ask(record, lambda rule: rule.alert_ref(record), record.ref)


def alert_of(record: Record, at: datetime) -> Alert | None:
    """Return the alert that *record* raises, or ``None`` where all is well."""
    return _ask(record, lambda rule: rule.alert(record, at), None)


def _ask(record: Record, question: Callable[[AlertRule[Any]], T], otherwise: T) -> T:
    """Return what the rule for *record* answers; *otherwise* where there is none.

    A third party's rule never raises: see :mod:`opsboard.kinds.guard`.
    """
    kind = KINDS.of(record)
    return otherwise if kind is None or kind.alert is None else question(kind.alert)


def alert_of_source(state: SourceState, at: datetime) -> Alert | None:
    """Return the alert for a source that cannot tell what happens."""
    health = state.worst_health
    if health.condition.status is not Status.FAILED:
        return None
    if state.health.condition is Condition.PARTIAL:
        shown, others = state.health, 0  # its message counts the scopes already
    else:
        shown, others = health, len(state.failing_scopes) - 1
    also = f" (and {others} more of its parts)" if others > 0 else ""
    hint = f"; {shown.hint}" if shown.hint else ""
    return Alert(
        source=state.name,
        id=f"source:{health.condition}",
        name=state.title,
        status=Status.FAILED,
        reason=health.condition.value,
        message=f"{shown.message}{also}{hint}",
        since=at,
    )
