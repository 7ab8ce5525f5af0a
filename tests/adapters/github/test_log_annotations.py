"""Annotations at their lines, and the folds of a job's log."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import AnnotationLevel, LogAnnotation, LogLine, LogQuery
from opsboard.records import Kind, Ref
from opsboard_adapters.github.log_annotations import command_annotation
from opsboard_adapters.github.log_parser import LogParser, LogSteps
from opsboard_adapters.github.models import GitHubJob, parse
from tests.adapters.github.support import FakeGitHub, connected, context
from tests.adapters.github.test_log_steps import JOBS, LOG, STEPS, _job, _stamp, _text

ERROR, WARNING = AnnotationLevel.ERROR, AnnotationLevel.WARNING


def _told(level: str, message: str, path: str = "app.js", line: int = 3) -> dict[str, Any]:
    """Return an annotation as GitHub lists it."""
    return {
        "path": path,
        "blob_href": f"https://github.com/o/r/blob/0/{path}",
        "start_line": line,
        "start_column": 7 if path == "app.js" else None,
        "end_line": line,
        "end_column": None,
        "annotation_level": level,
        "title": "Lint" if path == "app.js" else "",
        "message": message,
        "raw_details": "",
    }


async def _read(
    tmp_path: Path, log: str, annotations: Any, **fields: Any
) -> tuple[list[LogLine], FakeGitHub]:
    github = FakeGitHub(
        {
            f"{JOBS}/5": _job(*STEPS, **fields),
            f"{JOBS}/5/logs": httpx.Response(302, headers={"Location": "https://s.example/5"}),
            "/5": httpx.Response(200, text=log),
            "/repos/o/r/check-runs/5/annotations": annotations,
        }
    )
    ref = Ref("github", Kind.BUILD_JOB, "o/r/5")
    async with connected(github, context(tmp_path)) as source:
        return [line async for line in source.logs(ref, LogQuery(tail=100))], github


async def test_an_annotation_is_told_at_its_line_and_one_without_a_line_behind_all(
    tmp_path: Path,
) -> None:
    lines, _ = await _read(
        tmp_path,
        _text(),
        [
            _told("failure", "test_basket failed\nexpected 3, got 4"),
            _told("failure", "Process completed with exit code 1.", ".github", 12),
            _told("warning", "Node 16 is deprecated"),
            _told("novel", "of a level that is not known"),
        ],
    )
    marked = {line.text: line.annotation for line in lines if line.annotation}
    assert marked == {
        "error: a warning that is allowed": LogAnnotation(ERROR),
        "error: test_basket failed": LogAnnotation(ERROR, "app.js:3:7", "Lint"),
        "error: Process completed with exit code 1.": LogAnnotation(ERROR),
        "warning: Node 16 is deprecated": LogAnnotation(WARNING, "app.js:3:7", "Lint"),
    }
    *_, head, last = lines
    assert (head.text, head.head, head.title) == ("Annotations that no line here is", True, True)
    assert (last.text, last.depth) == ("warning: Node 16 is deprecated", head.depth + 1)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(403, json={"message": "Resource not accessible"}), ""),
        (httpx.Response(404, json={"message": "Not Found"}), ""),
        (httpx.Response(200, text="<html>"), "annotations cannot be read"),
        (httpx.Response(502, text="bad"), "annotations cannot be read"),
    ],
)
async def test_a_log_is_read_whatever_becomes_of_its_annotations(
    answer: httpx.Response, said: str, tmp_path: Path
) -> None:
    lines, _ = await _read(tmp_path, _text(), answer)
    assert [line for line in lines if line.failed and line.error]
    assert bool(said) is any(said in line.text for line in lines if said)


async def test_of_a_job_that_is_well_and_marks_nothing_no_annotations_are_asked_for(
    tmp_path: Path,
) -> None:
    _, github = await _read(tmp_path, f"{_stamp(1)} fine\n", [], conclusion="success")
    assert not [path for path in github.paths() if "annotations" in path]


@pytest.mark.parametrize(
    ("properties", "place", "title"),
    [
        ("", "", ""),
        ("file=a.py", "a.py", ""),
        ("file=src/a.py,line=3,col=7,endColumn=9,title=No%3A 1%2C 2", "src/a.py:3:7", "No: 1, 2"),
        ("line=3", "3", ""),
        ("=,,file", "", ""),
        ("file=100%25.py", "100%.py", ""),
        ("file=\x1b[31ma.py,title=\x1b]2;mine\x07 [red]x", "a.py", "[red]x"),
    ],
)
def test_where_a_command_says_that_it_is(properties: str, place: str, title: str) -> None:
    assert command_annotation("error", properties) == LogAnnotation(ERROR, place, title)
    assert command_annotation("debug", properties) is None
    line = LogParser().line(f"::error {properties}::boom" if properties else "::error::boom")
    assert line is not None
    assert line.annotation == LogAnnotation(ERROR, place, title)


def test_steps_and_groups_are_folds() -> None:
    """Shown as an outline: a head, and below it what is deeper."""
    parser = LogParser(LogSteps(parse(GitHubJob, _job(*STEPS))))
    lines = [line for at, text, _ in LOG for line in parser.feed(f"{_stamp(at)} {text}")]
    assert [f"{'  ' * line.depth}{'+' if line.head else '-'} {line.text}" for line in lines] == [
        "+ Set up job  1s",
        "  - Current runner version: '2.331.0'",
        "  + Operating System",
        "    - Ubuntu",
        "  - Complete job name: test",
        "+ Check out  1s",
        "  + Run actions/checkout@v4",
        "  + Getting Git version info",
        "+ Lint  1s",
        "  + Run make lint",
        "    - make lint",
        "  - error: a warning that is allowed",
        "  - the last of lint",
        "+ Unit tests  failure  1s",
        "  + Run make test",
        "  + Run a nested thing",
        "  - error: test_basket failed",
        "  - error: Process completed with exit code 1.",
        "+ Post Check out  1s",
        "  - Post job cleanup.",
        "  - [command]/usr/bin/git version",
        "+ Complete job  1s",
        "  - Cleaning up orphan processes",
    ]
    heads = [line for line in lines if line.head]
    assert [line.text for line in heads if line.failed] == ["Unit tests  failure  1s"]
    assert {line.title for line in heads if line.depth == 0} == {True}
    assert {line.title for line in heads if line.depth == 1} == {False}
