"""Reading the state at a time: of all entities, or of those that differ from another time's.

A state of a time near one that was read before has nearly all rows in common with it. Which ones it
has not are in the index of times; what was written since, by its numbers. Whoever writes otherwise
than by adding rows takes a number that no row has: then all is read again.
"""

import sqlite3
from collections.abc import Callable, Collection, Mapping
from typing import Final

from opsboard.history.model import Gap
from opsboard.history.rows import SEQUENCE
from opsboard.history.state import EntityState, KnownRows, ReadRow, check_row, is_uncertain
from opsboard.records import Kind, Ref

MOST_ALTERED: Final = 1_000
"""Entities that are read one by one; of more, all are."""

_RECENT: Final = 15 * 60 * 1_000_000
"""Microseconds before the latest time within which what is added is looked for."""


def last_number(database: sqlite3.Connection) -> int:
    """Return the last number that a transition was given."""
    row = database.execute("SELECT value FROM counter WHERE name = ?", (SEQUENCE,)).fetchone()
    return row[0] if row is not None else 0


def altered_entities(
    database: sqlite3.Connection, known: KnownRows, before: int, time: int
) -> set[int] | None:
    """Return the entities of which something else may be so at *time* than at *before*.

    Those of *known* were so at *before*. ``None`` where that cannot be told, or is not worth it.
    """
    found = database.execute(
        "SELECT DISTINCT entity FROM transition WHERE at > ? AND at <= ? LIMIT ?",
        (min(before, time), max(before, time), MOST_ALTERED + 1),
    ).fetchall()
    written = last_number(database) - known.last
    if len(found) > MOST_ALTERED or not 0 <= written <= MOST_ALTERED:
        return None
    altered = {row[0] for row in found}
    if written:
        (latest,) = database.execute("SELECT max(at) FROM transition").fetchone()
        rows = database.execute(
            "SELECT entity FROM transition WHERE at > ? AND seq > ?",
            ((latest or 0) - _RECENT, known.last),
        ).fetchall()
        if len(rows) != written:
            return None
        altered |= {row[0] for row in rows}
    return altered


def state_rows(
    database: sqlite3.Connection,
    time: int,
    chosen: str,
    values: Mapping[str, object],
    *,
    as_seen: bool = False,
    numbers: Collection[int] | None = None,
) -> list[sqlite3.Row]:
    """Return a row for each entity that is *chosen*, a condition with *values*.

    With *numbers*, of those only.
    """
    seen = " AND NOT flags & 2 AND at + seen <= :time" if as_seen else ""
    later = "" if as_seen else " AND NOT flags & 1"
    if numbers is not None:
        chosen += f" AND e.id IN ({','.join(map(str, numbers))})"
    return database.execute(
        f"""
        SELECT e.id AS number, e.source, e.kind, e.record, s.name AS scope,
               t.at, t.earliest, t.seen, t.flags, t.who, t.layout, t.state,
               n.at AS next_at, n.earliest AS next_earliest, n.flags AS next_flags,
               n.layout AS next_layout, n.state AS next_state
        FROM entity e JOIN scope s ON s.id = e.scope
        LEFT JOIN transition t ON t.entity = e.id AND (t.at, t.seq) = (
            SELECT at, seq FROM transition WHERE entity = e.id AND at <= :time{seen}
            ORDER BY at DESC, seq DESC LIMIT 1)
        LEFT JOIN transition n ON n.entity = e.id AND (n.at, n.seq) = (
            SELECT at, seq FROM transition WHERE entity = e.id AND at > :time{later}
            ORDER BY at, seq LIMIT 1)
        WHERE {chosen}
        """,  # noqa: S608 - no value is put into it
        {"time": time, **values},
    ).fetchall()


def entity_states(
    rows: Collection[sqlite3.Row],
    names: Mapping[int, str],
    time: int,
    gaps: Mapping[tuple[str, str], Gap],
    read: ReadRow,
    *,
    damaged: Callable[[Ref, Exception], None],
    as_seen: bool,
) -> dict[int, EntityState]:
    """Return the states of *rows* at *time*, by the numbers of the entities.

    What was known then, *as_seen*, is never uncertain. A row that is damaged is left out, and told
    to *damaged*.
    """
    kinds: dict[str, Kind] = {}
    found: dict[int, EntityState] = {}
    for row in rows:
        source, word = names[row["source"]], row["kind"]
        kind = kinds.get(word) or kinds.setdefault(word, Kind(word))
        ref, gap = Ref(source, kind, row["record"]), gaps.get((source, row["scope"]))
        try:
            check_row(row)
        except (ValueError, TypeError, AttributeError) as error:
            damaged(ref, error)
            continue
        found[row["number"]] = EntityState(
            ref, row, read, gap, uncertain=not as_seen and is_uncertain(row, time)
        )
    return found


def carried_over(
    known: KnownRows,
    altered: Collection[int],
    time: int,
    gaps: Mapping[tuple[str, str], Gap],
) -> dict[int, EntityState]:
    """Return the states at *time* of the entities of *known* that are not *altered*."""
    return {
        number: state.seen_at_time(time, gaps.get((state.ref.source, state.scope)))
        for number, state in known.entities.items()
        if number not in altered
    }
