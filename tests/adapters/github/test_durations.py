"""How long runs, jobs and steps took: what has ended grows no older."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Detail, Facts, Grid
from opsboard.records import Build, BuildJob, Kind, Ref
from opsboard_adapters.github.models import GitHubJob, GitHubRun, GitHubStep, parse
from opsboard_adapters.github.status_map import span_of_job, span_of_run, span_of_step
from tests.adapters.github.support import NOW, FakeGitHub, connected, context, run

DAY = timedelta(days=1)
LATER = NOW + 6 * DAY
ZERO = "0001-01-01T00:00:00Z"


def _at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


def _job(**fields: Any) -> dict[str, Any]:
    return {"id": 2, "run_id": 1, "name": "test", "labels": [], "steps": [], **fields}


def _done(conclusion: str, started: object, completed: object, **fields: Any) -> dict[str, Any]:
    times = {"started_at": started, "completed_at": completed}
    return _job(status="completed", conclusion=conclusion, **times, **fields)


RAN: Mapping[str, Any] = {"runner_name": "r1", "steps": [{"name": "s", "number": 1}]}


@pytest.mark.parametrize(
    ("job", "took"),
    [
        (_done("success", _at(0), _at(72), **RAN), "1m12s"),
        (_done("skipped", _at(0), None), ""),
        (_done("skipped", _at(0), _at(0)), ""),
        (_done("skipped", _at(1), _at(0)), ""),
        (_done("skipped", None, None), ""),
        (_done("success", _at(0), None, **RAN), ""),
        (_done("success", _at(0), ZERO, **RAN), ""),
        (_done("success", ZERO, _at(5), **RAN), ""),
        (_done("success", "1970-01-01T00:00:00Z", _at(5), **RAN), ""),
        (_done("success", _at(1), _at(0), **RAN), "0s"),
        (_done("cancelled", _at(0), _at(600)), ""),
        (_done("cancelled", _at(0), _at(600), **RAN), "10m00s"),
        (_done("cancelled", _at(0), None, **RAN), ""),
        (_done("novel", _at(0), None, **RAN), ""),
        (_job(status=None, conclusion="success", started_at=_at(0), completed_at=None), ""),
        (_job(status="in_progress", started_at=_at(0), completed_at=None, **RAN), "144h00m"),
        (_job(status="in_progress", started_at=None, completed_at=None, **RAN), ""),
        *[
            (_job(status=status, started_at=_at(0), completed_at=None), "")
            for status in ("queued", "waiting", "pending", "requested")
        ],
        (_job(started_at=_at(0)), ""),
    ],
)
def test_a_job(job: dict[str, Any], took: str) -> None:
    assert span_of_job(parse(GitHubJob, job)).duration(LATER) == took


@pytest.mark.parametrize(
    ("conclusion", "started", "completed", "took"),
    [
        ("skipped", _at(0), None, ""),
        ("skipped", _at(0), _at(0), ""),
        ("success", _at(0), _at(3), "3s"),
        ("failure", _at(0), None, ""),
        ("cancelled", _at(3), _at(2), "0s"),
        ("cancelled", None, None, ""),
    ],
)
def test_a_step_that_has_ended(
    conclusion: str, started: str | None, completed: str | None, took: str
) -> None:
    times = {"started_at": started, "completed_at": completed}
    step = {"name": "s", "number": 1, "status": "completed", "conclusion": conclusion, **times}
    assert span_of_step(parse(GitHubStep, step)).duration(LATER) == took


def test_an_attempt_begins_when_it_was_begun_and_not_when_the_first_was() -> None:
    again = run(1, run_attempt=3, run_started_at=_at(86_400), updated_at=_at(86_460))
    assert span_of_run(parse(GitHubRun, again)).duration(LATER) == "1m00s"


def test_a_run_that_has_ended_has_an_end() -> None:
    """Whether it can be repeated depends on that."""
    span = span_of_run(parse(GitHubRun, run(1, updated_at=None)))
    assert span.ended_at == span.begun_at == NOW
    assert span.duration(LATER) == "0s"


TIMES = st.none() | st.just(ZERO) | st.integers(-(10**7), 10**7).map(_at)


@given(
    conclusion=st.sampled_from(["success", "skipped", "cancelled", "timed_out", "stale", "x"]),
    started=TIMES,
    completed=TIMES,
    steps=st.sampled_from([None, [], RAN["steps"]]),
)
def test_what_has_ended_is_as_long_tomorrow(
    conclusion: str, started: object, completed: object, steps: object
) -> None:
    job = parse(GitHubJob, _done(conclusion, started, completed) | {"steps": steps})
    span = span_of_job(job)
    assert span.duration(NOW) == span.duration(LATER)
    step = parse(
        GitHubStep, {"status": "completed", "conclusion": conclusion, "started_at": started}
    )
    assert span_of_step(step).duration(NOW) == span_of_step(step).duration(LATER)


async def test_the_page_of_a_skipped_job_and_of_its_run_stand_still(tmp_path: Path) -> None:
    """As open-telemetry/opentelemetry-collector-contrib #43180 has it."""
    step = {"name": "s", "number": 1, "status": "completed", "conclusion": "skipped"}
    skipped = _done("skipped", _at(0), None) | {"steps": [{**step, "started_at": _at(0)}]}
    answers = {
        "/repos/o/r/actions/runs/1": run(1),
        "/repos/o/r/actions/runs/1/jobs": {"total_count": 1, "jobs": [skipped]},
        "/repos/o/r/actions/jobs/2": skipped,
    }
    ctx = context(tmp_path)
    async with connected(FakeGitHub(answers), ctx) as source:
        for later in (DAY, 6 * DAY):
            ctx.time = NOW + later
            build = await source.detail(Ref("github", Kind.BUILD, "o/r/1"))
            job = await source.detail(Ref("github", Kind.BUILD_JOB, "o/r/2"))
            assert _took(build, "Jobs") == _took(job, "Steps") == [""]
            assert _facts(job).get("took") is None
            assert isinstance(job.record, BuildJob)
            assert job.record.started_at is None
            assert isinstance(build.record, Build)
            assert build.record.finished_at is not None


def _took(detail: Detail, title: str) -> list[str]:
    (grid,) = [one for one in detail.sections if isinstance(one, Grid) and one.title == title]
    return [row.cells[grid.columns.index("took")] for row in grid.rows]


def _facts(detail: Detail) -> dict[str, str]:
    facts = detail.sections[0]
    assert isinstance(facts, Facts)
    return {fact.label: fact.value for fact in facts.facts}


def test_times_are_in_utc_whatever_zone_they_were_told_in() -> None:
    for told in ("2026-01-15T11:00:00+02:00", "2026-01-15T09:00:00.000Z"):
        found = parse(GitHubRun, run(1) | {"created_at": told}).created_at
        assert found == NOW
        assert isinstance(found, datetime)
        assert found.utcoffset() == timedelta(0)
    assert parse(GitHubRun, run(1) | {"created_at": "2026-01-15T09:00:00"}).created_at is None


def test_an_end_is_one_though_the_status_comes_late() -> None:
    told = _job(status="in_progress", conclusion="success", started_at=_at(0), completed_at=_at(60))
    assert span_of_job(parse(GitHubJob, told)).duration(LATER) == "1m00s"
