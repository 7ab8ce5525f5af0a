"""The actions of the app that look back: the board at a time, the time line, the hand-over."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import SourceError
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.record_history import NO_HISTORY
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption, OpenTimeline
from opsboard.ui.navigator import Navigator

_SHIFT: Final = timedelta(hours=8)
"""How far back a hand-over goes where nothing else is said."""
_OURS: Final = frozenset({"app.timeline", "app.at", "app.handover"})


class HistoryActions(ActionGroup):
    """Those of the actions of :attr:`BindingScope.APP` that need the history."""

    def __init__(self, app: UiActionHandler, context: AppContext, navigator: Navigator) -> None:
        self._app, self._context, self._navigator = app, context, navigator

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
        """Open the time line of everything."""
        self._navigator.navigate(OpenTimeline(None, filter_text))

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
        self._app.run_worker(self._show(time), group="at", exclusive=True, exit_on_error=False)

    async def _show(self, time: datetime) -> None:
        if (history := self._context.history) is None:
            return
        try:
            first = await history.at(time, kinds=self._first_kinds())
            await self._navigator.show_earlier(first, self._time_text(time))
            found = await history.at(time)
        except SourceError as error:
            self._app.show_notice(sentence(error), wrong=True)
            return
        self._navigator.complete_earlier(first, found)

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
        """Show the board at the change before (-1) or after (+1) the time on show."""
        self._app.run_worker(self._step(step), group="at", exclusive=True, exit_on_error=False)

    async def _step(self, step: int) -> None:
        if (history := self._context.history) is None:
            return
        time = self._navigator.as_of or self._context.clock.now()
        try:
            found = await (history.change_before(time) if step < 0 else history.change_after(time))
        except SourceError as error:
            self._app.show_notice(sentence(error), wrong=True)
            return
        if found is not None:
            await self._show(found)
        elif step < 0:
            self._app.show_notice("nothing that is recorded changed before")
        else:
            await self._navigator.leave_time()
            self._app.show_notice("nothing has changed since: this is now")

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
