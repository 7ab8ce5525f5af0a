"""What counts how much in the order of what changed before a failure.

How the three parts make a score is told in :mod:`opsboard.history.before_red`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from opsboard.history.change_kind import ChangeKind
from opsboard.records import Kind

STEP: Final = 0.8
CANDIDATE_JOIN: Final = 0.3
NAMESAKE: Final = 0.25
INFRASTRUCTURE: Final = 0.2
SAME_NAMESPACE: Final = 0.1
SAME_ENVIRONMENT: Final = 0.05
ELSEWHERE: Final = 0.015
OTHER_ENVIRONMENT: Final = 0.25

PRIORS: Final[Mapping[ChangeKind, float]] = {
    ChangeKind.ACT: 1.0,
    ChangeKind.DEPLOY: 1.0,
    ChangeKind.ALIAS: 1.0,
    ChangeKind.APPLY: 1.0,
    ChangeKind.CONFIG: 1.0,
    ChangeKind.IMAGE: 0.7,
    ChangeKind.SWITCH: 0.7,
    ChangeKind.SCALE: 0.7,
    ChangeKind.CHANGE: 0.6,
    ChangeKind.DRIFT: 0.4,
    ChangeKind.BUILD: 0.3,
    ChangeKind.VERSION: 0.3,
    ChangeKind.STATUS: 0.03,
    ChangeKind.ALERT: 0.03,
}
"""What only tells how something does comes last: the pods of a workload fail with it."""

SOON: Final = timedelta(minutes=15)
HALF: Final[Mapping[Kind, timedelta]] = {
    Kind.DRIFT: timedelta(hours=6),
    Kind.MODEL: timedelta(hours=2),
    Kind.MODEL_VERSION: timedelta(hours=2),
    Kind.BUILD: timedelta(minutes=30),
}
"""After how long a change is half as likely, for failures of a kind."""

_WINDOW: Final = timedelta(hours=6)
_WINDOWS: Final[Mapping[Kind, timedelta]] = {
    Kind.DRIFT: timedelta(days=3),
    Kind.MODEL: timedelta(days=1),
    Kind.MODEL_VERSION: timedelta(days=1),
}


READ_AT_START: Final = frozenset({ChangeKind.CONFIG, ChangeKind.IMAGE})
_REACH: Final = timedelta(days=3)
"""A config map that was changed on Friday is read when a node goes away on Sunday."""


def window_of(kind: Kind) -> timedelta:
    """Return how long before the failure of a record of *kind* changes are looked for."""
    return _WINDOWS.get(kind, _WINDOW)


def reach_of(kind: Kind) -> timedelta:
    """Return how long before it changes of what it is joined to are looked for."""
    return max(window_of(kind), _REACH)
