"""A repository that was renamed: GitHub leads to it, and the token goes no further than GitHub."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import LogLine, LogQuery, SourceError
from opsboard.records import Kind, Ref
from tests.adapters.github.actions.stage import staged
from tests.adapters.github.support import FakeGitHub, connected, context

API = "https://api.github.com"
OLD, NEW = "/repos/o/r/actions/jobs/7", "/repositories/77/actions/jobs/7"
STORAGE = "https://storage.example/blob?sig=x"
JOB = {"id": 7, "name": "test", "status": "completed"}


def _moved(status: int, location: str) -> httpx.Response:
    return httpx.Response(status, headers={"Location": location}, json={"message": "Moved"})


def _log(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"2026-01-15T09:00:00Z hello\n")


async def _read(github: FakeGitHub, tmp_path: Path) -> list[LogLine]:
    async with connected(github, context(tmp_path)) as source:
        return [
            line async for line in source.logs(Ref("github", Kind.BUILD_JOB, "o/r/7"), LogQuery())
        ]


def _signed(github: FakeGitHub) -> dict[str, bool]:
    """Return which addresses were asked, and whether the token was shown there."""
    return {
        f"{request.url.scheme}://{request.url.host}{request.url.path}": any(
            "t0ken" in value for value in request.headers.values()
        )
        for request in github.requests
    }


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_its_log_is_found_with_the_token_and_fetched_without(
    status: int, tmp_path: Path
) -> None:
    github = FakeGitHub(
        {
            OLD: _moved(status, f"{API}{NEW}"),
            NEW: JOB,
            f"{OLD}/logs": _moved(status, f"{API}{NEW}/logs"),
            f"{NEW}/logs": _moved(302, STORAGE),
            "/blob": _moved(302, "https://other.example/blob2"),
            "/blob2": _log,
        }
    )
    assert [line.text for line in await _read(github, tmp_path)] == ["hello"]
    assert _signed(github) == {
        f"{API}{OLD}": True,
        f"{API}{NEW}": True,
        f"{API}{OLD}/logs": True,
        f"{API}{NEW}/logs": True,
        "https://storage.example/blob": False,
        "https://other.example/blob2": False,
    }


@pytest.mark.parametrize(
    "location",
    ["http://storage.example/blob", "http://api.github.com/blob", "ftp://x/blob", "http://[", ""],
)
async def test_a_log_is_fetched_from_no_odd_place(location: str, tmp_path: Path) -> None:
    github = FakeGitHub({OLD: JOB, f"{OLD}/logs": _moved(302, location), "/blob": _log})
    with pytest.raises(SourceError, match="302") as caught:
        await _read(github, tmp_path)
    assert caught.value.hint
    assert set(_signed(github)) == {f"{API}{OLD}", f"{API}{OLD}/logs"}


async def test_a_log_that_is_nowhere_is_not_looked_for_without_end(tmp_path: Path) -> None:
    for logs in ({f"{OLD}/logs": _moved(302, f"{OLD}/logs")}, {"/blob": _moved(302, STORAGE)}):
        github = FakeGitHub({OLD: JOB, f"{OLD}/logs": _moved(302, STORAGE), **logs})
        with pytest.raises(SourceError):
            await _read(github, tmp_path)
        assert len(github.requests) < 10


def _leading(status: int, to: str) -> Any:
    """Answer what changes something with a redirect, and at its end that it was done."""

    def tamper(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        path = request.url.path
        if "/repos/" in path:
            rest = path.partition("/repos/harbourside/storefront")[2]
            return httpx.Response(status, headers={"Location": f"{to}/repositories/77{rest}"})
        return httpx.Response(201, json={})

    return tamper


@pytest.mark.parametrize("status", [307, 308])
async def test_an_act_is_sent_on_as_it_is(status: int, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        ref = stage.ended("storefront", "ci", "success")
        plan = await stage.plan("rerun", ref)
        stage.wire.tamper = _leading(status, "/api/v3")
        await stage.execute(plan)
        first, second = stage.wire.posted
    number = ref.id.rpartition("/")[2]
    assert second.url.path == f"/api/v3/repositories/77/actions/runs/{number}/rerun"
    assert (second.method, second.content) == (first.method, first.content)
    assert second.headers["Authorization"] == first.headers["Authorization"]


@pytest.mark.parametrize(
    ("status", "to"),
    [
        (301, "/api/v3"),
        (302, "/api/v3"),
        (303, "/api/v3"),
        (307, "https://127.0.0.1/api/v3"),
        (307, "http://127.0.0.1:8080/api/v3"),
        (307, "http://thief.example/api/v3"),
        (308, "//thief.example/api/v3"),
        (308, "http://["),
    ],
)
async def test_an_act_is_sent_nowhere_else(status: int, to: str, tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
        stage.wire.tamper = _leading(status, to)
        with pytest.raises(SourceError, match=f"{status}.*redirected to"):
            await stage.execute(plan)
        assert len(stage.wire.posted) == 1
