"""``opsboard status``: the board, once, for scripts and for eyes."""

import asyncio
import sys
from argparse import Namespace
from datetime import UTC, datetime

from opsboard.board.cache import place_of
from opsboard.board.rollup import exit_code
from opsboard.board.state import Board
from opsboard.collect.session import open_session
from opsboard.commands.report import json_report, text_report
from opsboard.commands.setup import Setup, complain, enabled_sources, nothing_to_show, read
from opsboard.commands.waiting import collect
from opsboard.config.environments import EnvironmentRules
from opsboard.config.here import here
from opsboard.config.paths import user_paths
from opsboard.exits import Exit
from opsboard.views.panes import BY_ID, NUMBERED


def run(options: Namespace) -> int:
    """Print the board once every source has answered; return the exit code for its state."""
    setup = read(options)
    board = _collected(setup, options.wait_fresh)
    if not board.sources():
        complain(nothing_to_show(setup))
        return Exit.USAGE
    panes = [BY_ID[options.pane]] if options.pane else list(NUMBERED)
    code = exit_code(board, [pane.kind for pane in panes])
    write = json_report if options.json else text_report
    sys.stdout.write(write(board, panes, datetime.now(UTC), code))
    return code


def _collected(setup: Setup, seconds: float) -> Board:
    surroundings = here()
    session = open_session(
        asyncio.run(enabled_sources(setup)),
        surroundings=surroundings,
        paths=user_paths(),
        place=place_of(setup.file, surroundings.cwd),
        environments=EnvironmentRules(setup.config.settings.environments),
        cached=False,
    )
    try:
        collect(session.feed, session.board, seconds)
    finally:
        session.close()
    return session.board
