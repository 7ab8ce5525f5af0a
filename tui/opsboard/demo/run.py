"""The demo, run: a world on loopback, and a config that shows it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.applications import Starlette

from opsboard.demo.app import Now, build_app
from opsboard.demo.config import write_config
from opsboard.demo.server import listen, make_server, serving, url_of
from opsboard.demo.world.founding import DEFAULT_SEED, found
from opsboard.demo.world.scale import Scale
from opsboard.demo.world.world import World

WARM_UP: Final = timedelta(minutes=10)
"""How long the world has moved already when it is first seen."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Which world, where. With *at*, its clock stands still at that time."""

    seed: int = DEFAULT_SEED
    port: int = 0
    at: datetime | None = None
    scale: Scale = field(default_factory=Scale)


@contextmanager
def running(demo: Demo) -> Iterator[Path]:
    """Serve the world while the context lasts; yield the config file that shows it.

    Raises :exc:`OSError` where the port cannot be had.
    """
    world, app = make(demo)
    with TemporaryDirectory(prefix="opsboard-demo-") as folder, serving(app, demo.port) as url:
        yield write_config(Path(folder), url, world)


def serve(demo: Demo) -> None:
    """Serve the world until a signal ends it; print the config that shows it first."""
    world, app = make(demo)
    sock = listen(demo.port)
    with TemporaryDirectory(prefix="opsboard-demo-") as folder:
        config = write_config(Path(folder), url_of(sock), world)
        sys.stdout.write(f"# also in {config} until the demo ends\n{config.read_text('utf-8')}")
        sys.stdout.flush()
        make_server(app).run(sockets=[sock])


def make(demo: Demo) -> tuple[World, Starlette]:
    """Return the world of *demo*, warmed up, and the application that tells it."""
    now = _clock(demo)
    begin = now()
    world, stories = found(demo.seed, begin - WARM_UP, demo.scale)
    world.advance(begin)
    return world, build_app(world, stories, now)


def _clock(demo: Demo) -> Now:
    stopped = demo.at
    if stopped is not None:
        return lambda: stopped
    return lambda: datetime.now(UTC)
