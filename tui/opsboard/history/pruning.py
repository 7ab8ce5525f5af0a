"""Deleting what is older than a time: what was so *at* that time stays, as the first that is known.

Whatever is deleted is overwritten with zeros (``PRAGMA secure_delete``, see
:mod:`opsboard.history.connection`).
"""

import sqlite3

from opsboard.history.rows import BASELINE, take_numbers


def prune_entity(database: sqlite3.Connection, entity: int, before: int) -> None:
    """Delete what is known of *entity* from before *before*; its state then stays."""
    last = database.execute(
        "SELECT at, seq, layout, state, flags FROM transition WHERE entity = ? AND at < ?"
        " ORDER BY at DESC, seq DESC LIMIT 1",
        (entity, before),
    ).fetchone()
    if last is None:
        return
    at, seq, layout, state, flags = last
    database.execute("DELETE FROM transition WHERE entity = ? AND at < ?", (entity, before))
    if state is not None:
        database.execute(
            "INSERT OR IGNORE INTO transition VALUES (?, ?, ?, 0, ?, ?, '', ?, ?)",
            (entity, before, seq, min(at - before, 0), BASELINE | flags, layout, state),
        )
    elif not database.execute(
        "SELECT 1 FROM transition WHERE entity = ? LIMIT 1", (entity,)
    ).fetchone():
        database.execute("DELETE FROM claim WHERE entity = ?", (entity,))
        database.execute("DELETE FROM entity WHERE id = ?", (entity,))
    database.execute(
        "DELETE FROM claim WHERE entity = ? AND until IS NOT NULL AND until < ?", (entity, before)
    )


def clip_scopes(database: sqlite3.Connection, before: int, source: int | None = None) -> None:
    """Let the scopes, of *source* or of all, be known from *before* on at the earliest.

    Of what was said about an alert, the last before that stays. A scope that nothing is left of,
    and that nobody records, is deleted.
    """
    values = {"before": before, "source": source}
    database.execute(
        "DELETE FROM gap WHERE until <= :before AND scope IN ("
        "SELECT id FROM scope WHERE :source IS NULL OR source = :source)",
        values,
    )
    database.execute(
        "DELETE FROM scope WHERE confirmed < :before AND holder NOT IN (SELECT id FROM writer)"
        " AND NOT EXISTS (SELECT 1 FROM entity WHERE entity.scope = scope.id)"
        " AND NOT EXISTS (SELECT 1 FROM gap WHERE gap.scope = scope.id)"
        " AND (:source IS NULL OR source = :source)",
        values,
    )
    database.execute(
        "DELETE FROM alert_ack AS a WHERE at < :before AND (:source IS NULL OR source = :source)"
        " AND (state = 'open' OR EXISTS (SELECT 1 FROM alert_ack AS b WHERE b.source = a.source"
        " AND b.kind = a.kind AND b.record = a.record AND b.at > a.at AND b.at <= :before))",
        values,
    )
    database.execute(
        "UPDATE scope SET since = :before WHERE since AND since < :before"
        " AND (:source IS NULL OR source = :source)",
        values,
    )


def forget_source(database: sqlite3.Connection, source: int) -> None:
    """Delete all that is known of *source*."""
    take_numbers(database)
    entities = "SELECT id FROM entity WHERE source = ?"
    for table in ("transition", "claim"):
        database.execute(f'DELETE FROM "{table}" WHERE entity IN ({entities})', (source,))  # noqa: S608
    database.execute(
        "DELETE FROM gap WHERE scope IN (SELECT id FROM scope WHERE source = ?)", (source,)
    )
    for table in ("entity", "scope", "login", "alert_ack"):
        database.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608
    database.execute("DELETE FROM source WHERE id = ?", (source,))
    forget_identities(database)


def forget_before(database: sqlite3.Connection, source: int, before: int) -> None:
    """Delete what is known of *source* from before *before*."""
    take_numbers(database)
    for (entity,) in database.execute(
        "SELECT id FROM entity WHERE source = ?", (source,)
    ).fetchall():
        prune_entity(database, entity, before)
    clip_scopes(database, before, source)
    forget_identities(database)


def forget_identities(database: sqlite3.Connection) -> None:
    """Delete the identities that no record states any more."""
    database.execute("DELETE FROM identity WHERE id NOT IN (SELECT identity FROM claim)")
