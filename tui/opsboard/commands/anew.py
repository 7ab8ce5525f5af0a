"""The board where the last session cannot be believed: config and sources are found first."""

import asyncio
from argparse import Namespace
from collections.abc import Sequence

from opsboard.collect.recall import Told
from opsboard.commands.setup import Setup, complain, enabled_sources, read
from opsboard.commands.showing import Showing, show
from opsboard.config.paths import Paths
from opsboard.config.resolved import ResolvedSource


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
    return show(showing(setup, sources, place), options, paths)


def showing(setup: Setup, sources: Sequence[ResolvedSource], place: str) -> Showing:
    """Return what is to be shown of *setup*."""
    settings = setup.config.settings
    told = Told(setup.config.digest, settings.ui, settings.environments, settings.read_only)
    believable = not setup.config.problems
    return Showing(
        sources, place, told, lambda: settings, read_only=setup.read_only, believable=believable
    )
