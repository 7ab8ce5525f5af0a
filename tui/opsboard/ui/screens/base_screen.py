"""The base of all screens but boxes: top line above, key hints or the prompt below."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus, Mount, ScreenResume
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from opsboard.records import Kind
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, StylesChanged
from opsboard.ui.terminal.textual_internals import is_batching
from opsboard.ui.widgets.activity_line import ActivityLine
from opsboard.ui.widgets.key_hints import KeyHints
from opsboard.ui.widgets.prompt import Prompt, PromptQuestion
from opsboard.ui.widgets.too_small import TooSmallNotice
from opsboard.ui.widgets.top_line import TopLine
from opsboard.ui.worker_errors import worker_error_text


class BaseScreen(UiActionHandler, Screen[None], inherit_bindings=False):
    """A screen with the frame. A subclass yields its own part in :meth:`compose_body`.

    A subclass that has its own handler of :class:`BoardChanged`, :class:`ClockTicked` or
    :class:`StylesChanged` need not call the one here: Textual calls both.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = (BindingScope.SCREEN,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.SCREEN)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context

    def compose(self) -> ComposeResult:
        """Lay out the frame around the body."""
        yield TopLine(self.context)
        yield from self.compose_body()
        yield Prompt()
        yield KeyHints(self.context)
        yield TooSmallNotice(self.context)

    def compose_body(self) -> ComposeResult:
        """Yield what is between top line and hints."""
        yield from ()

    @on(Mount)
    def _keep_environment(self) -> None:
        """Show the environments of the screen below, until others are set."""
        below = self.app.screen_stack[-2:-1]
        if below and isinstance(below[0], BaseScreen) and not self.environments:
            self.show_environments(*below[0].environments)

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments in the top line: of the record on show, or that a plan touches."""
        return self.query_one(TopLine).environments

    def show_environments(self, *environments: str) -> None:
        """Show *environments* in the top line."""
        self.query_one(TopLine).show_environments(*environments)

    def ask(self, question: PromptQuestion) -> None:
        """Open the prompt."""
        self.query_one(Prompt).ask(question)

    def reload(self) -> None:
        """Ask the source again for what only this screen shows; the board updates by itself."""

    @on(BoardChanged)
    def _hear_of_acts(self, event: BoardChanged) -> None:
        if event.delta.touches(Kind.ACTIVITY):
            self._acts_change()

    @on(Mount)
    @on(ScreenResume)
    def _acts_change(self) -> None:
        """Show the line of running actions; it is mounted when it is first needed."""
        acting = bool(running_activities(self.context.board))
        self.set_class(acting, "-acting")
        for line in self.query(ActivityLine):
            line.redraw()
        if acting and not self.query(ActivityLine):
            self.mount(ActivityLine(self.context), before=self.query_one(Prompt))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show the error of a worker that this screen started."""
        if text := worker_error_text(event):
            self.show_notice(text, wrong=True)

    def do_back(self) -> None:
        """Leave the screen."""
        self.dismiss()

    @on(DescendantFocus)
    @on(ScreenResume)
    def _hints_change(self) -> None:
        self.refresh_bindings()

    @on(BoardChanged)
    @on(ClockTicked)
    @on(ScreenResume)
    def _top_line_changes(self) -> None:
        if self.is_current:
            self.query_one(TopLine).redraw()

    def _compositor_refresh(self) -> None:
        """Draw, but not within a batch: Textual would throw away what was drawn, and forget it."""
        if not is_batching(self.app):
            super()._compositor_refresh()

    @on(StylesChanged)
    def _all_changes(self) -> None:
        self.refresh(layout=True)
        for widget in self.walk_children(Widget):
            widget.refresh()
