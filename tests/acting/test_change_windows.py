"""When a change window is open: edges, midnight, and clocks that are put forward and back."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.acting.change_windows import closed_reason, is_open
from opsboard.config.action_rules import DAYS, ChangeWindow

BERLIN = "Europe/Berlin"
ALL_DAYS = tuple(DAYS)


def _open(window: ChangeWindow, at: str) -> bool:
    return is_open(window, datetime.fromisoformat(at))


def _window(start: str, end: str, *days: str, zone: str = "UTC") -> ChangeWindow:
    told = {"start": start, "end": end, "days": days or ALL_DAYS, "time_zone": zone}
    return ChangeWindow.model_validate(told)


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-01-15T08:59:59.999999+00:00", False),
        ("2026-01-15T09:00:00+00:00", True),
        ("2026-01-15T16:59:59.999999+00:00", True),
        ("2026-01-15T17:00:00+00:00", False),
        ("2026-01-15T10:00:00+02:00", False),  # 08:00 where the window is
    ],
)
def test_it_opens_at_its_start_and_closes_at_its_end(at: str, opened: bool) -> None:
    assert _open(_window("09:00", "17:00"), at) is opened


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-01-15T21:59:59+00:00", False),
        ("2026-01-15T22:00:00+00:00", True),
        ("2026-01-15T23:59:59.999999+00:00", True),
        ("2026-01-16T00:00:00+00:00", True),
        ("2026-01-16T03:59:59+00:00", True),
        ("2026-01-16T04:00:00+00:00", False),
        ("2026-01-16T22:00:00+00:00", False),  # a Friday, on which it does not open
        ("2026-01-15T03:00:00+00:00", False),  # of Wednesday's, which there is none of
    ],
)
def test_over_midnight_it_belongs_to_the_day_it_opens(at: str, opened: bool) -> None:
    assert _open(_window("22:00", "04:00", "thu"), at) is opened


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-01-15T08:59:59+00:00", False),
        ("2026-01-15T09:00:00+00:00", True),
        ("2026-01-16T08:59:59+00:00", True),
        ("2026-01-16T09:00:00+00:00", False),
    ],
)
def test_one_that_ends_when_it_starts_is_open_for_a_day(at: str, opened: bool) -> None:
    assert _open(_window("09:00", "09:00", "thu"), at) is opened


def test_from_midnight_to_midnight_is_a_whole_day() -> None:
    window = _window("00:00", "00:00", "thu")
    assert _open(window, "2026-01-15T00:00:00+00:00")
    assert _open(window, "2026-01-15T23:59:59.999999+00:00")
    assert not _open(window, "2026-01-16T00:00:00+00:00")
    assert not _open(window, "2026-01-14T23:59:59+00:00")


@pytest.mark.parametrize(
    ("start", "end", "at", "opened"),
    [
        # 29 March 2026, 01:00 UTC: the clock goes from 02:00 to 03:00
        ("02:15", "04:00", "2026-03-29T00:59:59+00:00", False),
        ("02:15", "04:00", "2026-03-29T01:00:00+00:00", True),
        ("02:15", "02:45", "2026-03-29T01:00:00+00:00", False),
        ("02:15", "02:45", "2026-03-29T00:59:59+00:00", False),
        ("01:00", "02:30", "2026-03-29T00:59:59+00:00", True),
        ("01:00", "02:30", "2026-03-29T01:00:00+00:00", False),
        # 25 October 2026, 01:00 UTC: the clock goes from 03:00 back to 02:00
        ("02:15", "02:45", "2026-10-25T00:30:00+00:00", True),
        ("02:15", "02:45", "2026-10-25T00:50:00+00:00", False),
        ("02:15", "02:45", "2026-10-25T01:30:00+00:00", True),
        ("02:15", "02:45", "2026-10-25T01:50:00+00:00", False),
        ("01:00", "02:30", "2026-10-25T01:29:59+00:00", True),
        ("01:00", "02:30", "2026-10-25T01:30:00+00:00", False),
        ("22:00", "02:30", "2026-10-25T01:15:00+00:00", True),
    ],
)
def test_the_clock_on_the_wall_counts(start: str, end: str, at: str, opened: bool) -> None:
    assert _open(_window(start, end, zone=BERLIN), at) is opened


def test_days_are_those_of_the_zone() -> None:
    window = _window("09:00", "17:00", "mon", zone="Pacific/Kiritimati")  # 14 hours ahead
    assert _open(window, "2026-01-18T20:00:00+00:00"), "Sunday in Greenwich"
    assert not _open(window, "2026-01-19T20:00:00+00:00")


def test_utc_needs_no_time_zone_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opsboard.acting.change_windows.ZoneInfo", None)
    assert _open(_window("09:00", "17:00"), "2026-01-15T12:00:00+00:00")


def test_one_open_window_is_enough() -> None:
    windows = [_window("09:00", "10:00"), _window("12:00", "13:00")]
    at = datetime(2026, 1, 15, 12, 30, tzinfo=UTC)
    assert closed_reason(windows, "rollback", "production", at) == ""
    assert "09:00-10:00 UTC, or " in closed_reason(
        windows, "rollback", "production", at + timedelta(hours=1)
    )


TIMES = st.times(timezones=st.none())


@given(
    start=TIMES,
    end=TIMES,
    days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
    zone=st.sampled_from([BERLIN, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"]),
    at=st.datetimes(datetime(2025, 12, 1), datetime(2027, 1, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_it_is_open_between_two_times_on_the_wall(
    start: time, end: time, days: list[str], zone: str, at: datetime
) -> None:
    window = ChangeWindow(start=start, end=end, days=tuple(days), time_zone=zone)
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    expected = False
    for back in (0, 1):
        day = wall.date() - timedelta(days=back)
        ends = day if start < end else day + timedelta(days=1)
        if DAYS[day.weekday()] in days:
            expected |= datetime.combine(day, start) <= wall < datetime.combine(ends, end)
    assert is_open(window, at) is expected
