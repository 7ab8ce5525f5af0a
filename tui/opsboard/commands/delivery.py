"""``opsboard delivery``: what was deployed, what failed, and how long both took."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from opsboard.commands.history_access import History, known_acts, open_history, time_of
from opsboard.commands.json_versions import render
from opsboard.commands.report_style import ReportStyle, style_of
from opsboard.commands.setup import LoadedConfig, read_config, sources_to_ask, warn
from opsboard.config.declarations import declarations_of
from opsboard.delivery.cdevents import cdevents_lines
from opsboard.delivery.delivery_json import delivery_csv, lane_json
from opsboard.delivery.figure_text import ascii_text, figure_lines, lane_title
from opsboard.delivery.figures import DeliveryWindow, LaneFigures
from opsboard.delivery.read_delivery import DeliveryHistory, read_delivery, services_of
from opsboard.delivery.step_text import step_text
from opsboard.environments.rules import in_full
from opsboard.history.historical_board import load_board
from opsboard.history.time_expression import TimeExpressionError, parse_length, parse_since
from opsboard.history.timeline import gap_text, merged_gaps
from opsboard.records import Kind
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.ui.render.layout import wrap_text

_NAME: Final = 13
"""Columns of the name of a measure."""
MOST_GAPS: Final = 5
"""Stretches without a look that a report lists, the longest."""


def run(options: Namespace) -> int:
    """Print the figures; return 0, or 1 where nothing is known by the name that was given."""
    setup = read_config(options)
    asked = _window(options, datetime.now(UTC))
    if asked is None:
        return ExitCode.USAGE
    window, fix_within = asked
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    with open_history(sources) as history:
        if history.problem:
            warn(history.problem)
        found = _read(history, setup, window.until, fix_within)
        lanes = _chosen(found.figures(window), options)
        if history.problem or history.reader.problem:
            return ExitCode.FAILED
    if (options.name or options.environment) and not lanes:
        called = f"called {options.name!r} " if options.name else ""
        where = f" in {options.environment}" if options.environment else ""
        until = "" if options.until is None else f" by {_minute_text(window.until)}"
        warn(f"nothing {called}is known to be deployed{where}{until}")
        return ExitCode.FAILED
    sys.stdout.write(_written(found, lanes, window, options, style_of(options, setup)))
    return ExitCode.OK


def _window(options: Namespace, now: datetime) -> tuple[DeliveryWindow, timedelta] | None:
    """Return the window that is asked for, and how long an alert counts; warn of a bad one."""
    until = now if options.until is None else time_of(options.until, now)
    if until is None:
        return None
    flag = "--window" if options.since is None else "--since"
    try:
        since = _since(options, now, until)
        flag = "--fix-within"
        fix_within = until - parse_length(options.fix_within, until)
    except TimeExpressionError as error:
        warn(f"{flag}: {error}")
        return None
    if since >= until:
        warn("--since is not before --until: nothing lies between them")
        return None
    return DeliveryWindow(since, until), fix_within


def _since(options: Namespace, now: datetime, until: datetime) -> datetime:
    """Return when the window begins. Raises :exc:`TimeExpressionError`."""
    if options.since is None:
        return parse_length(options.window, until)
    return parse_since(options.since, now, LOCAL_ZONE)


def _read(
    history: History, setup: LoadedConfig, until: datetime, fix_within: timedelta
) -> DeliveryHistory:
    declared = declarations_of(setup.config.settings)
    board = load_board(history.reader, until, history.sources, declared=lambda: declared).board
    return read_delivery(
        history.reader,
        until,
        services=services_of(board.records(Kind.SERVICE).values()),
        activities=known_acts(),
        fix_within=fix_within,
    )


def _chosen(lanes: Sequence[LaneFigures], options: Namespace) -> list[LaneFigures]:
    """Return the lanes that are asked for; of a service, those of all of its workloads."""
    name, place = (options.name or "").casefold(), options.environment or ""
    places = {place.casefold(), in_full(place).casefold()}  # ``prod`` may be an alias too
    return [
        one
        for one in lanes
        if (not name or name in {one.key.name.casefold(), *one.key.name.casefold().split(": ")})
        and (not place or one.key.environment.casefold() in places)
    ]


def _written(
    found: DeliveryHistory,
    lanes: Sequence[LaneFigures],
    window: DeliveryWindow,
    options: Namespace,
    style: ReportStyle,
) -> str:
    if options.csv:
        return delivery_csv(lanes)
    if options.cdevents:
        return "".join(f"{line}\n" for line in cdevents_lines(lanes))
    if options.json:
        fields = {
            "since": window.since.isoformat(),
            "until": window.until.isoformat(),
            "recorded_since": found.recorded_since.isoformat() if found.recorded_since else None,
            "fix_within_seconds": found.fix_within.total_seconds(),
            "lanes": [lane_json(one) for one in lanes],
        }
        return render("opsboard.delivery", fields)
    lines = _lines(found, lanes, window, style, each=bool(options.name))
    return "".join(f"{line}\n" for line in lines)


# --- as text -------------------------------------------------------------------------------------


def _lines(
    found: DeliveryHistory,
    lanes: Sequence[LaneFigures],
    window: DeliveryWindow,
    style: ReportStyle,
    *,
    each: bool,
) -> Iterator[str]:
    yield _heading(found, window)
    if not lanes:
        yield "nothing that is deployed is known of that time"
    for figures in lanes:
        yield ""
        yield style.paint(lane_title(figures), style.styles.accent)
        if not figures.is_watched:
            yield "  not watched in that time"
            continue
        for name, text in figure_lines(figures):
            yield from _measure(name, text, style)
        for item in figures.items if each else ():
            yield from _measure("", step_text(item, LOCAL_ZONE), style)
        for line in _gaps(figures) if each else ():
            yield from _measure("", line, style)


def _heading(found: DeliveryHistory, window: DeliveryWindow) -> str:
    since, until = (_minute_text(at) for at in (window.since, window.until))
    recorded = found.recorded_since
    said = f"delivery from {since} to {until}"
    if recorded is None:
        return f"{said}; nothing is recorded yet"
    if recorded > window.since:
        said += f"; recorded since {_minute_text(recorded)}"
    return said


def _minute_text(at: datetime) -> str:
    """Return *at* as local time, to the minute."""
    return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"


def _measure(name: str, text: str, style: ReportStyle) -> Iterator[str]:
    head = f"  {name:<{_NAME}} "
    text = ascii_text(text) if style.styles.glyphs.ascii else text
    lines = [text] if style.width is None else list(wrap_text(text, style.width - len(head)))
    first, *rest = lines or [""]
    yield style.paint(head, style.styles.muted) + first
    yield from (f"{' ' * len(head)}{line}" for line in rest)


def _gaps(figures: LaneFigures) -> Iterator[str]:
    rows = merged_gaps(figures.gaps)
    longest = sorted(rows, key=lambda gap: _length(gap.since, gap.until, figures), reverse=True)
    yield from (gap_text(gap, LOCAL_ZONE) for gap in longest[:MOST_GAPS])
    if len(rows) > MOST_GAPS:
        yield f"and {len(rows) - MOST_GAPS:,} shorter ones"


def _length(since: datetime | None, until: datetime | None, figures: LaneFigures) -> timedelta:
    window = figures.window
    return min(until or window.until, window.until) - max(since or window.since, window.since)
