"""Times are told in UTC, and say so, in whatever zone this machine and a server stand."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest

from opsboard.adapter import LogLine
from opsboard.records import Build, Status
from opsboard.ui.widgets.log_buffer import save_log
from opsboard_adapters.github.log_parser import LogParser
from opsboard_adapters.github.models import GitHubRun, parse
from opsboard_adapters.github.status_map import span_of_run
from opsboard_adapters.http import retry_after
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.times import as_utc, format_time
from tests.ui.app_harness import AppHarness
from tests.ui.start_screens import log

AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
EAST = timezone(timedelta(hours=5, minutes=30))


@pytest.fixture(
    params=["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"], autouse=True
)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("at", "cell"),
    [
        (AT, "2026-01-15T09:00:00Z"),
        (AT.astimezone(EAST), "2026-01-15T09:00:00Z"),
        (AT.replace(microsecond=250_000), "2026-01-15T09:00:00.250000Z"),
        (AT.replace(tzinfo=None), ""),
        (datetime(1, 1, 1, tzinfo=UTC), ""),
        (datetime(1, 1, 1, tzinfo=EAST), ""),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5))), ""),
        (datetime(1970, 1, 1, tzinfo=UTC), ""),
        (datetime(1969, 12, 31, 19, tzinfo=timezone(-timedelta(hours=5))), ""),
        (None, ""),
    ],
)
def test_a_cell(at: datetime | None, cell: str) -> None:
    assert format_time(at) == cell
    known = as_utc(at)
    assert known is None or known.utcoffset() == timedelta(0)


def test_a_record_holds_its_times_in_utc_and_so_they_are_written() -> None:
    build = Build(
        source="s", id="1", name="n", status=Status.OK, repository="r", workflow="w", number=1,
        state="success", created_at=AT.astimezone(EAST), started_at=AT.astimezone(EAST),
    )  # fmt: skip
    assert build.created_at == build.started_at == AT
    assert build.created_at is not None
    assert build.created_at.isoformat() == "2026-01-15T09:00:00+00:00"


def test_github() -> None:
    run = {"id": 1, "status": "completed", "updated_at": "2026-01-15T14:31:00+05:30"}
    span = span_of_run(parse(GitHubRun, run | {"run_started_at": "2026-01-15T09:00:00Z"}))
    assert (span.begun_at, span.duration(AT)) == (AT, "1m00s")
    for raw in ("2026-01-15T09:00:00.1234567Z x", "2026-01-15T14:30:00.1234567+05:30 x"):
        line = LogParser().line(raw)
        assert line is not None
        assert line.at is not None
        assert line.at.isoformat() == "2026-01-15T09:00:00.123456+00:00"


def test_kubernetes() -> None:
    place = ClusterContext("s", "c", "c", timedelta(seconds=1), lambda *_: "")
    for told in ("2026-01-15T09:00:01Z", "2026-01-15T14:30:01+05:30"):
        at = place.time(told)
        assert at is not None
        assert at.isoformat() == "2026-01-15T09:00:00+00:00"
    for odd in ("2026-01-15T09:00:01", "0001-01-01T00:00:00Z", "", None, 5):
        assert place.time(odd) is None


def test_headers() -> None:
    date = "Thu, 15 Jan 2026 09:00:30 GMT"
    assert retry_after(httpx.Response(429, headers={"Retry-After": date}), AT) == AT + timedelta(
        seconds=30
    )


async def test_a_log_tells_and_saves_its_times_in_utc(tmp_path: Path) -> None:
    stage = AppHarness(log)
    line = LogLine(text="hello", at=AT.astimezone(EAST), part="step")
    stage.feed.lines, stage.feed.ends = [line], True
    async with stage.showing("hello") as pilot:
        await stage.does(pilot, "t", then="09:00:00Z step")
    file = tmp_path / "log"
    save_log(file, [line])
    assert file.read_text(encoding="utf-8") == "2026-01-15T09:00:00Z step hello\n"
