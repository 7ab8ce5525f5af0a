"""A cluster of the demo, over real HTTP."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.seed_data import create_world
from tests.demo.kubernetes.cluster_client import AT, ClusterClock
from tests.patience import PATIENCE


@pytest.fixture
def clock() -> ClusterClock:
    return ClusterClock()


@pytest.fixture
def url(clock: ClusterClock) -> Iterator[str]:
    world, controllers = create_world(7, AT)
    with serve_in_thread(build_app(world, controllers, lambda: clock.at)) as address:
        yield f"{address}/clusters/production-eu"


@pytest.fixture
async def api(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as client:
        yield client
