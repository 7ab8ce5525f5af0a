"""A cluster of the demo, over real HTTP."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from opsboard.demo.app import build_app
from opsboard.demo.server import serving
from opsboard.demo.world.founding import found
from tests.demo.kubernetes.asking import AT, Hands


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def url(hands: Hands) -> Iterator[str]:
    world, stories = found(7, AT)
    with serving(build_app(world, stories, lambda: hands.at)) as address:
        yield f"{address}/clusters/production-eu"


@pytest.fixture
async def api(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        yield client
