"""``opsboard at TIME``: the board as it was."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from opsboard.board.rollup import exit_code
from opsboard.commands.history_access import History, open_history, time_of
from opsboard.commands.json_versions import render
from opsboard.commands.report_style import ReportStyle, style_of
from opsboard.commands.selection import (
    SelectedRecords,
    chosen_panes,
    chosen_refs,
    is_understood,
    nothing_matches,
    select,
)
from opsboard.commands.setup import read_config, sources_to_ask, warn
from opsboard.commands.status_json import board_fields
from opsboard.commands.status_text import text_report
from opsboard.config.declarations import declarations_of
from opsboard.history.change_summary import summarize
from opsboard.history.historical_board import HistoricalBoard, UncertainRecord, load_board
from opsboard.history.history_json import gap_json
from opsboard.history.time_expression import interval_texts, local_text
from opsboard.history.timeline import merged_gaps
from opsboard.kinds.registry import qualified_name
from opsboard.records.codec import as_json
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.views.filter import FilterError
from opsboard.views.panes import PaneSpec


def run(options: Namespace) -> int:
    """Print the board as it was at the time; return the exit code for its state then."""
    now = datetime.now(UTC)
    setup = read_config(options)
    time = time_of(options.time, now)
    if time is None:
        return ExitCode.USAGE
    if not is_understood(options.pane, options.filter, time):
        return ExitCode.USAGE
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    with open_history(sources) as history:
        declared = declarations_of(setup.config.settings)
        shown = load_board(
            history.reader,
            time,
            history.sources,
            as_seen=options.as_seen,
            declared=lambda: declared,
        )
        if history.problem:
            warn(history.problem)
        return _print(history, shown, chosen_panes(options.pane), options, style_of(options, setup))


def _print(
    history: History,
    shown: HistoricalBoard,
    panes: Sequence[PaneSpec],
    options: Namespace,
    style: ReportStyle,
) -> int:
    try:
        selected = select(shown.board, panes, options.filter, shown.time)
    except FilterError as error:  # it takes too long
        warn(f"--filter {options.filter!r}: {error}")
        return ExitCode.USAGE
    if message := nothing_matches(shown.board, selected, options.filter):
        warn(message)
    code = exit_code(
        shown.board, [pane.kind for pane in panes], chosen_refs(selected, options.filter)
    )
    if shown.gaps or history.problem:  # nobody knows what else failed
        code = max(code, type(code).UNREACHABLE)
    uncertain = _concerned(shown, selected, options.filter)
    if options.json:
        fields = _fields(shown, selected, code, uncertain)
        sys.stdout.write(render("opsboard.at", fields))
    else:
        sys.stdout.write(_text(shown, selected, style, uncertain))
    return code


def _concerned(
    shown: HistoricalBoard, selected: Sequence[SelectedRecords], filtered: str
) -> list[UncertainRecord]:
    """Return the uncertain records of the panes that are printed; with a filter, of its rows."""
    kinds = {one.pane.kind for one in selected}
    refs = chosen_refs(selected, filtered)
    found = [
        one
        for one in shown.uncertain
        if one.ref.kind in kinds and (refs is None or one.ref in refs)
    ]
    return sorted(found, key=lambda one: (one.earliest, one.ref))


def _fields(
    shown: HistoricalBoard,
    selected: Sequence[SelectedRecords],
    code: int,
    uncertain: Sequence[UncertainRecord],
) -> dict[str, Any]:
    return {
        "as_of": shown.time.isoformat(),
        "as_seen": shown.as_seen,
        "read_only": True,
        "gaps": [gap_json(gap) for gap in merged_gaps(shown.gaps)],
        "uncertain": [
            {
                "record": list(one.ref),
                "before": as_json(one.before) if one.before else None,
                "after": as_json(one.after) if one.after else None,
                "earliest": one.earliest.isoformat(),
                "latest": one.latest.isoformat(),
            }
            for one in uncertain
        ],
        **board_fields(shown.board, selected, shown.time, code),
    }


# --- as text -------------------------------------------------------------------------------------


def _text(
    shown: HistoricalBoard,
    selected: Sequence[SelectedRecords],
    style: ReportStyle,
    uncertain: Sequence[UncertainRecord],
) -> str:
    head = f"AS OF {local_text(shown.time.replace(microsecond=0), LOCAL_ZONE)}, READ-ONLY"
    if shown.as_seen:
        head += ", as it was known then"
    body = text_report(shown.board.sources(), selected, shown.time, style)
    parts = [style.paint(head, style.styles.accent), body.rstrip("\n")]
    if uncertain:
        parts.append("\n".join(_between_looks(uncertain, shown.time, style)))
    return "\n\n".join(filter(None, parts)) + "\n"


def _between_looks(
    uncertain: Sequence[UncertainRecord], time: datetime, style: ReportStyle
) -> Iterator[str]:
    yield style.paint(f"Changed between two looks ({len(uncertain):,})", style.styles.accent)
    for one in uncertain:
        record = one.after or one.before
        name = qualified_name(record) if record else one.ref.id
        since, until = interval_texts(one.earliest, one.latest, time, LOCAL_ZONE)
        change = summarize(one.before, one.after).text
        yield f"  {one.ref.kind} {name}: {change}, some time from {since} to {until}"
