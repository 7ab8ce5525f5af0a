"""The commands of a log that are about its lines: which are shown and how, and where to go."""

import asyncio
import os
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from opsboard.adapter import LogLine
from opsboard.records import Ref
from opsboard.system.background import run_in_thread
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import CopyText
from opsboard.ui.screens.annotation_choice import AnnotationChoice
from opsboard.ui.screens.log_query_commands import LogQueryCommands
from opsboard.ui.widgets.log_buffer import log_file_name, save_log
from opsboard.ui.widgets.log_selection import LogSeek
from opsboard.ui.widgets.log_view import LOOK_PAUSE, LOOK_SECONDS, LogView
from opsboard.ui.widgets.prompt import PromptQuestion
from opsboard.ui.workers import start_worker
from opsboard.views.filter_terms import FilterError
from opsboard.views.log_filter import parse_log_filter

_OF_LINES: Final = ("log.save", "log.copy", "log.next_error", "log.previous_error")
_OF_HITS: Final = ("log.next_hit", "log.previous_hit", "log.context", "log.hide")
_OF_FOLDS: Final = ("log.fold", "log.fold_all")
_CONTEXTS: Final = (0, 3, 10)
"""Lines around a hit, as one key goes through them."""


class LogLineCommands(LogQueryCommands):
    """A screen that shows the lines of a log, called *title*."""

    def __init__(self, context: AppContext, ref: Ref, title: str) -> None:
        super().__init__(context, ref)
        self.log_title = title
        self.filter_text = ""
        self._filters: list[str] = []
        self._files: list[str] = []

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    @abstractmethod
    def tell(self) -> None:
        """Tell in the caption what is shown by now."""

    def disabled_reason(self, action: UiAction) -> str:
        """Return why an action is not possible that needs lines, folds, hits or jobs."""
        for actions, is_possible, reason in self._needs():
            if action.id in actions and not is_possible:
                return reason
        return super().disabled_reason(action)

    def _needs(self) -> Iterator[tuple[Sequence[str], object, str]]:
        """Yield actions, whether they are possible, and why they are not."""
        buffer, selection = self.view.buffer, self.view.selection
        yield _OF_LINES, len(buffer), "there are no lines yet"
        yield _OF_FOLDS, selection.folds, "nothing folds here; steps and groups of builds do"
        yield _OF_FOLDS, not selection.is_narrowed, "a filter hides lines, and nothing is folded"
        yield ("log.whole",), self.can_be_whole, "this is no log of a build"
        is_of_a_job = self.can_be_whole and not self.log_query.whole
        yield ("log.pods",), not is_of_a_job, "this is the log of one job; `A` reads those of all"
        yield ("log.previous", "log.init"), not self.can_be_whole, "builds have no such containers"
        yield ("log.annotations",), buffer.is_annotated, "there are no annotations"
        yield _OF_HITS, self.filter_text, "nothing is looked for; `/` begins"

    def do_next_error(self) -> None:
        """Go to the next error."""
        self._seek_error(+1, self._or("no line below is an error", "log.previous_error"))

    def do_previous_error(self) -> None:
        """Go to the error before."""
        self._seek_error(-1, self._or("no line above is an error", "log.next_error"))

    def _seek_error(self, step: int, nothing: str) -> None:
        """Go to the next error in a direction: at once if it is near, or else between keys."""
        here = self.view.number_at(self.view.cursor)
        if here is None:
            return
        seek = self.view.selection.seek_error(here, step, LOOK_SECONDS)
        if seek.done:
            self._arrive(seek.place, nothing)
        else:
            start_worker(
                self, partial(self._seek_on, seek, step, nothing), group="seek", exit_on_error=True
            )

    async def _seek_on(self, seek: LogSeek, step: int, nothing: str) -> None:
        while not seek.done and seek.place is not None:
            await asyncio.sleep(0)
            seek = self.view.selection.seek_error(seek.place, step, LOOK_SECONDS)
        self._arrive(seek.place, nothing)

    def do_next_hit(self) -> None:
        """Go to the next line that the filter has found."""
        nothing = self._or("there is no hit below", "log.previous_hit")
        self._go_to(self.view.selection.hit_after, nothing)

    def do_previous_hit(self) -> None:
        """Go to the hit before."""
        nothing = self._or("there is no hit above", "log.next_hit")
        self._go_to(self.view.selection.hit_before, nothing)

    def _or(self, nothing: str, other: str) -> str:
        """Return *nothing* with the key of *other*, the action that looks the other way."""
        keys = self.context.keys_of(ACTIONS[other])
        return f"{nothing}; {key_label(keys[0])} looks the other way" if keys else nothing

    def _go_to(self, search: Callable[[int], int | None], nothing: str) -> None:
        here = self.view.number_at(self.view.cursor)
        self._arrive(None if here is None else search(here), nothing)

    def _arrive(self, place: int | None, nothing: str) -> None:
        if place is None:
            self.show_notice(nothing)
            return
        self.view.go_to_line(place)
        self.tell()

    # --- folds and annotations -------------------------------------------------------------------

    def do_fold(self) -> None:
        """Open the fold under the cursor, or fold what its line is of."""
        if not self.view.toggle_fold():
            self.show_notice("this line is below no step and no group")
        self.tell()

    def do_fold_all(self) -> None:
        """Open all folds, or fold again what is well."""
        self.view.toggle_all_folds()
        self.tell()

    def do_annotations(self) -> None:
        """List the annotations."""
        found = self.view.buffer.annotations()
        self.app.push_screen(AnnotationChoice(self.context, found), self._go_to_annotation)

    def _go_to_annotation(self, number: int | None) -> None:
        if number is not None and number >= self.view.buffer.first:
            self._arrive(number, "")

    # --- how lines are shown ---------------------------------------------------------------------

    def do_follow(self) -> None:
        """Stay at the end, or no longer."""
        self.view.following = not self.view.following
        if self.view.following:
            self.view.do_bottom()
        self.tell()

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

    def do_parsed(self) -> None:
        """Show structured lines by their parts, or as they were written."""
        self.view.parsed = not self.view.parsed
        self.view.relayout()

    def do_copy(self) -> None:
        """Copy the line under the cursor."""
        number = self.view.number_at(self.view.cursor)
        if number is not None:
            self.post_message(CopyText(self.view.buffer.line(number).text, "the line"))

    # --- filter ----------------------------------------------------------------------------------

    def do_filter(self, text: str) -> None:
        """Filter by *text*, or ask by what."""
        if text:
            if wrong := self._apply(text):
                self.show_notice(wrong, wrong=True)
            return
        before = self.filter_text
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
            wanted = parse_log_filter(text)
        except FilterError as error:
            return str(error)
        self.view.set_filter(wanted)
        if trouble := self.view.selection.problem:
            self.view.set_filter(parse_log_filter(self.filter_text))
        else:
            self.filter_text = wanted.text
        self._look_on()
        return trouble

    def _look_on(self) -> None:
        """Look at the lines that have not been looked at, between keys."""
        self.tell()
        start_worker(self, self._look, group="look", exit_on_error=True)

    async def _look(self) -> None:
        more = True
        while more:
            await asyncio.sleep(LOOK_PAUSE)
            more = self.view.look_further()
        self.tell()

    def do_search(self, text: str) -> None:
        """Look for *text* without hiding anything."""
        self.view.set_hiding(hides=False)
        self.do_filter(text)

    def do_hide(self) -> None:
        """Hide the lines that do not match, or show them too."""
        self.view.set_hiding(hides=not self.view.selection.hides)
        self._look_on()

    def do_context(self) -> None:
        """Show more lines around each hit, or none."""
        now = self.view.selection.context
        place = _CONTEXTS.index(now) if now in _CONTEXTS else -1
        self.view.set_context(_CONTEXTS[(place + 1) % len(_CONTEXTS)])
        self._look_on()

    # --- saving ----------------------------------------------------------------------------------

    def do_top(self) -> None:
        """Go to the first line."""
        self.view.do_top()

    def do_save(self, path: str) -> None:
        """Save to *path* what is shown, or all of it, or ask where to."""
        if path:
            if wrong := self._save(path):
                self.show_notice(wrong, wrong=True)
            return
        name = log_file_name(self.log_title, self.context.clock.now())
        self.ask(PromptQuestion("save to:", on_submit=self._save, text=name, history=self._files))

    def _save(self, path: str) -> str:
        if not path.strip():
            return "name a file"
        file = Path(os.path.expanduser(path.strip()))  # noqa: PTH111 - also with no such user
        buffer, numbers = self.view.buffer, list(self.view.selection.unfolded)
        if not numbers:
            return "no line is shown that could be saved"
        told = f"{len(numbers):,} line{'s' * (len(numbers) != 1)}"
        if len(numbers) < len(buffer):
            told += f" of {len(buffer):,}, by the filter"
        lines = buffer.lines_of(numbers)
        write = partial(self._write, file, lines, told)  # the app's, to be told of after the page
        start_worker(self.app, write, group="save", exclusive=False)
        return ""

    async def _write(self, file: Path, lines: Iterator[LogLine], told: str) -> None:
        """Write beside the screen: a hundred thousand lines take long, a network mount for ever."""
        try:
            place = await asyncio.wrap_future(run_in_thread(partial(_written, file, lines)))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it cannot be written"
            self.show_notice(f"not saved: {file}: {why}", wrong=True)
        else:
            self.show_notice(f"Saved {told} to {place}")


def _written(file: Path, lines: Iterator[LogLine]) -> Path:
    save_log(file, lines)
    return file.absolute()


def _ignore(_: str) -> None:
    pass
