"""``opsboard status``: the board, once, for scripts and for eyes."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime

from opsboard.board.rollup import exit_code
from opsboard.board.state import Board
from opsboard.collect.session import Session
from opsboard.commands.collect_once import collect_once
from opsboard.commands.report_style import ReportStyle, report_style
from opsboard.commands.selection import SelectedRecords, nothing_matches, select
from opsboard.commands.session import headless_session
from opsboard.commands.setup import (
    LoadedConfig,
    enabled_sources,
    no_sources_message,
    read_config,
    warn,
)
from opsboard.commands.status_json import json_report
from opsboard.commands.status_text import text_report
from opsboard.config.here import current_environ
from opsboard.config.paths import user_paths
from opsboard.records import Ref
from opsboard.system.exit_codes import ExitCode
from opsboard.ui.theme.theme_files import DEFAULT, built_in_theme, load_theme
from opsboard.views.filter import FilterError
from opsboard.views.panes import pane_named, panes_in_status


def run(options: Namespace) -> int:
    """Print the board once every source has answered; return the exit code for its state."""
    setup = read_config(options)
    panes = [pane_named(options.pane)] if options.pane else list(panes_in_status())
    try:
        select(Board(), panes, options.filter, datetime.now(UTC))
    except FilterError as error:  # told at once, and not after all have been asked
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        warn(no_sources_message(setup))
        return ExitCode.USAGE
    board = _collected(headless_session(setup, sources), options.wait_fresh)
    now = datetime.now(UTC)
    try:
        selected = select(board, panes, options.filter, now)
    except FilterError as error:  # it takes too long
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    if told := nothing_matches(board, selected, options.filter):
        warn(told)
    code = exit_code(board, [pane.kind for pane in panes], _among(selected, options.filter))
    if options.json:
        sys.stdout.write(json_report(board, selected, now, code, options.schema))
    else:
        sys.stdout.write(text_report(board.sources(), selected, now, _printout(options, setup)))
    return code


def _collected(session: Session, seconds: float) -> Board:
    try:
        collect_once(session.feed, session.board, seconds)
    finally:
        session.close()
    return session.board


def _among(selected: Sequence[SelectedRecords], text: str) -> frozenset[Ref] | None:
    """Return what the exit code is about; ``None`` for all, where there is no filter."""
    if not text.strip():
        return None
    return frozenset(record.ref for one in selected for record in one.records)


def _printout(options: Namespace, setup: LoadedConfig) -> ReportStyle:
    """Return how the report is drawn: in the theme and with the glyphs of the board."""
    taste = setup.config.settings.ui
    theme = load_theme(taste.theme, user_paths().themes) or built_in_theme(DEFAULT)
    return report_style(
        sys.stdout, current_environ().env, options.color, theme, ascii_only=taste.ascii
    )
