"""``opsboard handover``: a page for the next shift."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

from opsboard.adapter import Condition
from opsboard.board.source_state import SourceState
from opsboard.board.state import Board
from opsboard.commands.collect_once import collect_board
from opsboard.commands.history_access import History, known_acts, open_history, since_of
from opsboard.commands.json_versions import render
from opsboard.commands.setup import read_config, sources_to_ask
from opsboard.history.alert_states import ack_events
from opsboard.history.handover import Handover, handover, handover_events
from opsboard.history.handover_text import handover_text
from opsboard.history.history_json import handover_json
from opsboard.history.read_timeline import gaps_within
from opsboard.records import Alert, Kind
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE


def run(options: Namespace) -> int:
    """Print the page."""
    now = datetime.now(UTC)
    setup = read_config(options)
    since = since_of(options, now)
    if since is None:
        return ExitCode.USAGE
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    board = collect_board(setup, sources, options.wait_fresh)
    with open_history(sources) as history:
        page = _page(board, history, since, datetime.now(UTC))
    if options.json:
        sys.stdout.write(render("opsboard.handover", handover_json(page)))
    else:
        sys.stdout.write(handover_text(page, LOCAL_ZONE))
    return ExitCode.OK


def _page(board: Board, history: History, since: datetime, now: datetime) -> Handover:
    return handover(
        since,
        now,
        alerts=(cast("Alert", alert) for alert in board.records(Kind.ALERT).values()),
        activities=known_acts(),
        events=handover_events(history.reader.transitions(since, now, limit=100_000)),
        said=ack_events(history.reader.acks(now, since)),
        gaps=gaps_within(history.reader, since, now),
        sources=_troubles(board.sources()),
        history=history.problem,
    )


def _troubles(sources: Sequence[SourceState]) -> Iterator[str]:
    for source in sources:
        if not source.is_complete:
            said = source.health.message or "it has not answered completely"
            word = source.health.condition
            yield (
                f"{source.name}: {said}"
                if word is Condition.LIVE
                else (f"{source.name}: {word}, {said}")
            )
