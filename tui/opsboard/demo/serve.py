"""``opsboard demo --serve``: serve a world on loopback, and write a config that shows it."""

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from opsboard.demo import lifecycle
from opsboard.demo.app import Now, build_app
from opsboard.demo.folder import demo_folder, write_config
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import READY
from opsboard.demo.server import listen, make_server, url_of
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld

__all__ = ["WARM_UP", "DemoOptions", "create_demo", "serve"]

WARM_UP: Final = timedelta(minutes=10)
"""How long the world has been running when it is first served."""


def serve(demo: DemoOptions, *, tied: bool = False) -> int:
    """Serve the world until a signal comes; print first the config that shows it.

    Return the exit code. With *tied*, print what :mod:`opsboard.demo.process` expects instead, and
    end with the parent process. Raises :exc:`OSError` where the port is not free.
    """
    ending = lifecycle.ShutdownSignals()
    if tied:
        lifecycle.exit_with_parent()
    _serve(demo, ending, _tell_parent if tied else _tell_user)
    return ending.exit_code


def _serve(
    demo: DemoOptions, ending: lifecycle.ShutdownSignals, tell: Callable[[Path], None]
) -> None:
    with closing(listen(demo.port)) as sock, demo_folder() as folder:
        world, app = create_demo(demo)
        tell(write_config(folder, url_of(sock), world))
        ending.run(make_server(app), sock)


def _tell_user(config: Path) -> None:
    sys.stdout.write(f"# also in {config} until the demo ends\n{config.read_text('utf-8')}")
    sys.stdout.flush()


def _tell_parent(config: Path) -> None:
    sys.stdout.write(f"{READY}{config}\n")
    lifecycle.silence_output()


def create_demo(demo: DemoOptions) -> tuple[DemoWorld, Starlette]:
    """Return the world of *demo*, which has run for a while, and the application that serves it."""
    now = _clock(demo)
    begin = now()
    world, controllers = create_world(demo.seed, begin - WARM_UP, demo.scale)
    world.advance(begin)
    return world, build_app(world, controllers, now)


def _clock(demo: DemoOptions) -> Now:
    stopped = demo.at
    if stopped is not None:
        return lambda: stopped
    return lambda: datetime.now(UTC)
