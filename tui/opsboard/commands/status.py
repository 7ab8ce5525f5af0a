"""``opsboard status``: the board, once, for scripts and for eyes."""

import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime

from opsboard.board.rollup import exit_code
from opsboard.collect.session import Session
from opsboard.commands.collect_once import collect_once, headless_session
from opsboard.commands.config_findings import view_findings
from opsboard.commands.report_style import style_of
from opsboard.commands.selection import (
    chosen_panes,
    chosen_refs,
    is_understood,
    nothing_matches,
    select,
)
from opsboard.commands.setup import (
    LoadedConfig,
    read_config,
    sources_to_ask,
    warn,
)
from opsboard.commands.status_json import json_report
from opsboard.commands.status_text import text_report
from opsboard.commands.status_watch import LineWatch, ScreenWatch, WatchedStatus, watch_status
from opsboard.system.exit_codes import ExitCode
from opsboard.views.filter import FilterError


def run(options: Namespace) -> int:
    """Print the board once every source has answered; return the exit code for its state."""
    setup = read_config(options)
    if not is_understood(options.pane, options.filter, datetime.now(UTC)):
        return ExitCode.USAGE
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    for problem in view_findings(setup.config):
        warn(str(problem))
    session = headless_session(setup, sources)
    try:
        collect_once(session.feed, session.board, options.wait_fresh)
        return (_watch if options.watch else _print)(options, setup, session)
    except FilterError as error:  # it takes too long
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    finally:
        session.close()


def _print(options: Namespace, setup: LoadedConfig, session: Session) -> int:
    board, now = session.board, _read(options, session)
    if message := nothing_matches(board, now.selected, options.filter):
        warn(message)
    if options.json:
        sys.stdout.write(json_report(board, now.selected, now.at, now.code, options.schema))
    else:
        style = style_of(options, setup)
        sys.stdout.write(text_report(board.sources(), now.selected, now.at, style))
    return now.code


def _watch(options: Namespace, setup: LoadedConfig, session: Session) -> int:
    show: Callable[[WatchedStatus], None] = LineWatch(session, as_json=options.json)
    if sys.stdout.isatty() and not options.json:
        show = ScreenWatch(session, lambda: style_of(options, setup))
    return watch_status(session, lambda: _read(options, session), show, options.interval)


def _read(options: Namespace, session: Session) -> WatchedStatus:
    """Return what is selected of the board as it is now. Raises :exc:`FilterError`."""
    now = datetime.now(UTC)
    chosen = chosen_panes(options.pane)  # adapters that were loaded since may have declared more
    selected = select(session.board, chosen, options.filter, now)
    refs = chosen_refs(selected, options.filter)
    return WatchedStatus(selected, now, exit_code(session.board, [it.kind for it in chosen], refs))
