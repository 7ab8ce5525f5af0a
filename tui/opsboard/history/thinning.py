"""Thinning out series of numbers: of what is old, the last value of each hour stays.

A row is part of a series where nothing but numbers differs from the row before it. One at which a
status or a word changes, as a threshold is crossed, stays whatever its age.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from opsboard.frozen import field_hints
from opsboard.history.packing import load_layouts, unpack_values
from opsboard.history.rows import BACKFILLED
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind

HOUR: Final = 3_600 * 1_000_000


def numbers_of(kind: Kind) -> frozenset[str]:
    """Return the fields of the records of *kind* that are numbers measured: floats."""
    declared = KINDS.get(kind)
    if declared is None:
        return frozenset()
    hints = field_hints(declared.record)
    return frozenset(name for name in declared.record.__dataclass_fields__ if hints[name] is float)


def thin_entity(database: sqlite3.Connection, entity: int, kind: str, before: int) -> None:
    """Delete what is older than *before* and says no more than the value after it."""
    numbers = numbers_of(Kind(kind))
    if not numbers:
        return
    rows = database.execute(
        "SELECT at, seq, layout, state, flags FROM transition WHERE entity = ? AND at < ?"
        " AND state IS NOT NULL ORDER BY at, seq",
        (entity, before),
    ).fetchall()
    if len(rows) < 3:
        return
    declared = KINDS.get(Kind(kind))
    ignored = numbers | frozenset(declared.heartbeat if declared else ())
    layouts = load_layouts(database)
    words = [_without(unpack_values(row[3], layouts[row[2]], ""), ignored) for row in rows]
    surplus = [
        (entity, row[0], row[1])
        for row, one, following, other, earlier in zip(
            rows[1:], words[1:], rows[2:], words[2:], words, strict=False
        )
        if row[0] // HOUR == following[0] // HOUR
        and one == other == earlier
        and not row[4] & BACKFILLED
    ]
    database.executemany("DELETE FROM transition WHERE entity = ? AND at = ? AND seq = ?", surplus)


def _without(values: Mapping[str, Any], ignored: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ignored}
