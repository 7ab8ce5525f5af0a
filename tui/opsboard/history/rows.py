"""How times, flags and names stand in the rows of the ledger."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Final

BASELINE: Final = 1
BACKFILLED: Final = 2
"""Flags of a transition."""

SEQUENCE: Final = "seq"
"""The counter of the numbers that transitions are given."""

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


def take_numbers(database: sqlite3.Connection, count: int = 1) -> int:
    """Return the first of *count* numbers that no transition has.

    Whoever changes rows that are there takes one too: what was read of them before is stale, and
    is known to be so by a number that no row has.
    """
    last: int = database.execute(
        "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name)"
        " DO UPDATE SET value = value + excluded.value RETURNING value",
        (SEQUENCE, count),
    ).fetchone()[0]
    return last - count + 1


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
