"""What records stated of themselves, and for how long: kept both ways, for walks at a time.

A claim is a row: an identity, the record that states it as its input or output, and the time for
which it did. From a record to its identities there is an index, from an identity to the records
that make it or are made of it the table itself: a walk is one recursive question.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Record, Ref
from opsboard.records.claims import Identity, Strength

DEPTH: Final = 8
"""Steps that a walk takes at most."""


@frozen_unchecked
class RecordedEdge(Frozen):
    """*downstream* stated at the time that it was made of *identity*, which *upstream* makes.

    *rule* and *strength* are those of the weaker of the two statements.
    """

    upstream: Ref
    downstream: Ref
    identity: Identity
    rule: str
    strength: Strength


def note_claims(database: sqlite3.Connection, entity: int, at: int, record: Record | None) -> None:
    """Note what *entity* states from *at* on: what *record* does, or nothing."""
    open_rows = database.execute(
        "SELECT identity, output, rule, strength, since FROM claim"
        " WHERE entity = ? AND until IS NULL",
        (entity,),
    ).fetchall()
    stated = dict(_stated(database, record)) if record is not None else {}
    known = {row[:4]: row[4] for row in open_rows}
    for row, since in known.items():
        if row not in stated:
            database.execute(
                "UPDATE claim SET until = ? WHERE identity = ? AND output = ? AND entity = ?"
                " AND since = ?",
                (at, row[0], row[1], entity, since),
            )
    for identity, output, rule, strength in stated.keys() - known.keys():
        database.execute(
            "INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?, NULL, ?, ?)",
            (identity, output, entity, at, rule, strength),
        )


def _stated(
    database: sqlite3.Connection, record: Record
) -> Iterator[tuple[tuple[int, int, str, int], None]]:
    for output, claims in enumerate((record.inputs, record.outputs)):
        for claim in claims:
            found = (
                database.execute(
                    "SELECT id FROM identity WHERE type = ? AND scope = ? AND value = ?",
                    claim.identity,
                ).fetchone()
                or database.execute(
                    "INSERT INTO identity (type, scope, value) VALUES (?, ?, ?) RETURNING id",
                    claim.identity,
                ).fetchone()
            )
            yield (found[0], output, claim.rule, claim.strength.rank), None


def walk_claims(
    database: sqlite3.Connection, entity: int, time: int, depth: int, *, downstream: bool
) -> list[tuple[Any, ...]]:
    """Return the edges from *entity* on, up to *depth* steps, as they were stated at *time*.

    A row is: upstream and downstream entity, identity, and rule and strength of both statements.
    Candidates are walked like others: whoever shows them says what they are.
    """
    here, there = (1, 0) if downstream else (0, 1)
    return database.execute(
        """
        WITH RECURSIVE walk (entity, depth) AS (
            VALUES (:entity, 0)
            UNION
            SELECT b.entity, walk.depth + 1 FROM walk
            JOIN claim a ON a.entity = walk.entity AND a.output = :here
                AND a.since <= :time AND (a.until IS NULL OR a.until > :time)
            JOIN claim b ON b.identity = a.identity AND b.output = :there
                AND b.since <= :time AND (b.until IS NULL OR b.until > :time)
            WHERE walk.depth < :depth
        )
        SELECT DISTINCT
            iif(:here, a.entity, b.entity), iif(:here, b.entity, a.entity), a.identity,
            a.rule, a.strength, b.rule, b.strength
        FROM (SELECT entity FROM walk WHERE depth < :depth GROUP BY entity) w
        JOIN claim a ON a.entity = w.entity AND a.output = :here
            AND a.since <= :time AND (a.until IS NULL OR a.until > :time)
        JOIN claim b ON b.identity = a.identity AND b.output = :there
            AND b.since <= :time AND (b.until IS NULL OR b.until > :time)
        """,
        {"entity": entity, "time": time, "depth": depth, "here": here, "there": there},
    ).fetchall()


def recorded_edges(
    database: sqlite3.Connection,
    names: Mapping[int, str],
    start: int,
    time: int,
    depth: int,
    *,
    downstream: bool = False,
) -> list[RecordedEdge]:
    """Return the edges on the way from the entity *start*, of the sources with *names* only."""
    rows = walk_claims(database, start, time, depth, downstream=downstream)
    return [edge for row in rows if (edge := _edge(database, names, row)) is not None]


def _edge(
    database: sqlite3.Connection, names: Mapping[int, str], row: Sequence[Any]
) -> RecordedEdge | None:
    upstream, downstream = (_ref_of(database, names, number) for number in row[:2])
    if upstream is None or downstream is None:
        return None
    (rule, strength), (other_rule, other) = tuple(row[3:5]), tuple(row[5:7])
    identity = Identity(
        *database.execute(
            "SELECT type, scope, value FROM identity WHERE id = ?", (row[2],)
        ).fetchone()
    )
    weaker = rule if strength <= other else other_rule
    ranks = {one.rank: one for one in Strength}
    return RecordedEdge(upstream, downstream, identity, weaker, ranks[min(strength, other)])


def _ref_of(database: sqlite3.Connection, names: Mapping[int, str], entity: int) -> Ref | None:
    """Return what *entity* is called now; ``None`` where it is of nobody who asks."""
    source, kind, record = database.execute(
        "SELECT source, kind, record FROM entity WHERE id = ?", (entity,)
    ).fetchone()
    name = names.get(source)
    return Ref(name, Kind(kind), record) if name is not None else None
