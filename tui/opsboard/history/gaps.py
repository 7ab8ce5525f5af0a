"""The stretches in which nobody looked, as the rows of the ledger have them."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from opsboard.history.model import Gap, GapReason
from opsboard.history.rows import micros, moment

ALIVE_FOR: Final = 30 * 1_000_000
"""Microseconds for which a program runs after its last count, as far as anybody knows."""


def recorded_gaps(
    database: sqlite3.Connection, names: Mapping[int, str], until: datetime | None
) -> list[Gap]:
    """Return all stretches of the sources with *names*, by their numbers.

    At *until*, a program may still have been recording. *database* yields rows by name.
    """
    numbers = ",".join(map(str, names)) or "NULL"
    scopes = database.execute(
        f"""
        SELECT e.id, e.source, e.name, e.since, e.reason, e.note, coalesce(w.at, 0) AS beat,
               max(e.confirmed, CASE WHEN e.streaming THEN coalesce(w.at, 0) ELSE 0 END) AS last
        FROM scope e LEFT JOIN writer w ON w.id = e.holder WHERE e.source IN ({numbers})
        """,  # noqa: S608 - no value is put into it
    ).fetchall()
    found: list[Gap] = []
    for row in scopes:
        place = (names[row["source"]], row["name"])
        if not row["since"]:
            found.append(Gap(*place, None, None, GapReason.NO_BOARD))
            continue
        found.append(Gap(*place, None, moment(row["since"]), GapReason.NO_BOARD))
        ran = until is not None and micros(until) <= row["beat"] + ALIVE_FOR
        unsaid = GapReason.NOT_AGAIN if ran else GapReason.NO_BOARD
        reason = GapReason(row["reason"] or unsaid)
        found.append(Gap(*place, moment(row["last"]), None, reason, row["note"]))
        found += (
            Gap(*place, moment(since), moment(until), GapReason(why), note)
            for since, until, why, note in database.execute(
                "SELECT since, until, reason, note FROM gap WHERE scope = ?", (row["id"],)
            )
        )
    return found


def touches(gap: Gap, since: datetime | None, until: datetime | None) -> bool:
    """Tell whether *gap* is open at any time between *since* and *until*."""
    return (since is None or gap.until is None or gap.until > since) and (
        until is None or gap.since is None or gap.since < until
    )
