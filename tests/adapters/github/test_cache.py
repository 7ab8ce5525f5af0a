"""What was answered before is remembered for the next look, and nobody trips over that."""

import asyncio
from pathlib import Path

import httpx

from opsboard_adapters.github.api import _MAX_CACHED
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.source import GitHubSource, connect
from tests.adapters.github.support import context


async def test_what_is_pushed_out_while_it_is_asked_for_is_there_all_the_same(
    tmp_path: Path,
) -> None:
    """A form asks for the statuses of many deployments at once, more than are remembered."""
    asked_again, others_came = asyncio.Event(), asyncio.Event()

    async def github(request: httpx.Request) -> httpx.Response:
        if "If-None-Match" in request.headers:
            asked_again.set()
            await others_came.wait()
            return httpx.Response(304)
        return httpx.Response(200, json=[{"id": 1}], headers={"ETag": '"1"'})

    settings = GitHubSettings(repositories=("o/r",))
    transport = httpx.MockTransport(github)
    async with connect(settings, context(tmp_path), transport=transport) as source:
        assert isinstance(source, GitHubSource)
        api = source._api
        first = await api.get_array("first")
        again = asyncio.create_task(api.get_array("first"))
        await asked_again.wait()
        await asyncio.gather(*(api.get_array(f"other/{n}") for n in range(2 * _MAX_CACHED)))
        others_came.set()
        assert await again == first
        assert len(api._cache) <= _MAX_CACHED
