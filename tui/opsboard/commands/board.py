"""``opsboard`` without a command: the board, or the demo where nothing is configured or found.

What is imported before the first frame delays it. Where the board of the last session can be shown
at once, nothing else is read for it: no config, no adapter, no pydantic. All of that happens after
the first frame, in the engine's thread.
"""

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from opsboard.board.cache_file import workspace_of
from opsboard.commands.launch import BoardLaunch, launch_board, launch_of
from opsboard.config.paths import Paths, config_file, current_environ, user_paths
from opsboard.config.scope_file import ScopeFile
from opsboard.startup import instant_frame
from opsboard.startup.first_frame import FirstFrame, load_first_frame
from opsboard.startup.frame_keeper import FramePlace
from opsboard.system.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from opsboard.commands.setup import LoadedConfig
    from opsboard.config.resolved_source import ResolvedSource

_log = logging.getLogger(__name__)


def run(options: "Namespace") -> int:
    """Open the board; return the exit code."""
    host_environ, paths = current_environ(), user_paths()
    file = config_file(options.config, host_environ.env)
    place = workspace_of(file, host_environ.cwd)
    kept = FramePlace(
        paths.cache,
        instant_frame.asked_for(),
        host_environ,
        file,
        [paths.config_file, ScopeFile(paths.state, place).file],
    )
    if first_frame := load_first_frame(paths.cache, place, file, host_environ):
        return launch_board(_from_snapshot(first_frame, options, place), options, paths, kept)
    instant_frame.withdraw()  # nothing of the last session is on the board to come
    return _run_without_snapshot(options, place, paths, kept)


def _from_snapshot(first_frame: FirstFrame, options: "Namespace", place: str) -> BoardLaunch:
    """Return the board of the last session; its sources are found again after the first frame."""

    setups: list[LoadedConfig] = []

    async def find() -> "Sequence[ResolvedSource]":
        from opsboard.commands.setup import (  # noqa: PLC0415 - in the engine's thread
            enabled_sources,
            read_config,
        )

        setups.append(read_config(options))
        return await enabled_sources(setups[0], _log.warning)

    return BoardLaunch(
        find,
        place,
        first_frame.settings,
        lambda: setups[0] if setups else None,
        read_only=options.read_only or first_frame.settings.read_only,
        keys=first_frame.keys,
    )


def _run_without_snapshot(options: "Namespace", place: str, paths: Paths, kept: FramePlace) -> int:
    """Open the board once config and sources are found; return the exit code.

    Where there is no source, open the demo; where that is not installed, print how to set up.
    """
    from opsboard.commands.setup import (  # noqa: PLC0415 - imports pydantic and the adapters
        enabled_sources,
        read_config,
        warn,
    )

    setup = read_config(options)
    sources = asyncio.run(enabled_sources(setup))
    if setup.file is None and not sources:
        return _run_demo(options)
    for problem in setup.config.problems:
        warn(str(problem))
    return launch_board(launch_of(setup, sources, place), options, paths, kept)


def _run_demo(options: "Namespace") -> int:
    from opsboard.commands.setup import warn  # noqa: PLC0415 - seldom used, as are the others
    from opsboard.demo.process import missing_servers  # noqa: PLC0415

    if missing_servers():
        from opsboard.commands.first_steps import first_steps  # noqa: PLC0415

        sys.stdout.write(first_steps())
        return ExitCode.OK
    from opsboard.commands.demo import show_demo  # noqa: PLC0415

    warn("nothing is configured and nothing was found: this is the demo")
    return show_demo(options)
