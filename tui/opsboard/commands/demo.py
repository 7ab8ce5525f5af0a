"""``opsboard demo``: show an embedded world on the board, or only serve it."""

import asyncio
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opsboard.board.cache_file import workspace_of
from opsboard.commands.setup import LoadedConfig, enabled_sources, warn
from opsboard.config.load import load_config
from opsboard.config.paths import Paths, user_paths
from opsboard.system.exit_codes import ExitCode

if TYPE_CHECKING:
    from opsboard.demo.options import DemoOptions

_YEARS: Final = range(1980, 2901)
"""When a demo may be: its company has a past, and its objects expire in years to come."""


def run(options: Namespace) -> int:
    """Show the world on the board, or, with ``--serve``, only serve it and print a config."""
    from opsboard.demo.options import DemoOptions, DemoScale  # noqa: PLC0415 - seldom used

    try:
        scale = DemoScale.parse(options.scale, options.churn)
        demo = DemoOptions(options.seed, options.port, _time(options.at), scale)
    except ValueError as error:
        warn(str(error))
        return ExitCode.USAGE
    return _served(demo, options) if options.serve else _shown(demo, options)


def show_demo(options: Namespace) -> int:
    """Show the usual world; for users who have configured nothing."""
    from opsboard.demo.options import DemoOptions  # noqa: PLC0415 - seldom used

    return _shown(DemoOptions(), options)


def _served(demo: "DemoOptions", options: Namespace) -> int:
    from opsboard.demo.process import DemoError, require_servers  # noqa: PLC0415 - seldom used

    try:
        require_servers()
        from opsboard.demo.serve import serve  # noqa: PLC0415 - imports a server

        return serve(demo, tied=options.tied)
    except DemoError as error:
        warn(str(error))
        return ExitCode.FAILED
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        warn(f"cannot serve the demo on port {demo.port}: {error.strerror or error}")
        return ExitCode.FAILED


def _shown(demo: "DemoOptions", options: Namespace) -> int:
    from opsboard.demo.process import DemoError, DemoProcess  # noqa: PLC0415 - seldom used

    try:
        with DemoProcess(demo) as child:
            from opsboard.commands.launch import (  # noqa: PLC0415 - as the child starts
                launch_board,
                launch_of,
            )

            config = child.wait_until_ready()
            setup = LoadedConfig(load_config(config), config, options.read_only)
            sources = asyncio.run(enabled_sources(setup))
            place = workspace_of(config, config.parent)
            return launch_board(launch_of(setup, sources, place), options, _paths(config.parent))
    except DemoError as error:
        warn(str(error))
        return ExitCode.FAILED


def _paths(folder: Path) -> Paths:
    """Return the user's own themes, with state and cache in the demo's *folder*."""
    return replace(user_paths(), state=folder / "state", cache=folder / "cache")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"--at: {text!r} is no time; write 2026-11-26T14:02:00Z") from None
    if at.year not in _YEARS:
        raise ValueError(f"--at: {text!r} is not from {_YEARS[0]} to {_YEARS[-1]}")
    return at
