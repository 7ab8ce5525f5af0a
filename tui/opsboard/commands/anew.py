"""The board where the last session cannot be believed: config and sources are found first."""

import asyncio
import sys
from argparse import Namespace

from opsboard.commands.as_configured import launch_of
from opsboard.commands.launch import launch_board
from opsboard.commands.setup import enabled_sources, read_config, warn
from opsboard.config.paths import Paths
from opsboard.system.exit_codes import ExitCode


def run_without_snapshot(options: Namespace, place: str, paths: Paths) -> int:
    """Open the board; return the exit code.

    Where there is no source, open the demo; where that is not installed, print how to set up.
    """
    setup = read_config(options)
    sources = asyncio.run(enabled_sources(setup))
    if setup.file is None and not sources:
        from opsboard.demo.process import missing_servers  # noqa: PLC0415 - seldom used

        if missing_servers():
            from opsboard.commands.first_steps import first_steps  # noqa: PLC0415

            sys.stdout.write(first_steps())
            return ExitCode.OK
        from opsboard.commands.demo import show_demo  # noqa: PLC0415

        warn("nothing is configured and nothing was found: this is the demo world")
        return show_demo(options)
    for problem in setup.config.problems:
        warn(str(problem))
    return launch_board(launch_of(setup, sources, place), options, paths)
