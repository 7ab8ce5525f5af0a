"""A demo world at a fixed time, and GitHub's own description of its API."""

import json
import os
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from opsboard.demo.app import build_app
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from tests.patience import PATIENCE

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
PACKAGE = "@octokit/openapi@23.0.2"
MEMBER = "package/generated/api.github.com.json"


class Clock:
    """The time of the world, moved by hand."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def run(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(clock: Clock) -> Starlette:
    world, controllers = create_world(7, NOW)
    clock.run(600)
    world.advance(clock())
    return build_app(world, controllers, clock)


@pytest.fixture
def transport(app: Starlette) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=app)


@pytest.fixture
def world() -> DemoWorld:
    return create_world(7, NOW)[0]


@pytest.fixture(scope="session")
def description(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return GitHub's OpenAPI description, from npm, kept between sessions."""
    folder = request.config.cache.mkdir("github-openapi")
    path = folder / "api.github.com.json"
    if not path.exists():
        _fetch(folder, path)
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _fetch(folder: Path, path: Path) -> None:
    npm = shutil.which("npm")
    try:
        if npm is None:
            raise FileNotFoundError("npm")
        command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        archive = next(folder.glob("*.tgz"))
        with tarfile.open(archive) as tar:
            member = tar.extractfile(MEMBER)
            assert member is not None
            path.write_bytes(member.read())
        archive.unlink()
    except (OSError, subprocess.SubprocessError, StopIteration) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"GitHub's OpenAPI description is not to be had: {error}")
