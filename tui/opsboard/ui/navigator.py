"""Opens screens for the app. Screens are imported when they are first opened."""

from collections.abc import Callable
from functools import singledispatchmethod

from rich.text import Text
from textual.app import App
from textual.screen import Screen

from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.context import AppContext
from opsboard.ui.messages import (
    AskChoice,
    NavigationRequest,
    OpenDetail,
    OpenLog,
    OpenRaw,
    OpenSources,
    QuitRequested,
    StartAction,
)

HomeScreen = Callable[[AppContext], Screen[None]]
"""Makes the first screen."""


class Navigator:
    """Pushes the screen that a :class:`~opsboard.ui.messages.NavigationRequest` asks for."""

    def __init__(self, app: App[int], context: AppContext, home: HomeScreen | None = None) -> None:
        self._app, self._context, self._home = app, context, home

    def first_screen(self) -> Screen[None]:
        """Return the screen to start with: the board, unless another one was given."""
        if self._home is not None:
            return self._home(self._context)
        from opsboard.ui.screens.board import BoardScreen  # noqa: PLC0415 - tests bring their own

        return BoardScreen(self._context)

    @singledispatchmethod
    def navigate(self, request: NavigationRequest) -> None:
        """Open what *request* asks for."""
        raise TypeError(f"no screen for {type(request).__name__}")

    @navigate.register
    def _(self, request: OpenDetail) -> None:
        from opsboard.ui.screens.detail import DetailScreen  # noqa: PLC0415 - not at the start

        self._app.push_screen(DetailScreen(self._context, request.ref))

    @navigate.register
    def _(self, request: OpenLog) -> None:
        from opsboard.ui.screens.log import LogScreen  # noqa: PLC0415 - as above

        self._app.push_screen(LogScreen(self._context, request.ref, request.title, request.part))

    @navigate.register
    def _(self, request: OpenRaw) -> None:
        from opsboard.ui.screens.raw import RawScreen  # noqa: PLC0415 - as above

        self._app.push_screen(RawScreen(self._context, request.ref, request.title))

    @navigate.register
    def _(self, request: OpenSources) -> None:
        from opsboard.ui.screens.sources import SourcesScreen  # noqa: PLC0415 - as above

        self._app.push_screen(SourcesScreen(self._context, request.source))

    @navigate.register
    def _(self, request: StartAction) -> None:
        from opsboard.ui.screens.plan import PlanScreen  # noqa: PLC0415 - as above

        screen = PlanScreen(self._context, request.spec, request.targets, request.skipped)
        self._app.push_screen(screen)

    @navigate.register
    def _(self, request: AskChoice) -> None:
        from opsboard.ui.screens.choice import ChoiceScreen  # noqa: PLC0415 - as above

        screen = ChoiceScreen(self._context, request.title, request.options)
        self._app.push_screen(screen, request.on_chosen)

    @navigate.register
    def _(self, _: QuitRequested) -> None:
        self._quit()

    def open_help(self) -> None:
        """Open the keys and commands of the screen on top."""
        from opsboard.ui.screens.help import HelpScreen  # noqa: PLC0415 - as above

        self._app.push_screen(HelpScreen(self._context, self._app.screen))

    def open_palette(self) -> None:
        """Open the command palette."""
        from opsboard.ui.screens.palette import Palette  # noqa: PLC0415 - as above

        self._app.push_screen(Palette(self._context))

    async def show_pane(self, pane: str) -> None:
        """Go back to the board, to the pane with the id *pane*."""
        from opsboard.ui.screens.board import BoardScreen  # noqa: PLC0415 - as above

        while len(self._app.screen_stack) > 1 and not isinstance(self._app.screen, BoardScreen):
            await self._app.pop_screen()
        if isinstance(board := self._app.screen, BoardScreen):
            board.show_pane(pane)

    # --- leaving the program ---------------------------------------------------------------------

    def _quit(self) -> None:
        """Exit; while an action is being sent, ask first and say why."""
        acts = self._context.acts
        if acts is None or not acts.sending_count:
            self._exit()
            return
        from opsboard.ui.screens.confirm import ConfirmScreen  # noqa: PLC0415 - seldom asked

        warning = Text(
            f"{_count(acts.sending_count)} just being sent. If the program ends before the answer "
            "arrives, nobody knows whether it was done: the next start finds out."
        )
        lines = [warning]
        box = ConfirmScreen(self._context, "Leave now?", lines, "leave anyway", "stay")

        def on_answer(yes: bool | None) -> None:
            if yes:
                self._exit()

        self._app.push_screen(box, on_answer)

    def _exit(self) -> None:
        """Exit, and say which actions the next start goes on to follow."""
        running = running_activities(self._context.board) if self._context.acts else []
        message = (
            f"opsboard: {_count(len(running))} still followed; the next start goes on with it."
        )
        self._app.exit(0, message=message if running else None)


def _count(number: int) -> str:
    return "1 action is" if number == 1 else f"{number} actions are"
