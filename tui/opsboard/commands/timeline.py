"""``opsboard timeline``: what changed, what was done, what alerted, and when nobody looked."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from opsboard.commands.history_access import History, known_acts, open_history, since_of
from opsboard.commands.json_versions import render
from opsboard.commands.report_style import ReportStyle, style_of
from opsboard.commands.setup import read_config, sources_to_ask, warn
from opsboard.history.history_json import row_json
from opsboard.history.read_timeline import TimelineQuery, refs_named, timeline_rows
from opsboard.history.timeline import TimelineEvent, TimelineRow, gap_text, timeline_filter
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.ui.render.layout import wrap_text
from opsboard.views.filter import Filter, FilterError

_TIME: Final = 14


def run(options: Namespace) -> int:
    """Print the time line; return 0, or 1 where nothing is known by the name that was given."""
    now = datetime.now(UTC)
    setup = read_config(options)
    since = since_of(options, now)
    if since is None:
        return ExitCode.USAGE
    if options.limit < 1:
        warn("--limit is a number of rows: at least 1")
        return ExitCode.USAGE
    try:
        chosen = timeline_filter(options.filter)
    except FilterError as error:
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    with open_history(sources) as history:
        if history.problem:
            warn(history.problem)
        return _print(history, options, (since, now), chosen, style_of(options, setup))


def _print(
    history: History,
    options: Namespace,
    span: tuple[datetime, datetime],
    chosen: Filter,
    style: ReportStyle,
) -> int:
    refs = None
    if options.name:
        refs = refs_named(history.reader, options.name, *span)
        if not refs:
            warn(f"nothing called {options.name!r} is in the history of that time")
            return ExitCode.FAILED
    query = TimelineQuery(*span, refs, chosen, options.all, options.limit)
    try:
        rows = timeline_rows(history.reader, query, known_acts())
    except FilterError as error:  # it takes too long
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    if options.json:
        since, until = (at.isoformat() for at in span)
        fields = {"since": since, "until": until, "rows": [row_json(row) for row in rows]}
        sys.stdout.write(render("opsboard.timeline", fields))
    else:
        unknown = bool(history.problem or history.reader.problem)
        lines = [] if unknown and not rows else _lines(rows, span, style, chosen.text)
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return ExitCode.FAILED if history.reader.problem else ExitCode.OK


# --- as text -------------------------------------------------------------------------------------


def _lines(
    rows: Sequence[TimelineRow],
    span: tuple[datetime, datetime],
    style: ReportStyle,
    words: str,
) -> Iterator[str]:
    if not rows:
        since = f"{span[0].astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"
        said = f"matches {words!r} since {since}" if words else f"has changed since {since}"
        yield f"nothing {said}, as far as it was watched"
    for row in rows:
        if isinstance(row, TimelineEvent):
            yield from _event_lines(row, span[1], style)
        else:
            dots = style.styles.glyphs.ellipsis
            text = f"{dots} {gap_text(row, LOCAL_ZONE)} {dots}"
            yield style.paint(f"{' ' * _TIME}  {text}", style.styles.muted)


def _event_lines(row: TimelineEvent, now: datetime, style: ReportStyle) -> Iterator[str]:
    parts = [f"{row.what} {row.change}".strip(), row.who, row.environment]
    if row.cause:
        parts.append(f"reason: {row.cause}")
    if row.earliest is not None:
        parts.append(f"at {_clock(row.earliest, now)} at the earliest")
    if row.backfilled:
        parts.append("told later by the source")
    word = style.styles.glyphs.status[row.status] if style.drawn else ""
    head = f"{_clock(row.at, now):>{_TIME}} {word:<1} {row.kind:<7} "
    text = ", ".join(filter(None, parts))
    lines = [text] if style.width is None else list(wrap_text(text, style.width - len(head)))
    first, *rest = lines or [""]
    yield style.paint(head, style.styles.statuses[row.status]) + first
    yield from (f"{' ' * len(head)}{line}" for line in rest)


def _clock(at: datetime, now: datetime) -> str:
    local = at.astimezone(LOCAL_ZONE)
    today = local.date() == now.astimezone(LOCAL_ZONE).date()
    return f"{local:%H:%M:%S}" if today else f"{local:%m-%d %H:%M:%S}"
