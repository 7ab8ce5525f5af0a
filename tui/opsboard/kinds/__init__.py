"""Kinds of record: what is shown of each, what is an alert, and what is remembered.

Each kind is declared once, by a :class:`RecordKind`: the board's own here, an adapter's in the
adapter. Whatever shows, filters, keeps or counts records asks the declaration; nothing else knows
the kinds by name. :data:`opsboard.kinds.registry.KINDS` has all that are known.
"""

from opsboard.kinds.ages import age, duration
from opsboard.kinds.columns import (
    ENVIRONMENT,
    MESSAGE,
    NAME,
    REASON,
    SOURCE,
    STATUS,
    Cell,
    CellRole,
    Column,
    age_column,
    number_column,
    text_column,
)
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.pane_spec import KindError, PaneSpec
from opsboard.kinds.rules import AlertRule, AlertRules, ChangeRule, FailureRule

__all__ = [
    "ENVIRONMENT",
    "MESSAGE",
    "NAME",
    "REASON",
    "SOURCE",
    "STATUS",
    "AlertRule",
    "AlertRules",
    "Cell",
    "CellRole",
    "ChangeRule",
    "Column",
    "FailureRule",
    "KindError",
    "PaneSpec",
    "RecordKind",
    "age",
    "age_column",
    "duration",
    "number_column",
    "text_column",
]
