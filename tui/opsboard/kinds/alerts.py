"""Columns of alerts.

A roll-out and the run that deployed it may fail under one name: their sources tell them apart.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.kinds.ages import age, since_epoch
from opsboard.kinds.columns import (
    ENVIRONMENT,
    MESSAGE,
    REASON,
    STATUS,
    Cell,
    CellRole,
    Column,
    age_column,
    concern,
    text_column,
)
from opsboard.kinds.declaration import BoardKind
from opsboard.records import Alert, AlertState, Kind


def _name(alert: Alert, _: datetime) -> Cell:
    """As in the pane of builds, the owner of a repository goes without saying."""
    head, slash, rest = alert.name.partition("/")
    owned = alert.about is not None and alert.about.kind is Kind.BUILD
    return Cell(rest if owned and slash and " " not in head else alert.name)


def _kind(alert: Alert, _: datetime) -> Cell:
    word = alert.about.kind.replace("-", " ") if alert.about else "source"
    return Cell(word, role=CellRole.MUTED)


def _state(alert: Alert, now: datetime) -> Cell:
    if alert.state is AlertState.SNOOZED and alert.until:
        return Cell(f"snoozed {age(now, alert.until)}", role=CellRole.MUTED)
    if alert.state is AlertState.UNKNOWN:
        return Cell("?", role=CellRole.MUTED)
    known = alert.state is AlertState.ACKNOWLEDGED
    return Cell("known" if known else "open", role=CellRole.MUTED if known else CellRole.PLAIN)


def _concern(alert: Alert) -> tuple[bool, int, float]:
    """Order by whether anybody has taken note, then by how bad it is, then by how new."""
    return alert.state is AlertState.OPEN, concern(alert), since_epoch(alert.since)


COLUMNS = (
    replace(STATUS, key=_concern),
    Column("name", "name", _name, lambda a: a.name.casefold(), 14, 40, 0),
    REASON,
    ENVIRONMENT,
    text_column("source", "source", 12, 20, priority=3),
    Column("kind", "kind", _kind, lambda a: a.about.kind if a.about else "", 10, 13, 5),
    replace(MESSAGE, priority=4),
    Column("state", "state", _state, lambda a: a.state, 5, 14, 2, ticks=True),
    age_column("since", "since"),
)

ALERT: Final = BoardKind(
    Kind.ALERT, Alert, title="Alerts", columns=COLUMNS,
    search=("name", "reason", "message", "environment", "source", "state"),
    aliases=("alert", "al"), number=4, heartbeat=("updated_at", "message", "since"),
    dated_by=("since",), stands_for=lambda alert: () if alert.about is None else (alert.about,),
)  # fmt: skip
