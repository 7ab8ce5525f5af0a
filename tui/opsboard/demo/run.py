"""The demo, served: a world on loopback, and a config that shows it."""

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from opsboard.demo import tie
from opsboard.demo.app import Now, build_app
from opsboard.demo.child import READY
from opsboard.demo.config import write_config
from opsboard.demo.folder import own_folder
from opsboard.demo.order import Demo
from opsboard.demo.server import listen, make_server, url_of
from opsboard.demo.world.founding import found
from opsboard.demo.world.world import World

__all__ = ["WARM_UP", "Demo", "make", "serve"]

WARM_UP: Final = timedelta(minutes=10)
"""How long the world has moved already when it is first seen."""


def serve(demo: Demo, *, tied: bool = False) -> int:
    """Serve the world until a signal ends it; say first which config shows it.

    Return the exit code.

    With *tied*, the parent is told as :mod:`opsboard.demo.child` expects it, and the world ends
    with the parent. Raises :exc:`OSError` where the port cannot be had.
    """
    ending = tie.Ending()
    if tied:
        tie.end_with_parent()
    _serve(demo, ending, _tell_parent if tied else _tell_user)
    return ending.code


def _serve(demo: Demo, ending: tie.Ending, tell: Callable[[Path], None]) -> None:
    with closing(listen(demo.port)) as sock, own_folder() as folder:
        world, app = make(demo)
        tell(write_config(folder, url_of(sock), world))
        ending.run(make_server(app), sock)


def _tell_user(config: Path) -> None:
    sys.stdout.write(f"# also in {config} until the demo ends\n{config.read_text('utf-8')}")
    sys.stdout.flush()


def _tell_parent(config: Path) -> None:
    sys.stdout.write(f"{READY}{config}\n")
    tie.say_no_more()


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
