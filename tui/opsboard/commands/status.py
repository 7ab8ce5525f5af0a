"""``opsboard status``: the board, once, for scripts and for eyes."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime

from opsboard.board.rollup import exit_code
from opsboard.board.state import Board
from opsboard.collect.session import Session
from opsboard.commands.collect_once import collect_once, headless_session
from opsboard.commands.report_style import ReportStyle, report_style
from opsboard.commands.selection import SelectedRecords, nothing_matches, select
from opsboard.commands.setup import (
    LoadedConfig,
    enabled_sources,
    no_sources_message,
    read_config,
    warn,
)
from opsboard.commands.status_json import json_report
from opsboard.commands.status_text import text_report
from opsboard.config.paths import current_environ, user_paths
from opsboard.config.registry import load_all_adapters
from opsboard.records import Ref
from opsboard.system.exit_codes import ExitCode
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.theme.theme_files import DEFAULT, built_in_theme, load_theme
from opsboard.views.filter import FilterError
from opsboard.views.panes import PaneSpec, pane_named, panes, panes_in_status


def run(options: Namespace) -> int:
    """Print the board once every source has answered; return the exit code for its state."""
    setup = read_config(options)
    try:
        chosen = chosen_panes(options.pane)
        select(Board(), chosen, options.filter, datetime.now(UTC))
    except FilterError as error:  # before any source is asked
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    except UnknownPaneError as error:
        warn(f"--pane {options.pane!r}: {error}")
        return ExitCode.USAGE
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        warn(no_sources_message(setup))
        return ExitCode.USAGE
    chosen = chosen_panes(options.pane)  # adapters that were loaded since may have declared more
    board = _collected(headless_session(setup, sources), options.wait_fresh)
    now = datetime.now(UTC)
    try:
        selected = select(board, chosen, options.filter, now)
    except FilterError as error:  # it takes too long
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    if message := nothing_matches(board, selected, options.filter):
        warn(message)
    code = exit_code(board, [pane.kind for pane in chosen], chosen_refs(selected, options.filter))
    if options.json:
        sys.stdout.write(json_report(board, selected, now, code, options.schema))
    else:
        sys.stdout.write(text_report(board.sources(), selected, now, style_of(options, setup)))
    return code


class UnknownPaneError(ValueError):
    """There is no table of that name. The text says which there are."""


def chosen_panes(word: str | None) -> list[PaneSpec]:
    """Return the table called *word*; by default those that are printed unless one is asked for."""
    if not word:
        return list(panes_in_status())
    try:
        return [pane_named(word)]
    except KeyError:
        load_all_adapters()  # it may be of a kind that an adapter declares
    try:
        return [pane_named(word)]
    except KeyError:
        known = did_you_mean_or_list(word, [pane.id for pane in panes()])
        raise UnknownPaneError(f"no such table; {known}") from None


def _collected(session: Session, seconds: float) -> Board:
    try:
        collect_once(session.feed, session.board, seconds)
    finally:
        session.close()
    return session.board


def chosen_refs(selected: Sequence[SelectedRecords], text: str) -> frozenset[Ref] | None:
    """Return the records that the exit code counts; ``None`` for all, without a filter."""
    if not text.strip():
        return None
    return frozenset(record.ref for one in selected for record in one.records)


def style_of(options: Namespace, setup: LoadedConfig) -> ReportStyle:
    """Return the style of the report: the theme and the glyphs of the board."""
    taste = setup.config.settings.ui
    theme = load_theme(taste.theme, user_paths().themes) or built_in_theme(DEFAULT)
    return report_style(
        sys.stdout, current_environ().env, options.color, theme, ascii_only=taste.ascii
    )
