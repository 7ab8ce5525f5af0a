"""``opsboard status``: the board, once, for scripts and for eyes."""

import asyncio
import sys
from argparse import Namespace
from datetime import UTC, datetime

from opsboard.board.rollup import exit_code
from opsboard.board.state import Board
from opsboard.collect.session import Session
from opsboard.commands.headless import headless
from opsboard.commands.report import json_report, text_report
from opsboard.commands.setup import complain, enabled_sources, nothing_to_show, read
from opsboard.commands.waiting import collect
from opsboard.exits import Exit
from opsboard.views.panes import BY_ID, NUMBERED


def run(options: Namespace) -> int:
    """Print the board once every source has answered; return the exit code for its state."""
    setup = read(options)
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        complain(nothing_to_show(setup))
        return Exit.USAGE
    board = _collected(headless(setup, sources), options.wait_fresh)
    panes = [BY_ID[options.pane]] if options.pane else list(NUMBERED)
    code = exit_code(board, [pane.kind for pane in panes])
    write = json_report if options.json else text_report
    sys.stdout.write(write(board, panes, datetime.now(UTC), code))
    return code


def _collected(session: Session, seconds: float) -> Board:
    try:
        collect(session.feed, session.board, seconds)
    finally:
        session.close()
    return session.board
