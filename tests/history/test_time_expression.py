"""Times as people type them, in every zone, with its changes between winter and summer."""

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsboard.history.time_expression import (
    AmbiguousTimeError,
    TimeExpressionError,
    interval_texts,
    local_text,
    parse_duration,
    parse_since,
    parse_time,
)
from opsboard.system.local_zone import LOCAL_ZONE

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 27, 14, 30, 15, tzinfo=UTC)  # 15:30:15 in Berlin
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Asia/Kathmandu", "America/Havana", "Pacific/Apia", "Africa/Casablanca", "Asia/Beirut",
    "Pacific/Chatham", "America/St_Johns",
)  # fmt: skip
MINUTE = timedelta(minutes=1)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14:02", "2026-11-27 13:02"),
        ("15:30", "2026-11-27 14:30"),
        ("15:30:15", "2026-11-27 14:30:15"),
        ("15:30:16", "2026-11-26 14:30:16"),
        ("15:31", "2026-11-26 14:31"),
        ("9:05", "2026-11-27 08:05"),
        (" 14:02:30 ", "2026-11-27 13:02:30"),
        ("today 14:02", "2026-11-27 13:02"),
        ("Yesterday  14:02", "2026-11-26 13:02"),
        ("2026-11-26 14:02", "2026-11-26 13:02"),
        ("2026-07-01 14:02", "2026-07-01 12:02"),
        ("2026-11-26", "2026-11-25 23:00"),
        ("2026-11-26T14:02:00+05:30", "2026-11-26 08:32"),
        ("2026-11-26T14:02:00-0800", "2026-11-26 22:02"),
        ("2026-11-26t14:02:00.5z", "2026-11-26 14:02:00.500000"),
        ("2026-11-26 14:02 UTC", "2026-11-26 14:02"),
        ("14:02Z", "2026-11-27 14:02"),
        ("14:31Z", "2026-11-26 14:31"),
        ("-2h", "2026-11-27 12:30:15"),
        ("-90m", "2026-11-27 13:00:15"),
        ("-1d12h", "2026-11-26 02:30:15"),
        ("-1w", "2026-11-20 14:30:15"),
        ("-0s", "2026-11-27 14:30:15"),
    ],
)
def test_a_time_is_read(text: str, expected: str) -> None:
    assert parse_time(text, NOW, BERLIN) == _at(expected)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is no time; write 14:02"),
        ("noon", "is no time; write 14:02"),
        ("14", "is no time; write 14:02"),
        ("14:2", "is no time"),
        ("14:02 14:02", "is no time"),
        ("2026-11-26t", "is no time"),
        ("١٤:٠٢", "is no time"),
        ("2h", "so long ago is -2h"),
        ("yesterday", "at what time? Write yesterday 14:02"),
        ("25:00", "no clock shows that"),
        ("24:00", "no clock shows that"),
        ("14:60", "no clock shows that"),
        ("2026-02-30 14:02", "there is no day 2026-02-30"),
        ("2026-13-01", "there is no day 2026-13-01"),
        ("14:02+25:00", "no zone is +25:00"),
        ("14:02+01:60", "no zone is +01:60"),
        ("+2h", "lies in the future; write -2h"),
        (
            "today 15:31",
            "lies in the future: 2026-11-27 15:31:00+01:00; it is now 2026-11-27 15:30",
        ),
        ("2026-11-28", "lies in the future"),
        ("2026-11-27T14:30:16Z", "lies in the future"),
        ("9999-12-31 23:59", "lies in the future"),
        ("9999-12-31 23:59-05:00", "is too far away"),
        ("0001-01-01 00:00", "is too far away"),
        ("-2x", "is written -2h"),
        ("-", "is written -2h"),
        ("-" + "9" * 400 + "w", "is too long"),
        ("-199999w", "is too long ago"),
        ("-12h1d", "each unit stands once, the longest first"),
    ],
)
def test_what_is_no_time_is_refused_and_says_what_to_write(text: str, part: str) -> None:
    with pytest.raises(TimeExpressionError) as caught:
        parse_time(text, NOW, BERLIN)
    assert part in str(caught.value)
    assert len(str(caught.value)) < 300


def test_an_hour_that_the_clock_shows_twice_asks_with_both_written_out() -> None:
    with pytest.raises(AmbiguousTimeError) as caught:
        parse_time("2026-10-25 02:30", NOW, BERLIN)
    assert caught.value.candidates == (_at("2026-10-25 00:30"), _at("2026-10-25 01:30"))
    assert caught.value.choices == ("2026-10-25 02:30:00+02:00", "2026-10-25 02:30:00+01:00")
    assert all(choice in str(caught.value) for choice in caught.value.choices)
    answers = [parse_time(choice, NOW, BERLIN) for choice in caught.value.choices]
    assert answers == list(caught.value.candidates)


def test_within_the_second_pass_of_that_hour_only_what_is_past_counts() -> None:
    now = _at("2026-10-25 01:10")  # 02:10, for the second time
    assert parse_time("02:30", now, BERLIN) == _at("2026-10-25 00:30")
    with pytest.raises(AmbiguousTimeError):
        parse_time("02:05", now, BERLIN)


def test_an_hour_that_the_clock_leaps_over_is_refused_in_words() -> None:
    now = _at("2026-03-29 08:00")
    for text in ("02:30", "2026-03-29 02:30", "today 02:00"):
        with pytest.raises(TimeExpressionError) as caught:
            parse_time(text, now, BERLIN)
        assert "never showed" in str(caught.value)
        assert "it went from 02:00 (+01:00) on to 03:00 (+02:00)" in str(caught.value)
    assert parse_time("02:30", _at("2026-03-29 00:50"), BERLIN) == _at("2026-03-28 01:30")


def test_a_day_that_a_zone_leapt_over_is_refused_in_words() -> None:
    with pytest.raises(TimeExpressionError, match=r"to 00:00 \(\+14:00 of 2011-12-31\)"):
        parse_time("2011-12-30 14:02", NOW, ZoneInfo("Pacific/Apia"))


# --- in every zone -------------------------------------------------------------------------------


@cache
def _changes(name: str) -> Sequence[datetime]:
    """Return the moments at which the clock of a zone was put forward or back."""
    zone, found = ZoneInfo(name), []
    at, end = datetime(2011, 6, 1, tzinfo=UTC), datetime(2018, 6, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    while at < end:
        if at.astimezone(zone).utcoffset() != (at + hour).astimezone(zone).utcoffset():
            found.append(at)
        at += hour
    return found or [datetime(2015, 6, 1, tzinfo=UTC)]


@st.composite
def _near_a_change(draw: st.DrawFn) -> tuple[datetime, tzinfo]:
    name = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(_changes(name)))
    return change + draw(st.integers(-26 * 60, 26 * 60)) * MINUTE, ZoneInfo(name)


def _shown(wall: datetime, around: datetime, zone: tzinfo) -> list[datetime]:
    """Return when the clock showed *wall*, minute by minute: what the answer is held against."""
    start = around - timedelta(hours=80)
    moments = (start + minute * MINUTE for minute in range(160 * 60))
    return [at for at in moments if at.astimezone(zone).replace(tzinfo=None) == wall]


def _answer(text: str, now: datetime, zone: tzinfo) -> Sequence[datetime] | str:
    """Return the time that *text* is, or both of them, or why there is none."""
    try:
        return [parse_time(text, now, zone)]
    except AmbiguousTimeError as error:
        return list(error.candidates)
    except TimeExpressionError as error:
        return str(error)


@given(_near_a_change(), st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_is_the_last_one_past(
    present: tuple[datetime, tzinfo], hour: int, minute: int
) -> None:
    now, zone = present
    today = now.astimezone(zone).replace(tzinfo=None, hour=hour, minute=minute, fold=0)
    past = [at for at in _shown(today, now, zone) if at <= now]
    before = [at for at in _shown(today - timedelta(days=1), now, zone) if at <= now]
    answer = _answer(f"{hour}:{minute:02}", now, zone)
    if isinstance(answer, str):
        assert "never showed" in answer
        assert not past
        assert not (before and _shown(today, now, zone))  # then it would have been yesterday's
    else:
        assert answer == (past or before)


@given(_near_a_change(), st.timedeltas(timedelta(), timedelta(days=400)))
def test_a_moment_that_is_written_out_is_read_as_itself(
    present: tuple[datetime, tzinfo], span: timedelta
) -> None:
    now, zone = present
    at = now - span
    assert parse_time(local_text(at, zone), now, zone) == at


@given(_near_a_change())
def test_the_wall_time_of_a_moment_means_it_or_asks(present: tuple[datetime, tzinfo]) -> None:
    at, zone = present
    wall = at.astimezone(zone).replace(tzinfo=None)
    answer = _answer(f"{wall:%Y-%m-%d %H:%M:%S}", at + timedelta(days=3), zone)
    assert at in answer
    assert answer == _shown(wall, at, zone)


@given(st.text(max_size=30))
def test_any_text_is_a_past_time_or_refused(text: str) -> None:
    answer = _answer(text, NOW, BERLIN)
    assert answer
    assert isinstance(answer, str) or max(answer) <= NOW


# --- lengths of time -----------------------------------------------------------------------------


@given(st.lists(st.integers(0, 500), min_size=5, max_size=5))
def test_a_length_of_time_is_the_sum_of_its_parts(counts: list[int]) -> None:
    assume(any(counts))
    weeks, days, hours, minutes, seconds = counts
    parts = zip(counts, "wdhms", strict=True)
    text = "".join(f"{count}{unit}" for count, unit in parts if count)
    expected = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "8", "h", "8 h", "1.5h", "1h1h", "1m1h", "-8h", "8y"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(TimeExpressionError, match="no length of time"):
        parse_duration(text)


def test_a_stretch_begins_so_long_ago_or_at_a_time() -> None:
    assert parse_since("8h", NOW, BERLIN) == parse_since("-8h", NOW, BERLIN)
    assert parse_since("8h", NOW, BERLIN) == _at("2026-11-27 06:30:15")
    assert parse_since("yesterday 14:02", NOW, BERLIN) == _at("2026-11-26 13:02")
    with pytest.raises(TimeExpressionError, match="neither a length of time"):
        parse_since("soon", NOW, BERLIN)


# --- the zone of this machine --------------------------------------------------------------------


@pytest.fixture(params=["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[ZoneInfo]:
    """Put the machine into a zone, and back."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield ZoneInfo(request.param)
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_the_zone_of_this_machine_has_its_summer_time(machine_zone: ZoneInfo) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for half_hour in range(2 * 24 * 365):
        at = start + half_hour * timedelta(minutes=30)
        here, there = at.astimezone(LOCAL_ZONE), at.astimezone(machine_zone)
        assert (here.replace(tzinfo=None), here.fold) == (there.replace(tzinfo=None), there.fold)
        assert here.utcoffset() == there.utcoffset()
        assert here.astimezone(UTC) == at


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01 00:00", "-739000d", "-99999w"])
def test_what_no_clock_reaches_is_refused(text: str) -> None:
    with pytest.raises(TimeExpressionError, match=r"too far away|too long ago"):
        parse_time(text, datetime(2026, 11, 27, 8, tzinfo=UTC), LOCAL_ZONE)


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        ((1, 2), ["13:00:00", "14:00:00"]),
        ((-13, 2), ["03-13 23:00:00", "03-14 14:00:00"]),
        ((-24 * 365, 2), ["2025-03-14 12:00:00", "2026-03-14 14:00:00"]),
        ((30, 31), ["03-15 18:00:00", "03-15 19:00:00"]),
    ],
)
def test_a_stretch_tells_its_days_unless_it_is_of_the_day(
    hours: tuple[float, float], shown: list[str]
) -> None:
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    since, until = (noon + timedelta(hours=one) for one in hours)
    assert interval_texts(since, until, noon, UTC) == shown
