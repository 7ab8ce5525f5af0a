"""Times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from opsboard.kinds.ages import age, age_text, took
from opsboard.records import Status

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize(
    ("seconds", "exact", "calm"),
    [
        (-5, "0s", "now"),
        (4, "4s", "now"),
        (27, "27s", "25s"),
        (60, "1m", "1m"),
        (9 * MINUTE + 59, "9m59s", "9m"),
        (59 * MINUTE + 59, "59m", "59m"),
        (2 * HOUR + 10 * MINUTE, "2h10m", "2h10m"),
        (11 * HOUR + 10 * MINUTE, "11h", "11h"),
        (4 * DAY + 5 * HOUR, "4d5h", "4d"),
        (400 * DAY, "400d", "400d"),
    ],
)
def test_ages_in_a_table_and_around_it(seconds: int, exact: str, calm: str) -> None:
    then = NOW - timedelta(seconds=seconds)
    assert age(then, NOW) == exact
    assert age_text(then, NOW) == calm


def test_what_has_not_begun_took_nothing_and_what_has_not_ended_goes_on() -> None:
    begun = NOW - timedelta(seconds=90)
    assert took(None, None, NOW, Status.RUNNING) == age(None, NOW) == ""
    assert took(begun, None, NOW, Status.RUNNING) == "1m30s"
    assert took(begun, None, NOW, Status.WARNING) == "1m30s"
    assert took(begun, begun + timedelta(seconds=5), NOW, Status.OK) == "5s"


@pytest.mark.parametrize("status", [Status.OK, Status.FAILED, Status.UNKNOWN])
def test_what_has_ended_at_a_time_that_nobody_told_grows_no_older(status: Status) -> None:
    assert took(NOW - timedelta(days=6), None, NOW, status) == ""
