"""Opens screens for the app. Screens are imported when they are first opened."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import singledispatchmethod
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import App
from textual.screen import Screen

from opsboard.records import Kind, Model
from opsboard.ui.context import AppContext
from opsboard.ui.forwards import closing_lines, still_followed
from opsboard.ui.messages import (
    AskChoice,
    BoardChanged,
    LeaveTime,
    NavigationRequest,
    OpenBeforeRed,
    OpenComparison,
    OpenDelivery,
    OpenDeliveryLane,
    OpenDescription,
    OpenDetail,
    OpenLineage,
    OpenListing,
    OpenLog,
    OpenRaw,
    OpenSources,
    OpenText,
    OpenTimeline,
    OpenTree,
    OpenWhere,
    QuitRequested,
    StartAction,
)

if TYPE_CHECKING:
    from opsboard.collect.program_runner import ProgramRunner
    from opsboard.history.historical_board import HistoricalBoard
    from opsboard.ui.screens.board import BoardScreen
    from opsboard.ui.screens.board_at import EarlierBoardScreen

HomeScreen = Callable[[AppContext], Screen[None]]
"""Makes the first screen."""


class Navigator:
    """Pushes the screen that a :class:`~opsboard.ui.messages.NavigationRequest` asks for."""

    def __init__(
        self,
        app: App[int],
        context: AppContext,
        home: HomeScreen | None = None,
        programs: "ProgramRunner | None" = None,
    ) -> None:
        self._app, self._context, self._home, self._programs = app, context, home, programs

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

    @property
    def context(self) -> AppContext:
        """The context of the screen on top: an earlier board has one of its own."""
        return getattr(self._app.screen, "context", self._context)

    @navigate.register
    def _(self, request: OpenDetail) -> None:
        if request.ref.kind is Kind.SERVICE:
            from opsboard.ui.screens.service import ServiceScreen  # noqa: PLC0415 - not at start

            self._app.push_screen(ServiceScreen(self.context, request.ref))
            return
        if isinstance(self.context.board.get(request.ref), Model):
            from opsboard.ui.screens.model import ModelScreen  # noqa: PLC0415 - as above

            self._app.push_screen(ModelScreen(self.context, request.ref))
            return
        from opsboard.ui.screens.detail import DetailScreen  # noqa: PLC0415 - not at the start

        self._app.push_screen(DetailScreen(self.context, request.ref, request.fallback))

    @navigate.register
    def _(self, request: OpenLineage) -> None:
        from opsboard.ui.screens.lineage import LineageScreen  # noqa: PLC0415 - as above

        self._app.push_screen(LineageScreen(self.context, request.node))

    @navigate.register
    def _(self, request: OpenWhere) -> None:
        from opsboard.ui.screens.where import WhereScreen  # noqa: PLC0415 - as above

        self._app.push_screen(WhereScreen(self.context, request.commit))

    @navigate.register
    def _(self, request: OpenTimeline) -> None:
        from opsboard.ui.screens.timeline import TimelineScreen  # noqa: PLC0415 - as above

        self._app.push_screen(TimelineScreen(self.context, request.ref, request.filter_text))

    @navigate.register
    def _(self, request: OpenDelivery) -> None:
        from opsboard.ui.screens.delivery import DeliveryScreen  # noqa: PLC0415 - as above

        self._app.push_screen(DeliveryScreen(self.context, name=request.name))

    @navigate.register
    def _(self, request: OpenDeliveryLane) -> None:
        from opsboard.ui.screens.delivery import DeliveryScreen  # noqa: PLC0415 - as above

        screen = DeliveryScreen(self.context, request.lane, request.history, request.days)
        self._app.push_screen(screen)

    @navigate.register
    def _(self, request: OpenBeforeRed) -> None:
        from opsboard.ui.screens.before_red import BeforeRedScreen  # noqa: PLC0415 - as above

        self._app.push_screen(BeforeRedScreen(self.context, request.ref))

    @navigate.register
    def _(self, request: OpenComparison) -> None:
        from opsboard.ui.screens.comparison import ComparisonScreen  # noqa: PLC0415 - as above

        self._app.push_screen(ComparisonScreen(self.context, request.refs))

    @navigate.register
    def _(self, request: OpenLog) -> None:
        from opsboard.ui.screens.log import LogScreen  # noqa: PLC0415 - as above

        self._app.push_screen(LogScreen(self.context, request.ref, request.title, request.part))

    @navigate.register
    def _(self, request: OpenRaw) -> None:
        from opsboard.ui.screens.raw import RawScreen  # noqa: PLC0415 - as above

        self._app.push_screen(RawScreen(self.context, request.ref, request.title))

    @navigate.register
    def _(self, request: OpenDescription) -> None:
        from opsboard.ui.screens.description import DescriptionScreen  # noqa: PLC0415 - as above

        self._app.push_screen(DescriptionScreen(self.context, request.ref, request.title))

    @navigate.register
    def _(self, request: OpenText) -> None:
        async def write() -> str:
            return request.text

        self.open_report(request.sort, request.title, write)

    @navigate.register
    def _(self, request: OpenTree) -> None:
        from opsboard.ui.screens.tree import TreeScreen  # noqa: PLC0415 - as above

        self._app.push_screen(TreeScreen(self.context, request.title, request.ref))

    @navigate.register
    def _(self, request: OpenListing) -> None:
        from opsboard.ui.screens.listing import ListingScreen  # noqa: PLC0415 - as above

        screen = ListingScreen(self.context, request.choice, request.filter_text, request.view)
        self._app.push_screen(screen)

    @navigate.register
    def _(self, request: OpenSources) -> None:
        from opsboard.ui.screens.sources import SourcesScreen  # noqa: PLC0415 - as above

        self._app.push_screen(SourcesScreen(self.context, request.source))

    @navigate.register
    def _(self, request: StartAction) -> None:
        from opsboard.ui.screens.plan import PlanScreen  # noqa: PLC0415 - as above

        screen = PlanScreen(self.context, request.spec, request.targets, request.skipped)
        self._app.push_screen(screen)

    @navigate.register
    def _(self, request: AskChoice) -> None:
        from opsboard.ui.screens.choice import ChoiceScreen  # noqa: PLC0415 - as above

        screen = ChoiceScreen(self.context, request.title, request.options)
        self._app.push_screen(screen, request.on_chosen)

    @navigate.register
    def _(self, _: QuitRequested) -> None:
        self._quit()

    def open_help(self) -> None:
        """Open the keys and commands of the screen on top."""
        from opsboard.ui.screens.help import HelpScreen  # noqa: PLC0415 - as above

        self._app.push_screen(HelpScreen(self.context, self._app.screen))

    def open_palette(self) -> None:
        """Open the command palette."""
        from opsboard.ui.screens.palette import Palette  # noqa: PLC0415 - as above

        self._app.push_screen(Palette(self.context))

    def open_report(self, sort: str, title: str, write: Callable[[], Awaitable[str]]) -> None:
        """Open the page of text that *write* returns."""
        from opsboard.ui.screens.report import ReportScreen  # noqa: PLC0415 - as above

        self._app.push_screen(ReportScreen(self.context, sort, title, write))

    # --- other times -----------------------------------------------------------------------------

    @property
    def as_of(self) -> datetime | None:
        """The time that the board on show is of; ``None`` for now."""
        return self.context.as_of

    @property
    def board_screen(self) -> "BoardScreen | None":
        """The board that is the nearest below, or on top."""
        from opsboard.ui.screens.board import BoardScreen  # noqa: PLC0415 - as above

        stack = reversed(self._app.screen_stack)
        return next((screen for screen in stack if isinstance(screen, BoardScreen)), None)

    @property
    def earlier_screen(self) -> "EarlierBoardScreen | None":
        """The board of an earlier time that is on top, or below what was opened from it."""
        from opsboard.ui.screens.board_at import EarlierBoardScreen  # noqa: PLC0415 - as above

        screen = self.board_screen
        return screen if isinstance(screen, EarlierBoardScreen) else None

    async def open_earlier(self, found: "HistoricalBoard", text: str) -> None:
        """Open the board that was *found* over that of now; *text* is its time."""
        from opsboard.ui.screens.board_at import (  # noqa: PLC0415 - seldom asked for
            EarlierBoardScreen,
            earlier_context,
        )

        place = self.board_screen.place if self.board_screen is not None else None
        await self.leave_time()
        context = earlier_context(self._context, found, text)
        await self._app.push_screen(EarlierBoardScreen(context, found, place))

    async def show_earlier(
        self, screen: "EarlierBoardScreen", found: "HistoricalBoard", text: str
    ) -> None:
        """Let *screen* show what was *found*.

        Of another time, what is open above it is closed, but for pages that follow the time.
        """
        if found.time != screen.context.as_of:
            kept = _following(self._app.screen_stack, screen)
            while self._app.screen is not kept:
                await self._app.pop_screen()
        delta = screen.take(found, text)
        for one in self._app.screen_stack:
            if getattr(one, "context", self._context).board is screen.context.board:
                one.post_message(BoardChanged(delta))

    async def leave_time(self) -> None:
        """Go back to the live board, which has gone on meanwhile."""
        while len(self._app.screen_stack) > 1:
            await self._app.pop_screen()

    @navigate.register
    def _(self, _: LeaveTime) -> None:
        self._app.call_later(self.leave_time)

    async def show_pane(self, pane: str, filter_text: str = "") -> None:
        """Go back to the board, to the pane with the id *pane*, filtered by *filter_text*."""
        from opsboard.ui.screens.board import BoardScreen  # noqa: PLC0415 - as above

        while len(self._app.screen_stack) > 1 and not isinstance(self._app.screen, BoardScreen):
            await self._app.pop_screen()
        if isinstance(board := self._app.screen, BoardScreen):
            board.show_pane(pane, filter_text)

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
        box = ConfirmScreen(self.context, "Leave now?", lines, "leave anyway", "stay")

        def on_answer(yes: bool | None) -> None:
            if yes:
                self._exit()

        self._app.push_screen(box, on_answer)

    def _exit(self) -> None:
        """Exit; say what ends with the board, and what the next start goes on to follow."""
        board = self._context.board
        followed = still_followed(board) if self._context.acts else []
        lines = [*closing_lines(board, self._programs)]
        if followed:
            count = _count(len(followed))
            lines.append(f"opsboard: {count} still followed; the next start goes on with it.")
        self._app.exit(0, message="\n".join(lines) or None)


def _following(stack: Sequence[Screen[Any]], board: Screen[Any]) -> Screen[Any]:
    """Return the last of the screens on *board* that all show another time by themselves."""
    above = stack[stack.index(board) + 1 :]
    kept = list(takewhile(lambda screen: getattr(screen, "follows_time", False), above))
    return kept[-1] if kept else board


def _count(number: int) -> str:
    return "1 action is" if number == 1 else f"{number} actions are"
