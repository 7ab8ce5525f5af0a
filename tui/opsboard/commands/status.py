"""``opsboard status``: the board, once, for scripts and for eyes."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime

from opsboard.board.rollup import exit_code
from opsboard.board.state import Board
from opsboard.collect.session import Session
from opsboard.commands.headless import headless
from opsboard.commands.printout import Printout, printout
from opsboard.commands.report import json_report
from opsboard.commands.selection import Selected, nothing_matches, select
from opsboard.commands.setup import Setup, complain, enabled_sources, nothing_to_show, read
from opsboard.commands.text_report import text_report
from opsboard.commands.waiting import collect
from opsboard.config.here import here
from opsboard.config.paths import user_paths
from opsboard.exits import Exit
from opsboard.records import Ref
from opsboard.ui.themes import DEFAULT, built_in, load_theme
from opsboard.views.filter import FilterError
from opsboard.views.panes import BY_ID, NUMBERED


def run(options: Namespace) -> int:
    """Print the board once every source has answered; return the exit code for its state."""
    setup = read(options)
    panes = [BY_ID[options.pane]] if options.pane else list(NUMBERED)
    try:
        select(Board(), panes, options.filter, datetime.now(UTC))
    except FilterError as error:  # told at once, and not after all have been asked
        complain(f"--filter {options.filter!r}: {error}")
        return Exit.USAGE
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        complain(nothing_to_show(setup))
        return Exit.USAGE
    board = _collected(headless(setup, sources), options.wait_fresh)
    now = datetime.now(UTC)
    try:
        selected = select(board, panes, options.filter, now)
    except FilterError as error:  # it takes too long
        complain(f"--filter {options.filter!r}: {error}")
        return Exit.USAGE
    if told := nothing_matches(board, selected, options.filter):
        complain(told)
    code = exit_code(board, [pane.kind for pane in panes], _among(selected, options.filter))
    if options.json:
        sys.stdout.write(json_report(board, selected, now, code))
    else:
        sys.stdout.write(text_report(board.sources(), selected, now, _printout(options, setup)))
    return code


def _collected(session: Session, seconds: float) -> Board:
    try:
        collect(session.feed, session.board, seconds)
    finally:
        session.close()
    return session.board


def _among(selected: Sequence[Selected], text: str) -> frozenset[Ref] | None:
    """Return what the exit code is about; ``None`` for all, where there is no filter."""
    if not text.strip():
        return None
    return frozenset(record.ref for one in selected for record in one.records)


def _printout(options: Namespace, setup: Setup) -> Printout:
    """Return how the report is drawn: in the theme and with the glyphs of the board."""
    taste = setup.config.settings.ui
    theme = load_theme(taste.theme, user_paths().themes) or built_in(DEFAULT)
    return printout(sys.stdout, here().env, options.color, theme, ascii_only=taste.ascii)
