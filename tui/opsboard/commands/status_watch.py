"""``opsboard status --watch``: on a terminal the board is drawn again, in a pipe changes are lines.

A line tells of one record as it is now: first of each that the filter lets through, then of each
that comes, changes or goes. What only ticks, such as an age, is no change.
"""

import json
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from opsboard.collect.session import Session
from opsboard.commands.report_style import ReportStyle
from opsboard.commands.selection import SelectedRecords
from opsboard.commands.status_text import text_report
from opsboard.commands.watch import Changes, ended_by_signal, iso_time
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.columns import shows_own_status
from opsboard.kinds.pane_spec import PaneSpec
from opsboard.records import Record, Ref
from opsboard.records.codec import as_json
from opsboard.system.exit_codes import ExitCode
from opsboard.text.escaping import escape_invisible, escaped

STEP: Final = 0.1
"""Seconds between two looks at whether something has arrived, or a signal has come."""

OVERDUE: Final = 5.0
"""Seconds after which ages, and what is overdue, are looked at although nothing has arrived."""

_HOME: Final = "\x1b[H"
_REST_OF_LINE: Final = "\x1b[K"
_REST_OF_SCREEN: Final = "\x1b[J"


@frozen_unchecked
class WatchedStatus(Frozen):
    """The board as it is at *at*, what is selected of it, and the exit code of that."""

    selected: Sequence[SelectedRecords]
    at: datetime
    code: int


def watch_status(
    session: Session,
    read: Callable[[], WatchedStatus],
    show: Callable[[WatchedStatus], None],
    interval: float,
) -> int:
    """Show what *read* returns, and again whenever something arrives, until a signal ends it.

    *show* is called at most once in *interval* seconds. Returns the exit code of what was shown
    last.
    """
    arrived = threading.Event()
    arrived.set()
    session.feed.on_wake(arrived.set)
    code: int = ExitCode.OK
    with ended_by_signal() as ending:
        while not ending.is_set():
            arrived.clear()
            session.board.apply(session.feed.drain())
            session.board.tick(datetime.now(UTC))
            now = read()
            show(now)
            code = now.code
            _pause(ending, arrived, interval)
    return code


def _pause(ending: threading.Event, arrived: threading.Event, interval: float) -> None:
    """Return when *interval* is over and something has arrived, or nothing for a while."""
    start = time.monotonic()
    while not ending.is_set():
        passed = time.monotonic() - start
        if passed >= (interval if arrived.is_set() else max(interval, OVERDUE)):
            return
        time.sleep(STEP)


class ScreenWatch:
    """Draws the board over what it drew before, from the top of the terminal, cut at its end."""

    def __init__(self, session: Session, style: Callable[[], ReportStyle]) -> None:
        self._session = session
        self._style = style

    def __call__(self, now: WatchedStatus) -> None:
        """Draw it."""
        sources = self._session.board.sources()
        lines = text_report(sources, now.selected, now.at, self._style()).splitlines()
        height = shutil.get_terminal_size().lines
        if len(lines) >= height:
            lines = [*lines[: height - 2], "... the rest: --pane and --filter narrow it"]
        drawn = "".join(f"{line}{_REST_OF_LINE}\n" for line in lines)
        sys.stdout.write(f"{_HOME}{drawn}{_REST_OF_SCREEN}")
        sys.stdout.flush()


class LineWatch:
    """Writes a line for each change: as text, or *as_json*, one document a line."""

    def __init__(self, session: Session, *, as_json: bool) -> None:
        self._session = session
        self._as_json = as_json
        self._sources = Changes()
        self._shown: dict[tuple[str, Ref], _ShownRecord] = {}

    def __call__(self, now: WatchedStatus) -> None:
        """Write what has changed."""
        for line in self._lines(now):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def _lines(self, now: WatchedStatus) -> Iterator[str]:
        if not self._as_json:
            yield from self._sources.lines(self._session.board, self._session.problems(), now.at)
        shown = dict(_shown_records(now))
        for key, record in shown.items():
            before = self._shown.get(key)
            if before is None or before.cells != record.cells:
                yield self._line(now.at, record, before)
        for key, record in self._shown.items():
            if key not in shown:
                yield self._line(now.at, record, record, gone=True)
        self._shown = shown

    def _line(
        self,
        at: datetime,
        shown: "_ShownRecord",
        before: "_ShownRecord | None",
        *,
        gone: bool = False,
    ) -> str:
        if self._as_json:
            change = "gone" if gone else "changed" if before else "shown"
            return _json_line(
                {
                    "schema": "opsboard.change/2",
                    "at": at.isoformat(),
                    "pane": shown.pane.id,
                    "change": change,
                    "record": as_json(shown.record),
                }
            )
        status = str(shown.record.status)
        if gone:
            status = f"gone (was {status})"
        elif before and before.record.status is not shown.record.status:
            status = f"{status} (was {before.record.status})"
        text = "  ".join(filter(None, shown.cells[1:]))
        return escaped(f"{iso_time(at)} {shown.pane.id} {status}: {text}")


@frozen_unchecked
class _ShownRecord(Frozen):
    """A record as it was told: its status, and the cells of its pane that do not tick."""

    pane: PaneSpec
    record: Record
    cells: tuple[str, ...]


def _shown_records(now: WatchedStatus) -> Iterator[tuple[tuple[str, Ref], _ShownRecord]]:
    for one in now.selected:
        columns = [it for it in one.pane.columns if not (shows_own_status(it) or it.ticks)]
        for record in one.records:
            cells = (column.show(record, now.at).text for column in columns)
            shown = _ShownRecord(one.pane, record, (str(record.status), *cells))
            yield (one.pane.id, record.ref), shown


def _json_line(document: Mapping[str, Any]) -> str:
    return escape_invisible(json.dumps(document, ensure_ascii=False))
