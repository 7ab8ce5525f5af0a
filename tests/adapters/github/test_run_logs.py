"""The log of all jobs of a run: from its archive, whatever that holds, or job by job."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import httpx
import pytest

from opsboard.adapter import LogLine, LogQuery
from opsboard.records import Kind, Ref, Status
from opsboard_adapters.github import log_archive
from tests.adapters.github.support import FakeContext, FakeGitHub, connected, context, run
from tests.adapters.github.test_log_steps import JOBS, STEPS, _at, _job, _stamp, _text
from tests.adapters.github.test_recorded import DATA, Replay

RUN = Ref("github", Kind.BUILD, "o/r/1")
RUNS = "/repos/o/r/actions/runs/1"


def _zip(files: dict[str, str | bytes], compression: int = ZIP_DEFLATED) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(name), text, compression)
    return content.getvalue()


def _github(archive: bytes | None, *jobs: dict[str, Any], status: str = "completed") -> FakeGitHub:
    answers: dict[str, Any] = {
        RUNS: run(1, status=status),
        f"{RUNS}/jobs": {"total_count": len(jobs), "jobs": list(jobs)},
    }
    if archive is not None:
        answers[f"{RUNS}/logs"] = httpx.Response(302, headers={"Location": "https://s.example/z"})
        answers["/z"] = httpx.Response(200, content=archive)
    for job in jobs:
        blob = f"https://storage.example/{job['id']}"
        answers[f"{JOBS}/{job['id']}"] = job
        answers[f"{JOBS}/{job['id']}/logs"] = httpx.Response(302, headers={"Location": blob})
        answers[f"/{job['id']}"] = httpx.Response(200, text=f"{_stamp(25)} by itself\n")
    return FakeGitHub(answers)


async def _read(
    github: Callable[[httpx.Request], httpx.Response],
    ctx: FakeContext,
    *,
    ref: Ref = RUN,
    tail: int = 1_000,
    follow: bool = False,
) -> list[LogLine]:
    query = LogQuery(tail=tail, whole=True, follow=follow)
    async with connected(github, ctx) as source:
        return [line async for line in source.logs(ref, query)]


def _outline(lines: list[LogLine]) -> list[str]:
    return [
        f"{'  ' * line.depth}{'+' if line.head else '-'} {line.text}"
        for line in lines
        if line.head or not line.title
    ]


BUILD = _job(number=5, name="build / linux: x64", conclusion="success", completed_at=_at(30))
TEST = _job(*STEPS, number=6, name="test", started_at=_at(31))
SKIPPED = _job(number=7, name="deploy", conclusion="skipped", steps=[], started_at=_at(50))
FILES: dict[str, str | bytes] = {
    "1_test.txt": _text(),
    "0_build  linux x64.txt": f"{_stamp(2)} compiled\n",
    "build  linux x64/1_Set up job.txt": f"{_stamp(2)} compiled\n",
    "build  linux x64/system.txt": "machine",
}


async def test_all_jobs_of_a_run_come_from_its_archive_in_their_order(tmp_path: Path) -> None:
    github = _github(_zip(FILES), SKIPPED, TEST, BUILD)
    title, *lines = await _read(github, context(tmp_path))
    assert (title.text, title.title, title.head) == ("all of 3 jobs", True, False)
    heads = [line for line in lines if line.head and line.depth == 0]
    assert [(line.text, line.failed, line.status) for line in heads] == [
        ("build / linux: x64  30s", False, Status.OK),
        ("test  failure  29s", True, Status.FAILED),
        ("deploy  skipped", False, Status.OK),
    ]
    assert _outline(lines)[:3] == [
        "+ build / linux: x64  30s", "  - compiled", "+ test  failure  29s",
    ]  # fmt: skip
    assert {line.group for line in lines} == {job["name"] for job in (BUILD, TEST, SKIPPED)}
    assert [line.depth for line in lines if line.failed and line.error] == [2, 2]
    assert not [path for path in github.paths() if path.startswith(f"{JOBS}/")]
    assert not [request for request in github.requests if request.url.path == "/z"
                and "authorization" in request.headers]  # fmt: skip


async def test_the_log_of_a_job_is_as_well_that_of_its_whole_run(tmp_path: Path) -> None:
    ref = Ref("github", Kind.BUILD_JOB, "o/r/6")
    lines = await _read(_github(_zip(FILES), TEST, BUILD), context(tmp_path), ref=ref)
    assert lines[0].text == "all of 2 jobs"
    assert lines[2].text == "compiled"


async def test_the_first_error_stays_among_the_lines_that_are_asked_for(tmp_path: Path) -> None:
    noise = "".join(f"{_stamp(40)} noise {number}\n" for number in range(3_000))
    late = _job(number=8, name="late", conclusion="success", started_at=_at(55))
    github = _github(_zip({**FILES, "2_late.txt": noise}), BUILD, TEST, late)
    lines = await _read(github, context(tmp_path), tail=200)
    assert len(lines) <= 201
    assert lines[-1].text == "noise 2999"
    assert [line.text for line in lines if line.failed and line.error]


# --- archives that are not as they should be -----------------------------------------------------


def _damaged(content: bytes) -> bytes:
    """Return an archive whose texts are not those that were packed."""
    at = content.index(b"1_test.txt") + 40
    return content[:at] + bytes(byte ^ 0x55 for byte in content[at : at + 60]) + content[at + 60 :]


def _encrypted(content: bytes) -> bytes:
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content = content[: at + 8] + b"\x01" + content[at + 9 :]
        at += 4
    return content


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (b"<html>sign in</html>", "cannot be read"),
        (b"", "cannot be read"),
        (_zip(FILES)[:-30], "cannot be read"),
        (b"PK\x01\x02" * (log_archive.MAX_FILES + 1), "more than 20,000 files"),
        (None, "Not Found"),
    ],
)
async def test_without_an_archive_each_job_is_read_by_itself(
    archive: bytes | None, said: str, tmp_path: Path
) -> None:
    lines = await _read(_github(archive, BUILD, TEST), context(tmp_path))
    texts = [line.text for line in lines]
    assert said in texts[1]
    assert texts.count("by itself") == 2


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (_damaged(_zip(FILES)), "the log of test breaks off: the archive is damaged"),
        (_zip(FILES)[200:], "the log of test breaks off: the archive is damaged"),
        (_encrypted(_zip(FILES)), "it is encrypted"),
        (_zip(FILES, ZIP_BZIP2), "packed in a way that GitHub does not use"),
    ],
)
async def test_a_text_that_cannot_be_unpacked_is_told_in_its_place(
    archive: bytes, said: str, tmp_path: Path
) -> None:
    lines = await _read(_github(archive, BUILD, TEST), context(tmp_path))
    told = [line for line in lines if said in line.text]
    assert "test" in {line.group for line in told}
    assert [line.text for line in lines if line.head and line.depth == 0] == [
        "build / linux: x64  30s", "test  failure  29s",
    ]  # fmt: skip


async def test_names_lead_nowhere_and_those_that_no_log_has_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    odd: dict[str, str | bytes] = {
        "../1_test.txt": "up", "/1_test.txt": "root", "..\\1_test.txt": "back",
        "C:\\1_test.txt": "drive", "0_../../test.txt": "up again", "run.sh": "rm -rf",
        "a/b/c.txt": "deep",
    }  # fmt: skip
    github = _github(_zip({**odd, **FILES}), BUILD, TEST)
    lines = await _read(github, context(tmp_path))
    assert lines[1].text == "(7 files of the archive have names that no log has)"
    assert "compiled" in [line.text for line in lines]
    assert not {"up", "root", "back", "drive", "up again"} & {line.text for line in lines}
    assert not list(inside.iterdir())


async def test_what_is_missing_or_called_alike_is_read_by_itself(tmp_path: Path) -> None:
    twins = [_job(number=number, name="twin") for number in (11, 12)]
    signs = _job(number=13, name="🎉", conclusion="success")
    github = _github(_zip({**FILES, "3_twin.txt": "whose?"}), BUILD, *twins, signs)
    lines = await _read(github, context(tmp_path))
    assert [line.text for line in lines if not line.head].count("by itself") == 3
    assert "whose?" not in [line.text for line in lines]
    github.answers[f"{JOBS}/11/logs"] = httpx.Response(404, json={"message": "Not Found"})
    lines = await _read(github, context(tmp_path))
    assert [line.text for line in lines if "there is no log of twin" in line.text]


async def test_a_name_that_github_has_cut_off_is_known(tmp_path: Path) -> None:
    long = "test (" + ", ".join(f"option-{number}" for number in range(20)) + ")"
    job = _job(number=9, name=long, conclusion="success")
    archive = _zip({f"0_{long[:90]}.txt": f"{_stamp(1)} found\n"})
    assert "found" in [line.text for line in await _read(_github(archive, job), context(tmp_path))]


async def test_what_comes_out_of_an_archive_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip bomb: a thousandth of what it holds, and one line of all of it."""
    monkeypatch.setattr(log_archive, "MAX_UNPACKED", 2_000_000)
    bomb = _zip({"1_test.txt": b"0" * 20_000_000, "0_build linux x64.txt": "first\n"})
    assert len(bomb) < 50_000
    lines = await _read(_github(bomb, BUILD, TEST), context(tmp_path))
    assert "first" in [line.text for line in lines]
    assert "come out of the archive" in lines[-1].text
    assert sum(len(line.text) for line in lines) < 100_000


# --- a run that goes on --------------------------------------------------------------------------


async def test_a_run_that_goes_on_is_read_job_by_job(tmp_path: Path) -> None:
    steps = [{"number": 1, "name": "Set up job", "status": "in_progress", "started_at": _at(31)}]
    running = {**TEST, "status": "in_progress", "conclusion": None, "completed_at": None}
    running["steps"] = steps
    github = _github(None, BUILD, running, status="in_progress")
    told = _outline(await _read(github, context(tmp_path)))
    assert told == [
        "+ build / linux: x64  30s",
        "  - by itself",
        "- Set up job: in_progress",
        "- (test is in_progress: its log comes when it has ended)",
    ]
    ctx = context(tmp_path)
    ctx.rounds = 5

    def jobs(_: httpx.Request) -> httpx.Response:
        ended = len(ctx.pauses) > 1
        github.answers[RUNS] = run(1, status="completed" if ended else "in_progress")
        listed = [BUILD, TEST if ended else running]
        return httpx.Response(200, content=json.dumps({"total_count": 2, "jobs": listed}))

    github.answers[f"{RUNS}/jobs"] = jobs
    told = _outline(await _read(github, ctx, follow=True))
    assert told[:3] == ["+ build / linux: x64  30s", "  - by itself", "- Set up job: in_progress"]
    assert told[3] == "+ test  failure  29s"
    assert "    - by itself" in told[4:]
    assert told.count("- Set up job: in_progress") == 1


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no recorded exchanges in {DATA}")
async def test_the_jobs_of_a_recorded_run_are_found_in_an_archive(tmp_path: Path) -> None:
    replay = Replay("WorkflowRun.setUp", "WorkflowRun.test_jobs")
    (home,) = {path for path in replay.answers if path.endswith("/jobs")}
    jobs = replay.body(home)["jobs"]
    names = [job["name"] for job in jobs]
    stamps = [job["started_at"] for job in jobs]
    texts = {f"{at}_{name}.txt": f"{stamps[at]} of {name}\n" for at, name in enumerate(names)}
    base = home.removesuffix("/jobs")
    replay.answers[f"{base}/logs"] = httpx.Response(
        302, headers={"Location": "https://s.example/z"}
    )
    replay.answers["/z"] = httpx.Response(200, content=_zip({**texts}))
    repository, _, number = base.removeprefix("/repos/").partition("/actions/runs/")
    replay.answers.setdefault(base, httpx.Response(200, json=run(int(number))))
    ref = Ref("github", Kind.BUILD, f"{repository}/{number}")
    lines = await _read(replay, context(tmp_path), ref=ref)
    assert {line.text for line in lines} >= {f"of {name}" for name in names}
    assert {line.part for line in lines if line.text.startswith("of ")} == {
        job["steps"][0]["name"] for job in jobs
    }
