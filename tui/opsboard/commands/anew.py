"""The board where the last session cannot be believed: config and sources are found first."""

import asyncio
from argparse import Namespace

from opsboard.commands.as_configured import as_configured
from opsboard.commands.setup import complain, enabled_sources, read
from opsboard.commands.showing import show
from opsboard.config.paths import Paths


def run_anew(options: Namespace, place: str, paths: Paths) -> int:
    """Open the board, or the demo world where there is no source; return the exit code."""
    setup = read(options)
    sources = asyncio.run(enabled_sources(setup))
    if setup.file is None and not sources:
        from opsboard.commands.demo import show_demo  # noqa: PLC0415 - imports a server

        complain("nothing is configured and nothing was found: this is the demo world")
        return show_demo(options)
    for problem in setup.config.problems:
        complain(str(problem))
    return show(as_configured(setup, sources, place), options, paths)
