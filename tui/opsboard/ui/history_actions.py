"""The actions of the app that look back: the board at a time, the time line, the hand-over."""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from opsboard.adapter import SourceError
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_history import NO_HISTORY
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption, OpenDelivery, OpenTimeline
from opsboard.ui.navigator import Navigator
from opsboard.ui.workers import start_worker
from opsboard.views.filter import FilterError

_SHIFT: Final = timedelta(hours=8)
"""How far back a hand-over goes where nothing else is said."""
_OURS: Final = frozenset({"app.timeline", "app.at", "app.handover", "app.delivery"})


class HistoryActions(ActionGroup):
    """Those of the actions of :attr:`BindingScope.APP` that need the history."""

    def __init__(self, app: UiActionHandler, context: AppContext, navigator: Navigator) -> None:
        self._app, self._context, self._navigator = app, context, navigator
        self._steps = 0
        """Changes to go back (negative) or on from the time on show, as keys have asked for."""
        self._stepping = False

    def disabled_reason(self, action: UiAction) -> str:
        """Return why there is nothing to look back on."""
        if action.id not in _OURS or self._context.history is not None:
            return ""
        return NO_HISTORY

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return some of the times that could be typed."""
        return (
            ("-15m", "-1h", "-8h", "yesterday 18:00") if action.takes in {"time", "since"} else ()
        )

    def do_timeline(self, filter_text: str) -> None:
        """Open the time line of everything that passes *filter_text*."""
        from opsboard.history.timeline import timeline_filter  # noqa: PLC0415 - seldom asked for

        try:
            timeline_filter(filter_text)
        except FilterError as error:
            self._app.show_notice(str(error), wrong=True)
        else:
            self._navigator.navigate(OpenTimeline(None, filter_text))

    def do_delivery(self, name: str) -> None:
        """Open the delivery figures of all services and models, or of those called *name*."""
        self._navigator.navigate(OpenDelivery(name))

    # --- the board at a time ---------------------------------------------------------------------

    async def do_at(self, text: str) -> None:
        """Show the board as it was at the time *text*; without one, as it is now."""
        from opsboard.history.time_expression import (  # noqa: PLC0415 - seldom asked for
            AmbiguousTimeError,
            TimeExpressionError,
            parse_time,
        )

        if not text or text == "now":
            await self._navigator.leave_time()
            return
        try:
            time = parse_time(text, self._context.clock.now(), self._context.zone)
        except AmbiguousTimeError as error:
            self._ask_which(text, error.candidates, error.choices)
        except TimeExpressionError as error:
            self._app.show_notice(str(error), wrong=True)
        else:
            self.show(time)

    def _ask_which(self, text: str, times: Sequence[datetime], choices: Sequence[str]) -> None:
        """Ask which one is meant of the times that the clock showed twice."""
        options = [ChoiceOption(choice, choice) for choice in choices]

        def on_chosen(choice: str | None) -> None:
            if choice is not None:
                self.show(times[list(choices).index(choice)])

        self._navigator.navigate(AskChoice(f"The clock showed {text} twice", options, on_chosen))

    def show(self, time: datetime) -> None:
        """Show the board as it was at *time*, once it has been read."""
        self._steps = 0
        start_worker(self._app, partial(self._show, time), group="at")

    async def _show(self, time: datetime) -> None:
        """Show the board of *time*: at first as much of it as is read at once, then all.

        Who leaves it meanwhile has left it.
        """
        if (history := self._context.history) is None:
            return
        screen, text = self._navigator.earlier_screen, self._time_text(time)
        like = screen.found if screen is not None else None
        try:
            async with aclosing(history.at(time, self._first_kinds(), like)) as boards:
                async for found in boards:
                    if screen is None:
                        await self._navigator.open_earlier(found, text)
                        screen = self._navigator.earlier_screen
                    elif self._navigator.earlier_screen is screen:
                        await self._navigator.show_earlier(screen, found, text)
                    else:
                        return
                    if self._steps:
                        return
        except SourceError as error:
            self._app.show_notice(sentence(error), wrong=True)

    def _first_kinds(self) -> Collection[Kind]:
        """Return of what the records are shown first: of the pane in focus, where they are kept."""
        screen = self._navigator.board_screen
        shown = () if screen is None else (screen.pane.spec.kind,)
        kinds = (*shown, *(pane.kind for pane in KINDS.numbered()))
        kept = (kind for kind in kinds if (known := KINDS.get(kind)) and known.from_sources)
        return (next(kept),)

    def _time_text(self, time: datetime) -> str:
        """Return *time* as people read it: its day too, if that is not today."""
        zone = self._context.zone
        local, now = time.astimezone(zone), self._context.clock.now().astimezone(zone)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return clock if local.date() == now.date() else f"{local:%Y-%m-%d} {clock}"

    def step(self, step: int) -> None:
        """Show the board at the change before (-1) or after (+1) the time on show.

        While it is being read, further steps are counted, and then taken at once.
        """
        self._steps += step
        if not self._stepping:
            start_worker(self._app, self._step, group="at")

    async def _step(self) -> None:
        self._stepping = True
        try:
            while self._steps:
                await self._take_steps()
        finally:
            self._stepping = False

    async def _take_steps(self) -> None:
        """Find the change that all steps so far lead to, and show the board of its time."""
        steps, self._steps = self._steps, 0
        if (history := self._context.history) is None:
            return
        time = began = self._navigator.as_of or self._context.clock.now()
        back = steps < 0
        found: datetime | None = time
        try:
            for _ in range(abs(steps)):
                found = await (history.change_before(time) if back else history.change_after(time))
                if found is None:
                    break
                time = found
        except SourceError as error:
            self._app.show_notice(sentence(error), wrong=True)
            return
        if found is None and not back:
            await self._navigator.leave_time()
            self._app.show_notice("nothing has changed since: this is now")
            return
        if found is None:
            self._app.show_notice("nothing that is recorded changed before")
        if time != began:
            await self._show(time)

    # --- hand-over -------------------------------------------------------------------------------

    def do_handover(self, text: str) -> None:
        """Open the page for who comes next: of the last 8 hours, or since the time *text*."""
        from opsboard.history.time_expression import (  # noqa: PLC0415 - seldom asked for
            TimeExpressionError,
            parse_since,
        )

        now, zone = self._context.clock.now(), self._context.zone
        try:
            since = parse_since(text, now, zone) if text else now - _SHIFT
        except TimeExpressionError as error:
            self._app.show_notice(str(error), wrong=True)
            return
        history = self._context.history
        if history is not None:
            title = f"since {self._time_text(since)}"
            self._navigator.open_report("hand-over", title, lambda: history.handover(since))


def sentence(error: SourceError) -> str:
    """Return *error* with what can be done about it."""
    return "; ".join(filter(None, (error.message, error.hint)))
