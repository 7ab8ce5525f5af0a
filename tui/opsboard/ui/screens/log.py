"""The log of a record: followed, filtered, wrapped, saved."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.worker import Worker

from opsboard.adapter import LogLine, SourceError
from opsboard.records import Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import CopyText, StylesChanged
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.log_buffer import LogBuffer, log_file_name, parse_filter, save_log
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.widgets.prompt import PromptQuestion
from opsboard.views.filter_terms import FilterError

TAIL = 10_000
"""Lines of the past that are asked for."""

_OF_LINES = ("log.save", "log.copy", "log.next_error", "log.previous_error")
_BATCH = 5_000
_INTERVAL = 0.1
"""Lines that are added at once at most, and seconds between two additions."""


class LogScreen(BaseScreen):
    """Follows the log of *ref*.

    The log of something that has failed opens at its first error, or at the first error of *part*
    if one is given. Until that has been read, or if there is none, it stays at the end.
    """

    SCOPES: ClassVar = (BindingScope.LOG, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.LOG)

    def __init__(self, context: AppContext, ref: Ref, title: str, part: str = "") -> None:
        super().__init__(context)
        self._ref, self._title, self._part = ref, title, part
        self._buffer = LogBuffer()
        self._arrived: list[LogLine] = []
        self._ended = self._paused = False
        self._worker: Worker[None] | None = None
        self._error: SourceError | None = None
        self._filter = ""
        self._opening, self._looked_at = True, 0
        self._filters: list[str] = []
        self._files: list[str] = []

    def compose_body(self) -> ComposeResult:
        """Yield caption and lines."""
        yield Caption(self.context, "log of", self._title)
        yield LogView(self.context, self._buffer)

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    def on_mount(self) -> None:
        """Begin to read."""
        record = self.context.board.get(self._ref)
        if record is not None and record.environment:
            self.show_environments(record.environment)
        self.set_interval(_INTERVAL, self._take_in)
        self.reload()

    def reload(self) -> None:
        """Read it again from the start, where reading has ended."""
        if self._worker is not None and self._worker.is_running:
            return
        self._ended, self._error = False, None
        self._worker = self.run_worker(self._read(), group="log", exit_on_error=False)
        self._tell()

    async def _read(self) -> None:
        try:
            async for line in self.context.feed.logs(self._ref, follow=True, tail=TAIL):
                if line.title:
                    self.query_one(Caption).set_state("", title=f"{self._title}: {line.text}")
                    continue
                self._arrived.append(line)
                if len(self._arrived) >= _BATCH:
                    await asyncio.sleep(_INTERVAL)  # let the screen take them in
        except SourceError as error:
            self._error = error
        finally:
            self._ended = True
        self._tell()

    def _take_in(self) -> None:
        if self._arrived and not self._paused:
            lines, self._arrived = self._arrived, []
            first = not len(self._buffer)
            self.view.append_lines(lines)
            self._tell()
            if first:
                self.refresh_bindings()
        else:
            self._tell()
        if self._opening:
            self._open_at_failure()

    def _open_at_failure(self) -> None:
        """Go to the failure once it has been read, unless the user has moved the cursor."""
        whole = self._ended and not self._arrived
        place = self._buffer.marked_error(self._part, self._looked_at)
        if place is None and whole:
            place = self._buffer.failure_line(self._part)
        self._looked_at = self._buffer.dropped + len(self._buffer)
        self._opening = place is None and not whole and self.view.following
        if place is not None and self.view.following:
            self.view.go_to_line(place)
            self._tell()

    @on(StylesChanged)
    def _tell(self) -> None:
        if self._error is not None:
            hint = f"; {self._error.hint}" if self._error.hint else ""
            self.query_one(Caption).set_state(f"{self._error.message}{hint}", wrong=True)
        else:
            self.query_one(Caption).set_state(", ".join(self._states()))

    def _states(self) -> list[str]:
        shown, kept = len(self._buffer.shown), len(self._buffer)
        states = [f"{shown:,} of {kept:,} lines" if self._filter else f"{kept:,} lines"]
        if self._buffer.dropped:
            states.append(f"{self._buffer.dropped:,} older dropped")
        if self._filter:
            states.append(f"filter {self._filter}")
        if self._buffer.filter_error:
            states.append(f"not applied: {self._buffer.filter_error}")
        return [*states, self._pace()]

    def _pace(self) -> str:
        if self._paused:
            return f"paused, {len(self._arrived):,} new"
        if self._ended:
            return "the end"
        if not len(self._buffer):
            return "waiting for lines"
        return "following" if self.view.following else "not following"

    # --- acting ----------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why an action that needs lines is not possible."""
        if action.id in _OF_LINES and not len(self._buffer):
            return "there are no lines yet"
        return super().disabled_reason(action)

    def do_next_error(self) -> None:
        """Go to the next error."""
        self._go_to_error(self._buffer.error_after, "below")

    def do_previous_error(self) -> None:
        """Go to the error before."""
        self._go_to_error(self._buffer.error_before, "above")

    def _go_to_error(self, search: Callable[[int], int | None], where: str) -> None:
        here = self.view.number_at(self.view.cursor)
        place = None if here is None else search(here)
        if place is None:
            self.show_notice(f"no line {where} is an error")
            return
        self.view.go_to_line(place)
        self._tell()

    def do_follow(self) -> None:
        """Stay at the end, or no longer."""
        self.view.following = not self.view.following
        if self.view.following:
            self.view.do_bottom()
        self._tell()

    def do_pause(self) -> None:
        """Hold the screen still, or go on."""
        self._paused = not self._paused
        self._take_in()
        self._tell()

    def do_wrap(self) -> None:
        """Wrap long lines, or cut them off."""
        self.view.toggle_wrap()
        self.view.scroll_to(x=0, animate=False, force=True)

    def do_times(self) -> None:
        """Show times, or no longer."""
        self.view.times = not self.view.times
        self.view.relayout()

    def do_parts(self) -> None:
        """Show parts, or no longer."""
        self.view.parts = not self.view.parts
        self.view.relayout()

    def do_copy(self) -> None:
        """Copy the line under the cursor."""
        number = self.view.number_at(self.view.cursor)
        if number is not None:
            self.post_message(CopyText(self._buffer.line(number).text, "the line"))

    # --- filter ----------------------------------------------------------------------------------

    def do_filter(self, text: str) -> None:
        """Filter by *text*, or ask by what."""
        if text:
            if wrong := self._apply(text):
                self.show_notice(wrong, wrong=True)
            return
        before = self._filter
        self.ask(
            PromptQuestion(
                "/",
                text=before,
                on_submit=self._apply,
                on_change=self._apply,
                on_cancel=lambda: _ignore(self._apply(before)),
                history=self._filters,
            )
        )

    def _apply(self, text: str) -> str:
        try:
            matches = parse_filter(text)
        except FilterError as error:
            return str(error)
        self.view.set_filter(matches)
        if trouble := self._buffer.filter_error:
            self.view.set_filter(parse_filter(self._filter))
        else:
            self._filter = text.strip() if matches else ""
        self._tell()
        return trouble

    # --- saving ----------------------------------------------------------------------------------

    def do_top(self) -> None:
        """Go to the first line."""
        self.view.do_top()

    def do_save(self, path: str) -> None:
        """Save to *path*, or ask where to."""
        if path:
            if wrong := self._save(path):
                self.show_notice(wrong, wrong=True)
            return
        name = log_file_name(self._title, self.context.clock.now())
        self.ask(PromptQuestion("save to:", on_submit=self._save, text=name, history=self._files))

    def _save(self, path: str) -> str:
        if not path.strip():
            return "name a file"
        file = Path(os.path.expanduser(path.strip()))  # noqa: PTH111 - also with no such user
        try:
            save_log(file, self._buffer.lines)
        except OSError as error:
            return f"{file}: {error.strerror or 'it cannot be written'}"
        self.show_notice(f"Saved {len(self._buffer):,} lines to {file}")
        return ""


def _ignore(_: str) -> None:
    pass
