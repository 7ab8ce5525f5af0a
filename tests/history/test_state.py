"""What the rows of the ledger say of a time: at the edges of an interval."""

import sqlite3

import pytest

from opsboard.history.model import Gap, GapReason
from opsboard.history.rows import BACKFILLED, BASELINE
from opsboard.history.state import EntityState, is_uncertain
from opsboard.records import Kind, Ref
from tests.history.samples import NOON


def _row(next_at: int | None, earliest: int | None, flags: int = 0) -> sqlite3.Row:
    """Return the part of a row that is about the next transition, *earliest* before *next_at*."""
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    row: sqlite3.Row = database.execute(
        "SELECT ? AS next_at, ? AS next_earliest, ? AS next_flags", (next_at, earliest, flags)
    ).fetchone()
    database.close()
    return row


@pytest.mark.parametrize(
    ("time", "uncertain"),
    [
        (80, False),
        (90, False),  # somebody looked just then, and it was as before
        (91, True),
        (99, True),
    ],
)
def test_a_time_is_uncertain_behind_the_look_before_the_next_change(
    time: int, uncertain: bool
) -> None:
    assert is_uncertain(_row(100, 10), time) is uncertain
    assert is_uncertain(_row(100, 10, BACKFILLED), time) is uncertain


@pytest.mark.parametrize("row", [_row(None, None), _row(100, 0), _row(100, 10, BASELINE)])
def test_without_an_interval_every_time_is_certain(row: sqlite3.Row) -> None:
    """Nothing came after; or its time is known; or it is the first look, which tells no change."""
    assert not any(is_uncertain(row, time) for time in (80, 90, 95, 100))


GAP = Gap("prod", "all", NOON, None, GapReason.NO_BOARD, "")


@pytest.mark.parametrize(
    ("flags", "gap", "watched"),
    [
        (0, None, True),
        (BASELINE, None, True),
        (BACKFILLED, None, False),  # the source has told it later: nobody looked
        (0, GAP, False),
        (BACKFILLED, GAP, False),
    ],
)
def test_it_was_watched_where_somebody_looked(flags: int, gap: Gap | None, watched: bool) -> None:
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    row = database.execute("SELECT 'all' AS scope, ? AS flags", (flags,)).fetchone()
    database.close()
    ref = Ref("prod", Kind.DEPLOYMENT, "shop/web")
    assert EntityState(ref, row, lambda *_: None, gap, uncertain=False).watched is watched
