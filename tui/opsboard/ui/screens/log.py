"""The log of a record: followed, filtered, searched, wrapped, saved."""

import asyncio
import sys
from time import perf_counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.worker import Worker

from opsboard.adapter import LogLine, LogPart, SourceError
from opsboard.records import Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.messages import StylesChanged
from opsboard.ui.render.log_rows import pods_text
from opsboard.ui.screens.log_line_commands import LogLineCommands
from opsboard.ui.widgets.caption import Caption, StatePart
from opsboard.ui.widgets.log_buffer import LogBuffer
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.workers import start_worker

_BATCH = 5_000
_INTERVAL = 0.1
"""Lines that wait for the screen at most, and seconds between two additions."""
_SWITCH_INTERVAL = 0.0005
"""Seconds after which the thread that reads lets that of the screen run: a key needs several turns,
and ten thousand lines a second keep the reader busy."""
_SLICE = 250
_TAKE_SECONDS = 0.01
"""Lines that are added before the time is looked at, and seconds for an addition."""


class LogScreen(LogLineCommands):
    """Follows the log of *ref*.

    The log of something that has failed opens at its first error, or at the first error of *part*
    if one is given. Until that has been read, or if there is none, it stays at the end.
    """

    SCOPES: ClassVar = (BindingScope.LOG, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.LOG)

    def __init__(self, context: AppContext, ref: Ref, title: str, part: str = "") -> None:
        super().__init__(context, ref, title)
        self._part = part
        self._buffer = LogBuffer()
        self._arrived: list[LogLine] = []
        self._room = asyncio.Event()
        self._ended = self._paused = False
        self._worker: Worker[None] | None = None
        self._error: SourceError | None = None
        self._opening, self._looked_at = True, 0

    def compose_body(self) -> ComposeResult:
        """Yield caption and lines."""
        yield Caption(self.context, "log of", self.log_title)
        yield LogView(self.context, self._buffer)

    def on_mount(self) -> None:
        """Begin to read."""
        record = self.context.board.get(self._ref)
        if record is not None and record.environment:
            self.show_environment(record)
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_INTERVAL)
        self.set_interval(_INTERVAL, self._take_in)
        self.reload()

    def on_unmount(self) -> None:
        """Let the threads take turns as before."""
        sys.setswitchinterval(self._switch_interval)

    def reload(self) -> None:
        """Read it again from the start, where reading has ended."""
        if self._worker is not None and self._worker.is_running:
            return
        self._ended, self._error = False, None
        self._worker = start_worker(self, self._read, group="log", exclusive=False)
        self.tell()

    def seen_parts(self) -> list[LogPart]:
        """Return the pods and parts that lines have come from."""
        return self._buffer.seen_parts()

    def read_again(self) -> None:
        """Read another part of the log, or from another time on, from the start."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        self._arrived.clear()
        self._room.set()
        self._buffer.clear()
        self.view.reset()
        self.query_one(Caption).set_state("", title=self.log_title)
        self._opening, self._looked_at = True, 0
        self.reload()

    async def _read(self) -> None:
        try:
            await self._read_lines()
        except SourceError as error:
            self._error = error
        except Exception:  # and not where it is cancelled: what is read in its place has not ended
            self._ended = True
            raise
        self._ended = True
        self.tell()

    async def _read_lines(self) -> None:
        async for line in self.context.feed.logs(self._ref, self.log_query):
            if line.title and not line.head:
                self.query_one(Caption).set_state("", title=f"{self.log_title}: {line.text}")
                continue
            self._arrived.append(line)
            if len(self._arrived) >= _BATCH:
                self._room.clear()
                await self._room.wait()  # the source waits, too

    def _take_in(self) -> None:
        if self._arrived and not self._paused:
            first = not len(self._buffer)
            self._add_arrived()
            self.tell()
            if first:
                self.refresh_bindings()
        else:
            self.tell()
        if self._opening:
            self._open_at_failure()

    def _add_arrived(self) -> None:
        """Add what has come, for as long as keys may wait for it; the rest comes next time."""
        taken, until = 0, perf_counter() + _TAKE_SECONDS
        while taken < len(self._arrived) and perf_counter() < until:
            self.view.append_lines(self._arrived[taken : taken + _SLICE])
            taken += _SLICE
        del self._arrived[:taken]
        if len(self._arrived) < _BATCH:
            self._room.set()

    def _open_at_failure(self) -> None:
        """Go to the failure once it has been read, unless the user has moved the cursor."""
        whole = self._ended and not self._arrived
        place = self._buffer.marked_error(self._part, self._looked_at)
        if place is None and whole:
            place = self._buffer.failure_line(self._part)
        self._looked_at = self._buffer.end
        self._opening = place is None and not whole and self.view.following
        if place is not None and self.view.following:
            self.view.go_to_line(place)
            self.tell()

    @on(StylesChanged)
    def tell(self) -> None:
        """Tell in the caption what is shown by now."""
        if self._error is not None:
            hint = f"; {self._error.hint}" if self._error.hint else ""
            self.query_one(Caption).set_state(f"{self._error.message}{hint}", wrong=True)
        else:
            self.query_one(Caption).set_parts(self._states())

    def _states(self) -> list[StatePart]:
        """Return what is shown: its pace and what fails are told also where there is least room."""
        selection, kept = self.view.selection, len(self._buffer)
        lines = f"{kept:,} line{'s' * (kept != 1)}"
        if selection.is_narrowed:
            lines = f"{len(selection.shown):,} of {kept:,} lines"
        elif self.filter_text:
            lines = f"hits: {len(selection.hits):,} in {kept:,} lines"
        buffer, styles = self._buffer, self.context.styles
        pods = pods_text(buffer.groups, buffer.failed_groups, styles, self.part_words[0])
        states = [StatePart(pods, 1)] if pods else []
        states += [StatePart(lines, 3), *(StatePart(one, 4) for one in self.query_states())]
        if self._buffer.dropped:
            states.append(StatePart(f"{self._buffer.dropped:,} older dropped", 7))
        if self.filter_text:
            states.append(StatePart(f"filter {self.filter_text}", 5))
        if self.filter_text and selection.context:
            states.append(StatePart(f"{selection.context} lines around", 6))
        if selection.problem:
            states.append(StatePart(f"not applied: {selection.problem}", 2))
        return [*states, StatePart(self._pace())]

    def _pace(self) -> str:
        if self._paused:
            waits = ", more wait at the source" if len(self._arrived) >= _BATCH else ""
            return f"paused, {len(self._arrived):,} new{waits}"
        if self._ended:
            return "the end"
        if not len(self._buffer):
            return "still reading"
        return "following" if self.view.following else "not following"

    def do_pause(self) -> None:
        """Hold the screen still, or go on."""
        self._paused = not self._paused
        self._take_in()
        self.tell()
