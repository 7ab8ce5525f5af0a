"""``opsboard logs TARGET``: a log without a screen, as plain lines."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime

from opsboard.adapter import Forbidden, LogLine, LogQuery, NotFound, SourceError, Unsupported
from opsboard.collect.session import Session
from opsboard.commands.act_targets import TargetError, all_records, find_record
from opsboard.commands.collect_once import collect_once, headless_session
from opsboard.commands.report_style import ReportStyle, style_of
from opsboard.commands.setup import read_config, sources_to_ask, warn
from opsboard.history.time_expression import TimeExpressionError, parse_since
from opsboard.records import Ref
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.ui.render.log_rows import choose_hue, level_style, pod_style
from opsboard.ui.widgets.log_buffer import omitted_text
from opsboard.views.filter_terms import FilterError
from opsboard.views.log_filter import LogFilter, parse_log_filter
from opsboard.views.log_levels import LogLevel, level_of

_OURS = (NotFound, Unsupported, Forbidden)
"""Errors that are an answer: waiting for the source would change nothing."""


def run(options: Namespace) -> int:
    """Print the log; return the exit code."""
    setup = read_config(options)
    try:
        wanted = parse_log_filter(options.grep)
        query = _query(options)
    except FilterError as error:
        warn(f"--grep {options.grep!r}: {error}")
        return ExitCode.USAGE
    except TimeExpressionError as error:
        warn(f"--since: {error}")
        return ExitCode.USAGE
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    session = headless_session(setup, sources)
    printer = LogPrinter(style_of(options, setup), wanted, times=options.timestamps)
    try:
        collect_once(session.feed, session.board, options.wait_fresh)
        return _print(options, session, query, printer)
    finally:
        session.close()


def _query(options: Namespace) -> LogQuery:
    since = None
    if options.since:
        since = parse_since(options.since, datetime.now(UTC), LOCAL_ZONE)
    return LogQuery(
        follow=options.follow,
        tail=options.tail,
        since=since,
        parts=tuple(options.parts),
        previous=options.previous,
        init=options.init,
        whole=options.whole,
    )


def _print(options: Namespace, session: Session, query: LogQuery, printer: "LogPrinter") -> int:
    board = session.board
    able = [record for record in all_records(board) if session.feed.has_log(record.ref)]
    try:
        record = find_record(options.target, able, "read the log of", board, options.environment)
        asyncio.run(_read(session, record.ref, query, printer))
    except TargetError as error:
        warn(str(error))
        return ExitCode.FAILED
    except FilterError as error:  # it takes too long
        warn(f"--grep {options.grep!r}: {error}")
        return ExitCode.USAGE
    except SourceError as error:
        warn(f"{error.message}; {error.hint}" if error.hint else error.message)
        return ExitCode.FAILED if isinstance(error, _OURS) else ExitCode.UNREACHABLE
    return ExitCode.OK


async def _read(session: Session, ref: Ref, query: LogQuery, printer: "LogPrinter") -> None:
    try:
        parts = await session.feed.log_parts(ref)
    except SourceError:  # reading the log tells what is the matter
        parts = ()
    printer.note_parts((part.group, part.name) for part in parts)
    async for line in session.feed.logs(ref, query):
        printer.show(line)


class LogPrinter:
    """Writes lines to standard output, in the colours of *style*, if *wanted*.

    Where a log is of several pods or parts, each line begins with their names in full, so that it
    can be searched for and cut by other programs.
    """

    def __init__(self, style: ReportStyle, wanted: LogFilter, *, times: bool) -> None:
        self._style = style
        self._wanted = wanted
        self._times = times
        self._seen: dict[tuple[str, str], None] = {}
        self._hues: dict[str, int] = {}

    def note_parts(self, parts: Iterable[tuple[str, str]]) -> None:
        """Take note of what the log has lines of."""
        self._seen.update(dict.fromkeys(parts))

    def show(self, line: LogLine) -> None:
        """Write *line*; at once, since somebody may wait for it."""
        level = LogLevel.NONE
        if self._style.depth is not None or self._wanted.asks_level:
            level = max(level_of(line.text), LogLevel.ERROR if line.error else LogLevel.NONE)
        if line.title or not self._wanted(line, level):
            return
        words = [f"{line.at:%Y-%m-%dT%H:%M:%S.%fZ}"] if self._times and line.at else []
        if prefix := self._prefix(line):
            words.append(prefix)
        text = f"{line.text}{omitted_text(line)}"
        words.append(self._style.paint(text, level_style(level, self._style.styles)))
        sys.stdout.write(f"{' '.join(words)}\n")
        sys.stdout.flush()

    def _prefix(self, line: LogLine) -> str:
        if line.part:
            self._seen[line.group, line.part] = None
        if len(self._seen) < 2:
            return ""
        where = "/".join(filter(None, (line.group, line.part)))
        if line.group not in self._hues:
            self._hues[line.group] = choose_hue(line.group, self._hues.values())
        return self._style.paint(where, pod_style(self._hues[line.group], self._style.styles))
