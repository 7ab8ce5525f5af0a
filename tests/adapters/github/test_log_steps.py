"""To which step a line of a job's log belongs, and where a failure is to be seen."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import LogLine, LogQuery, NotFound, Unsupported
from opsboard.records import Kind, Ref
from opsboard_adapters.github.log_parser import LogParser, LogSteps, LogWindow
from opsboard_adapters.github.models import GitHubJob, parse
from tests.adapters.github.support import NOW, FakeGitHub, connected, context

JOBS = "/repos/o/r/actions/jobs"


def _at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def _stamp(seconds: float) -> str:
    return f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%f}0Z"


def _step(number: int, name: str, begun: float, conclusion: str = "success") -> dict[str, Any]:
    times = {"started_at": _at(begun), "completed_at": _at(begun + 1)}
    return {
        "number": number,
        "name": name,
        "status": "completed",
        "conclusion": conclusion,
        **times,
    }


def _job(*steps: dict[str, Any], number: int = 5, **fields: Any) -> dict[str, Any]:
    begun = {"status": "completed", "conclusion": "failure", "started_at": _at(0)}
    ended = {"completed_at": _at(60), "runner_name": "r", "steps": list(steps)}
    return {
        "id": number,
        "run_id": 1,
        "name": f"job {number}",
        "labels": [],
        **begun,
        **ended,
        **fields,
    }


STEPS = (
    _step(1, "Set up job", 0),
    _step(2, "Check out", 1),
    _step(3, "Lint", 1),
    _step(4, "Never", 1, "skipped"),
    _step(5, "Unit tests", 20, "failure"),
    _step(9, "Post Check out", 30),
    _step(10, "Complete job", 30),
)
LOG: tuple[tuple[float, str, str], ...] = (
    (0.1, "Current runner version: '2.331.0'", "Set up job"),
    (0.4, "##[group]Operating System", "Set up job"),
    (0.5, "Ubuntu", "Set up job"),
    (0.5, "##[endgroup]", ""),
    (1.2, "Complete job name: test", "Set up job"),
    (1.3, "##[group]Run actions/checkout@v4", "Check out"),
    (1.4, "##[endgroup]", ""),
    (1.5, "##[group]Getting Git version info", "Check out"),
    (1.5, "##[endgroup]", ""),
    (1.6, "##[group]Run make lint", "Lint"),
    (1.7, "make lint", "Lint"),
    (1.8, "##[endgroup]", ""),
    (9.0, "##[error]a warning that is allowed", "Lint"),
    (20.1, "the last of lint", "Lint"),
    (20.5, "##[group]Run make test", "Unit tests"),
    (20.5, "##[endgroup]", ""),
    (25.0, "##[group]Run a nested thing", "Unit tests"),
    (25.0, "##[endgroup]", ""),
    (29.0, "##[error]test_basket failed", "Unit tests"),
    (29.9, "##[error]Process completed with exit code 1.", "Unit tests"),
    (30.1, "Post job cleanup.", "Post Check out"),
    (30.2, "[command]/usr/bin/git version", "Post Check out"),
    (30.3, "Cleaning up orphan processes", "Complete job"),
)


def _text() -> str:
    return "\ufeff" + "".join(f"{_stamp(at)} {text}\r\n" for at, text, _ in LOG)


def test_lines_belong_to_their_steps_by_time_and_by_how_steps_begin() -> None:
    parser = LogParser(LogSteps(parse(GitHubJob, _job(*STEPS))))
    lines = [(parser.line(f"{_stamp(at)} {text}"), step) for at, text, step in LOG]
    assert [line.part for line, _ in lines if line] == [step for line, step in lines if line]
    assert [line.text for line, _ in lines if line and line.failed and line.error] == [
        "error: test_basket failed",
        "error: Process completed with exit code 1.",
    ]


def test_a_line_without_a_time_stays_where_the_line_before_was() -> None:
    parser = LogParser(LogSteps(parse(GitHubJob, _job(*STEPS))))
    first, second = parser.line(f"{_stamp(25)} x"), parser.line("no stamp")
    assert first is not None
    assert second is not None
    assert first.part == second.part == "Unit tests"


@pytest.mark.parametrize(
    ("job", "failed"),
    [
        (_job(), True),
        (_job(conclusion="success"), False),
        (_job(_step(1, "a", 0), _step(2, "b", 5, "cancelled")), True),
        (_job(_step(1, "a", 0), _step(2, "b", 5, "cancelled"), conclusion="cancelled"), True),
        (_job(_step(1, "a", 0), _step(2, "b", 5), conclusion="success"), False),
    ],
)
def test_what_a_job_failed_for(job: dict[str, Any], failed: bool) -> None:
    line = LogParser(LogSteps(parse(GitHubJob, job))).line(f"{_stamp(9)} x")
    assert line is not None
    assert line.failed is failed


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([text for _, text, _ in LOG]))),
    st.lists(st.tuples(st.none() | st.integers(0, 40), st.text(max_size=3)), max_size=6),
)
def test_whatever_times_are_told_no_line_is_lost_and_steps_follow_their_order(
    lines: list[tuple[int, str]], steps: list[tuple[int | None, str]]
) -> None:
    told = [
        {**_step(number, f"{number} {name}", begun or 0), "started_at": begun and _at(begun)}
        for number, (begun, name) in enumerate(steps)
    ]
    parser = LogParser(LogSteps(parse(GitHubJob, _job(*told))))
    found = [parser.line(f"{_stamp(at)} {text}") for at, text in lines]
    marks = sum(text == "##[endgroup]" for _, text in lines)
    kept = [line for line in found if line is not None]
    assert len(kept) == len(lines) - marks
    if any(step["started_at"] for step in told):
        numbers = [int(line.part.split(" ")[0]) for line in kept]
        assert numbers == sorted(numbers)


# --- through the source --------------------------------------------------------------------------


def _github(*jobs: dict[str, Any], log: str = "") -> FakeGitHub:
    answers: dict[str, Any] = {f"{JOBS}/{job['id']}": job for job in jobs}
    answers["/repos/o/r/actions/runs/1/jobs"] = {"total_count": len(jobs), "jobs": list(jobs)}
    for job in jobs:
        blob = f"https://storage.example/{job['id']}"
        answers[f"{JOBS}/{job['id']}/logs"] = httpx.Response(302, headers={"Location": blob})
        answers[f"/{job['id']}"] = httpx.Response(200, text=log or f"{_stamp(25)} of {job['id']}\n")
    return FakeGitHub(answers)


async def _read(github: FakeGitHub, tmp_path: Path, ref: Ref, tail: int = 100) -> list[LogLine]:
    async with connected(github, context(tmp_path)) as source:
        return [line async for line in source.logs(ref, LogQuery(follow=True, tail=tail))]


RUN = Ref("github", Kind.BUILD, "o/r/1")


async def test_the_log_of_a_job_knows_its_steps(tmp_path: Path) -> None:
    ref = Ref("github", Kind.BUILD_JOB, "o/r/5")
    lines = await _read(_github(_job(*STEPS), log=_text()), tmp_path, ref)
    assert lines[0].text == "Set up job  1s"
    assert lines[1].text == "Current runner version: '2.331.0'"
    (first, *_) = [line for line in lines if line.failed and line.error]
    assert (first.part, first.text) == ("Unit tests", "error: test_basket failed")


@pytest.mark.parametrize(
    ("jobs", "number", "told"),
    [
        ([_job(number=5)], 5, "job 5, which failed, of 1 job"),
        (
            [
                _job(number=5, conclusion="success"),
                _job(number=6, completed_at=_at(40)),
                _job(number=7, completed_at=_at(30)),
                _job(number=8, conclusion="skipped", steps=[], completed_at=None),
            ],
            7,
            "job 7, the first of 2 that failed, of 4 jobs",
        ),
        (
            [
                _job(number=5, conclusion="success", completed_at=_at(9)),
                _job(number=6, conclusion="success", completed_at=_at(8)),
                _job(number=7, conclusion="skipped", steps=[]),
            ],
            5,
            "job 5, the last of 3 jobs; none failed",
        ),
        (
            [
                _job(number=5, conclusion="success"),
                _job(number=6, conclusion="cancelled", steps=[], runner_name=""),
                _job(number=7, conclusion="cancelled"),
            ],
            7,
            "job 7, which was cancelled, of 3 jobs",
        ),
        ([_job(number=5, conclusion="timed_out"), _job(number=6)], 5, "the first of 2"),
    ],
)
async def test_the_log_of_a_run_is_that_of_the_job_that_failed(
    jobs: list[dict[str, Any]], number: int, told: str, tmp_path: Path
) -> None:
    first, *rest = await _read(_github(*jobs), tmp_path, RUN)
    assert told in first.text
    assert first.title
    assert not [line for line in rest if line.title]
    assert [line.text for line in rest] == [f"of {number}"]


async def test_a_run_without_jobs_has_no_log(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no jobs"):
        await _read(_github(), tmp_path, RUN)


async def test_what_is_neither_run_nor_job_has_no_log(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="has no log"):
        await _read(_github(), tmp_path, Ref("github", Kind.DEPLOYMENT, "o/r/x"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"conclusion": "skipped", "steps": []}, "job 5 was skipped: it has written no log"),
        ({"conclusion": "skipped", "steps": None}, "job 5 was skipped"),
        ({"conclusion": "cancelled", "steps": [], "runner_name": ""}, "ended before it began"),
    ],
)
async def test_a_job_that_never_began_is_not_asked_for_a_log(
    fields: dict[str, Any], said: str, tmp_path: Path
) -> None:
    github = _github(_job(**fields))
    with pytest.raises(NotFound, match=said):
        await _read(github, tmp_path, Ref("github", Kind.BUILD_JOB, "o/r/5"))
    assert github.paths() == [f"{JOBS}/5"]


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("place", [f"{JOBS}/5/logs", "/5"])
async def test_a_log_that_is_not_there_yet_or_no_longer(
    place: str, status: int, tmp_path: Path
) -> None:
    github = _github(_job())
    github.answers[place] = httpx.Response(status, text="no")
    with pytest.raises(NotFound, match="there is no log of job 5") as caught:
        await _read(github, tmp_path, Ref("github", Kind.BUILD_JOB, "o/r/5"))
    assert "after the job has ended" in caught.value.hint


async def test_the_first_error_of_a_log_of_any_length_is_among_what_is_read(
    tmp_path: Path,
) -> None:
    """A step that tidies up may write more than anybody reads."""
    noise = "".join(f"{_stamp(40)} noise {number}\n" for number in range(3_000))
    github = _github(_job(*STEPS), log=noise.replace(_stamp(40), _stamp(0)) + _text() + noise)
    lines = await _read(github, tmp_path, Ref("github", Kind.BUILD_JOB, "o/r/5"), tail=200)
    (first, *_) = [at for at, line in enumerate(lines) if line.failed and line.error]
    assert lines[first].text == "error: test_basket failed"
    assert lines[first - 1].part == "Unit tests"
    assert lines[-1].text == "noise 2999"
    assert [line.text for line in lines if "left out" in line.text]
    assert len(lines) <= 200


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 40))
def test_a_window_keeps_the_end_and_the_error_in_their_order(
    before: int, after: int, tail: int
) -> None:
    window = LogWindow(tail)
    for number in range(before):
        window.add(LogLine(text=str(number)))
    window.add(LogLine(text="boom", error=True, failed=True))
    for number in range(after):
        window.add(LogLine(text=str(before + number)))
    told = [line.text for line in window.lines()]
    kept = [text for text in told if "left out" not in text]
    assert "boom" in kept
    assert kept[-1] == (str(before + after - 1) if after and tail > 2 else kept[-1])
    assert len(told) <= max(tail, 2)
    numbers = [int(text) for text in kept if text != "boom"]
    assert numbers == sorted(set(numbers))
    total = before + after + 1
    gaps = [int(text.split(" ")[0][1:]) for text in told if "left out" in text]
    if total <= tail:
        assert len(kept) == total
    elif gaps and kept[0] != "boom":
        assert int(kept[0]) + len(kept) + sum(gaps) == total
