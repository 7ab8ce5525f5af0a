"""The three servers that the contract is tested on: two real ones, and the demo's."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from opsboard.demo.app import build_app
from opsboard.demo.options import DEFAULT_SEED
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from tests.adapters.mlflow.environments import RELEASES
from tests.adapters.mlflow.seeding import Writer, copy_world
from tests.adapters.mlflow.servers import running
from tests.quiet_demo import quiet_demo

PASSWORD = "very secret 1"
REAL = [pytest.param(name, marks=pytest.mark.mlflow) for name in RELEASES]


@pytest.fixture(scope="session")
def founded() -> tuple[DemoWorld, WorldControllers]:
    """A world that stands still; recent, since monitoring runs are looked for by their age."""
    return create_world(DEFAULT_SEED, datetime.now(UTC))


@pytest.fixture(scope="session")
def world(founded: tuple[DemoWorld, WorldControllers]) -> DemoWorld:
    """What the servers were told of."""
    return founded[0]


@pytest.fixture(scope="session", params=["demo", *REAL])
def told(
    request: pytest.FixtureRequest,
    founded: tuple[DemoWorld, WorldControllers],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The URL of a server that tells the world: the demo's, or a real one that was told it."""
    world, controllers = founded
    if request.param == "demo":
        with serve_in_thread(build_app(world, controllers, lambda: world.now)) as url:
            yield f"{url}/mlflow"
        return
    with running(RELEASES[request.param], tmp_path_factory.mktemp(request.param)) as url:
        with Writer(url) as writer:
            copy_world(world, writer)
        yield url


@pytest.fixture(scope="module", params=REAL)
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server that has nothing in it but what the tests write."""
    with running(RELEASES[request.param], tmp_path_factory.mktemp(request.param)) as url:
        yield url


@pytest.fixture
def writer(real: str) -> Iterator[Writer]:
    """Writes to the real server."""
    with Writer(real) as writer:
        yield writer


@pytest.fixture(scope="session", params=["demo", *REAL])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Writer]:
    """Writes to a server that may be changed: the demo's, or a real one; has its ``url``."""
    if request.param == "demo":
        with quiet_demo() as demo, Writer(f"{demo.url}/mlflow") as writer:
            yield writer
        return
    folder = tmp_path_factory.mktemp(f"{request.param}-ground")
    with running(RELEASES[request.param], folder) as url, Writer(url) as writer:
        yield writer


@pytest.fixture(scope="session", params=REAL)
def guarded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a server that asks for a login."""
    folder = tmp_path_factory.mktemp(f"{request.param}-auth")
    with running(RELEASES[request.param], folder, password=PASSWORD) as url:
        yield url
