"""The board where the last session cannot be believed: config and sources are found first."""

import asyncio
from argparse import Namespace

from opsboard.commands.as_configured import launch_of
from opsboard.commands.launch import launch_board
from opsboard.commands.setup import enabled_sources, read_config, warn
from opsboard.config.paths import Paths


def run_without_snapshot(options: Namespace, place: str, paths: Paths) -> int:
    """Open the board, or the demo world where there is no source; return the exit code."""
    setup = read_config(options)
    sources = asyncio.run(enabled_sources(setup))
    if setup.file is None and not sources:
        from opsboard.commands.demo import show_demo  # noqa: PLC0415 - imports a server

        warn("nothing is configured and nothing was found: this is the demo world")
        return show_demo(options)
    for problem in setup.config.problems:
        warn(str(problem))
    return launch_board(launch_of(setup, sources, place), options, paths)
