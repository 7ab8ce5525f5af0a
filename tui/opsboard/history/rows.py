"""How times, flags and names stand in the rows of the ledger."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final

BASELINE: Final = 1
BACKFILLED: Final = 2
"""Flags of a transition."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_EXACT: Final = 2**51
"""Microseconds up to which a double has all of them: the way through it is the quick one."""


def micros(time: datetime) -> int:
    """Return *time* as whole microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def moment(number: int) -> datetime:
    """Undo :func:`micros`."""
    if 0 < number < _EXACT:
        return datetime.fromtimestamp(number / 1_000_000, UTC)
    return _EPOCH + timedelta(microseconds=number)


def who_text(actor: str, act: str, rule: str) -> str:
    """Return who did it, and how its time is known, as a column has them; ``""`` for neither."""
    parts = [actor, act, rule]
    while parts and not parts[-1]:
        parts.pop()
    return json.dumps(parts, ensure_ascii=False) if parts else ""


def who_parts(text: str) -> tuple[str, str, str]:
    """Undo :func:`who_text`."""
    parts: list[str] = json.loads(text) if text else []
    actor, act, rule = (*parts, "", "", "")[:3]
    return actor, act, rule
