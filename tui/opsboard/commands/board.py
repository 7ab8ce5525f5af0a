"""``opsboard``: the board itself, or the demo world where nothing is configured or found."""

from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from opsboard.board.cache import place_of
from opsboard.collect.clock import SystemClock
from opsboard.commands.setup import Setup, complain, enabled_sources, read
from opsboard.config.discover import here
from opsboard.config.environments import EnvironmentRules
from opsboard.config.paths import user_paths
from opsboard.config.problems import ConfigError
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
    if setup.file is None and _nothing_here():
        from opsboard.commands.demo import show  # noqa: PLC0415 - imports a server

        return show(options)
    return show_board(setup, options)


def show_board(setup: Setup, options: Namespace) -> int:
    """Show what *setup* names until the user leaves."""
    session = _session(setup)
    try:
        ui = ui_settings(setup.config.settings.ui, options)
        for warning in (*session.warnings, *map(str, setup.config.problems)):
            complain(warning)
        return start(session.feed, session.board, ui, SystemClock(), user_paths().themes)
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


def _session(setup: Setup) -> "Session":
    from opsboard.collect.session import open_session  # noqa: PLC0415 - not for a demo's parent

    surroundings = here()
    return open_session(
        partial(enabled_sources, setup),
        surroundings=surroundings,
        paths=user_paths(),
        place=place_of(setup.file, surroundings.cwd),
        environments=EnvironmentRules(setup.config.settings.environments),
    )


def _nothing_here() -> bool:
    """Tell whether discovery finds nothing at all. Reads a few small files, no network."""
    import asyncio  # noqa: PLC0415 - only where there is no config

    return not asyncio.run(enabled_sources(Setup.empty()))
