"""The frame of every screen: top line above, hints or the prompt below."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus, Mount, ScreenResume
from textual.screen import Screen
from textual.widget import Widget

from opsboard.records import Kind
from opsboard.ui.actions.acting import Acting
from opsboard.ui.actions.action import Place
from opsboard.ui.actions.declared import ACTIONS
from opsboard.ui.faults import Watchful
from opsboard.ui.following import under_way
from opsboard.ui.host import host_of
from opsboard.ui.messages import BoardChanged, LooksChanged, Ticked
from opsboard.ui.widgets.acts_line import ActsLine
from opsboard.ui.widgets.hints import Hints
from opsboard.ui.widgets.prompt import Prompt, Question
from opsboard.ui.widgets.too_small import TooSmall
from opsboard.ui.widgets.top_line import TopLine


class FramedScreen(Watchful, Acting, Screen[None], inherit_bindings=False):
    """A screen with the frame. A subclass yields its own part in :meth:`compose_body`.

    Whoever overrides a handler of :class:`BoardChanged`, :class:`Ticked` or
    :class:`LooksChanged` need not call this one: Textual calls both.
    """

    PLACES: ClassVar[tuple[Place, ...]] = (Place.SCREEN,)
    BINDINGS: ClassVar = ACTIONS.bindings(Place.SCREEN)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def compose(self) -> ComposeResult:
        """Lay out the frame around the body."""
        yield TopLine()
        yield from self.compose_body()
        yield Prompt()
        yield Hints()
        yield TooSmall()

    def compose_body(self) -> ComposeResult:
        """Yield what is between top line and hints."""
        yield from ()

    @on(Mount)
    def _keep_environment(self) -> None:
        """Go on looking at the environment of the screen below, until told of another."""
        below = self.app.screen_stack[-2:-1]
        if below and isinstance(below[0], FramedScreen) and not self.environments:
            self.look_at(*below[0].environments)

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments one is looking at, or that are about to be touched."""
        return self.query_one(TopLine).environments

    def look_at(self, *environments: str) -> None:
        """Say in the top line that one is looking at *environments* now."""
        self.query_one(TopLine).look_at(*environments)

    def ask(self, question: Question) -> None:
        """Open the prompt."""
        self.query_one(Prompt).ask(question)

    def reload(self) -> None:
        """Ask anew for what the screen shows by itself; the board needs no asking."""

    @on(BoardChanged)
    def _hear_of_acts(self, event: BoardChanged) -> None:
        if event.delta.touches(Kind.ACTIVITY):
            self._acts_change()

    @on(Mount)
    @on(ScreenResume)
    def _acts_change(self) -> None:
        """Show the line of what is under way, which is made when it is first needed."""
        acting = bool(under_way(host_of(self).board))
        self.set_class(acting, "-acting")
        for line in self.query(ActsLine):
            line.redraw()
        if acting and not self.query(ActsLine):
            self.mount(ActsLine(), before=self.query_one(Prompt))

    def do_back(self) -> None:
        """Leave the screen."""
        self.dismiss()

    @on(DescendantFocus)
    @on(ScreenResume)
    def _hints_change(self) -> None:
        self.refresh_bindings()

    @on(BoardChanged)
    @on(Ticked)
    @on(ScreenResume)
    def _top_line_changes(self) -> None:
        if self.is_current:
            self.query_one(TopLine).redraw()

    def _compositor_refresh(self) -> None:
        """Draw, but not within a batch: Textual would throw away what was drawn, and forget it."""
        if not self.app._batch_count:  # noqa: SLF001 - there is no public name for it
            super()._compositor_refresh()

    @on(LooksChanged)
    def _all_changes(self) -> None:
        self.refresh(layout=True)
        for widget in self.walk_children(Widget):
            widget.refresh()
