"""A detail is served while the looks at hundreds of repositories hang."""

import asyncio
from pathlib import Path

import httpx
import pytest

from opsboard.records import Kind, Ref
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.source import connect
from tests.adapters.github.support import context, run, runs
from tests.patience import PATIENCE

REPOSITORIES = 200


class _Hanging:
    """A GitHub that gives no answer to lists of runs, until it is *released*."""

    def __init__(self) -> None:
        self.held = 0
        self.released = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/actions/runs"):
            self.held += 1
            await self.released.wait()
            return httpx.Response(200, json=runs(run(7)))
        return httpx.Response(200, json={"jobs": [], "total_count": 0, **run(7)})


@pytest.mark.parametrize("max_parallel", [1, 2, 8])
async def test_a_detail_does_not_wait_behind_looks(max_parallel: int, tmp_path: Path) -> None:
    github, ctx = _Hanging(), context(tmp_path)
    settings = GitHubSettings(
        repositories=tuple(f"o/r{number}" for number in range(REPOSITORIES)),
        max_parallel=max_parallel,
        deployments=False,
    )

    async def follow() -> None:
        async for _ in source.changes():
            pass

    async with connect(settings, ctx, transport=httpx.MockTransport(github)) as source:
        following = asyncio.create_task(follow())
        try:
            async with asyncio.timeout(PATIENCE):
                await _until_nothing_moves(github)
                detail = await source.detail(Ref("github", Kind.BUILD, "o/r7/7"))
        finally:
            github.released.set()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    assert detail.record.ref.id == "o/r7/7"
    assert github.held < max(max_parallel, 2)


async def _until_nothing_moves(github: _Hanging) -> None:
    held = -1
    while held != github.held or not held:
        held = github.held
        for _ in range(50):
            await asyncio.sleep(0)
