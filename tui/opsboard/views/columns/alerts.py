"""Columns of alerts."""

from datetime import datetime

from opsboard.records import Alert, AlertState
from opsboard.views.ages import age
from opsboard.views.cells import Cell, Role
from opsboard.views.column import Column, text
from opsboard.views.columns.common import ENVIRONMENT, MESSAGE, NAME, REASON, SOURCE, STATUS, aged


def _kind(alert: Alert, _: datetime) -> Cell:
    word = alert.about.kind.replace("-", " ") if alert.about else "source"
    return Cell(word, role=Role.MUTED)


def _state(alert: Alert, now: datetime) -> Cell:
    if alert.state is AlertState.SNOOZED and alert.until:
        return Cell(f"snoozed {age(now, alert.until)}", role=Role.MUTED)
    known = alert.state is AlertState.ACKNOWLEDGED
    return Cell("known" if known else "open", role=Role.MUTED if known else Role.PLAIN)


COLUMNS = (
    STATUS,
    NAME,
    Column("kind", "kind", _kind, lambda a: a.about.kind if a.about else "", 6, 13, 3),
    REASON,
    ENVIRONMENT,
    MESSAGE,
    Column("state", "state", _state, lambda a: a.state, 5, 14, 2, ticks=True),
    aged("since", "since"),
    text("id", "id", 8, 30, priority=9),
    SOURCE,
)
