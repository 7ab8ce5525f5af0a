"""Columns of what was done to the world from here."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.kinds.columns import (
    ENVIRONMENT,
    MESSAGE,
    STATUS,
    Cell,
    Column,
    age_column,
    text_column,
)
from opsboard.kinds.declaration import BoardKind
from opsboard.records import Activity, Kind


def _change(act: Activity, _: datetime) -> Cell:
    """Of ``revision 14`` and ``revision 12``, the word is said once."""
    word = act.before.rpartition(" ")[0]
    after = act.after.removeprefix(f"{word} ") if word else act.after
    return Cell(" → ".join(filter(None, (act.before, after))))


def _state(act: Activity, _: datetime) -> Cell:
    """A count stands for what is under way; how it ended stands for the rest."""
    count = f" {act.done}/{act.total}" if act.total and act.finished_at is None else ""
    return Cell(f"{act.state}{count}", act.status)


COLUMNS = (
    STATUS,
    text_column("action", "action", 8, 14, priority=0),
    text_column("target", "target", 16, 44, priority=0),
    Column("state", "state", _state, lambda a: a.state, 11, 15, 0),
    Column("change", "change", _change, lambda a: (a.before, a.after), 16, 40, 1),
    replace(MESSAGE, width=16, priority=2),
    text_column("actor", "by", 6, 20, priority=3),
    text_column("cause", "reason", 10, 30, priority=4),
    replace(ENVIRONMENT, priority=5),
    age_column("created_at"),
)

ACTIVITY: Final = BoardKind(
    Kind.ACTIVITY, Activity, title="Activity", plural="activities", columns=COLUMNS, order="age",
    search=(
        "action", "target", "state", "actor", "cause", "before", "after", "message", "environment"
    ),
    pane="activity", aliases=("activities", "acts"), cached=False, in_status=False,
    from_sources=False, heartbeat=("updated_at", "message", "done", "total"),
    dated_by=("finished_at",), actor="actor", stands_for=lambda activity: (activity.about,),
)  # fmt: skip
