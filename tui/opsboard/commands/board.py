"""``opsboard``: the board itself, or the demo world where nothing is configured or found."""

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsboard.board.cache import place_of
from opsboard.collect.clock import SystemClock
from opsboard.commands.setup import Setup, complain, enabled_sources, read
from opsboard.config.discover import here
from opsboard.config.environments import EnvironmentRules
from opsboard.config.paths import Paths, user_paths
from opsboard.config.problems import ConfigError
from opsboard.config.resolved import ResolvedSource
from opsboard.config.settings import UiSettings
from opsboard.exits import Exit
from opsboard.ui.start import start

if TYPE_CHECKING:
    from opsboard.collect.session import Session


def run(options: Namespace) -> int:
    """Open the board; return the exit code."""
    try:
        setup = read(options)
    except ConfigError as error:
        for problem in error.problems:
            complain(str(problem))
        return Exit.USAGE
    sources = asyncio.run(enabled_sources(setup))
    if setup.file is None and not sources:
        from opsboard.commands.demo import show  # noqa: PLC0415 - imports a server

        return show(options)
    return show_board(setup, options, sources, user_paths())


def show_board(
    setup: Setup, options: Namespace, sources: Sequence[ResolvedSource], paths: Paths
) -> int:
    """Show *sources* until the user leaves; what is kept goes to *paths*."""
    session = _session(setup, sources, paths)
    try:
        ui = ui_settings(setup.config.settings.ui, options)
        for problem in setup.config.problems:
            complain(str(problem))
        return start(
            session.feed,
            session.board,
            ui,
            SystemClock(),
            paths.themes,
            problems=session.problems,
            read_only=setup.read_only,
        )
    finally:
        session.close()


def ui_settings(ui: UiSettings, options: Namespace) -> UiSettings:
    """Return *ui* with what the command line says otherwise."""
    said = {
        "theme": options.theme or ui.theme,
        "ascii": ui.ascii if options.ascii is None else options.ascii,
        "mouse": ui.mouse and not options.no_mouse,
    }
    return ui.model_copy(update=said)


def _session(setup: Setup, sources: Sequence[ResolvedSource], paths: Paths) -> "Session":
    from opsboard.collect.session import open_session  # noqa: PLC0415 - not for a demo's parent

    surroundings = here()
    return open_session(
        sources,
        surroundings=surroundings,
        paths=paths,
        place=place_of(setup.file, surroundings.cwd),
        environments=EnvironmentRules(setup.config.settings.environments),
    )
