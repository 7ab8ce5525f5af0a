"""The bases of all screens but boxes: top line above, key hints or the prompt below; a preview."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus, Mount, ScreenResume
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from opsboard.records import Kind, Record
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, ScopeChanged, ShowTime, StylesChanged
from opsboard.ui.terminal.textual_internals import is_batching, is_laid_out
from opsboard.ui.theme.styles import PRODUCTION
from opsboard.ui.widgets.key_hints import KeyHints
from opsboard.ui.widgets.preview import Preview
from opsboard.ui.widgets.prompt import Prompt, PromptQuestion
from opsboard.ui.widgets.too_small import TooSmallNotice
from opsboard.ui.widgets.top_line import TopLine
from opsboard.ui.worker_errors import worker_error_text
from opsboard.views.scope import clusters_of

_STEPS: Final = frozenset({"time.earlier", "time.later"})


class BaseScreen(UiActionHandler, Screen[None], inherit_bindings=False):
    """A screen with the frame. A subclass yields its own part in :meth:`compose_body`.

    A subclass that has its own handler of :class:`BoardChanged`, :class:`ClockTicked` or
    :class:`StylesChanged` need not call the one here: Textual calls both.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = (BindingScope.SCREEN,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.SCREEN)
    follows_time: ClassVar[bool] = False
    """Whether it stays open over an earlier board that is stepped to another time."""
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self._time_shown = context.as_of
        self._hints_outdated = False
        self.is_of_everything = False
        """Whether it is of no record, nor of what led here: that is then in no environment."""

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
        if not self.environments and not self.is_of_everything:
            self.show_environments_below()

    def show_environments_below(self) -> None:
        """Show the environments of the screen below: what led here is about those."""
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack[1:] else None
        if isinstance(below, BaseScreen):
            line = below.query_one(TopLine)
            self.query_one(TopLine).show_environments(*line.environments, clusters=line.clusters)

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments in the top line: of the record on show, or that a plan touches."""
        return self.query_one(TopLine).environments

    def show_environments(self, *environments: str, of: Iterable[Record]) -> None:
        """Show *environments* in the top line, with the clusters that the records *of* them are in.

        If production is among them, only the clusters of production are named.
        """
        told = [PRODUCTION] if PRODUCTION in environments else environments
        lookup = self.context.board.get
        self.query_one(TopLine).show_environments(
            *environments,
            clusters=(cluster for record in of for cluster in clusters_of(record, told, lookup)),
        )

    def show_environment(self, record: Record | None) -> None:
        """Show the environment of *record*, if it has one, and its cluster, in the top line."""
        if record is None:
            self.show_environments(of=())
        else:
            self.show_environments(record.environment, of=(record,))

    def show_environment_of(self, *records: Record | None) -> None:
        """Show the environment of the first of *records* that has one, or else those below."""
        found = next((one for one in records if one is not None and one.environment), None)
        if found is None and self.is_of_everything:
            self.show_environments(of=())
        elif found is None:
            self.show_environments_below()
        else:
            self.show_environment(found)

    def ask(self, question: PromptQuestion) -> None:
        """Open the prompt."""
        self.query_one(Prompt).ask(question)

    def reload(self) -> None:
        """Ask the source again for what only this screen shows; the board updates by itself."""

    @on(BoardChanged)
    def _follow_time(self) -> None:
        time = self.context.as_of
        if self.follows_time and time not in {None, self._time_shown}:
            self._time_shown = time
            self.time_changed()

    def time_changed(self) -> None:
        """Read again what is shown as of a time: the earlier board has gone to another one."""
        self.reload()

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
        if not acting and not self.query("ActivityLine"):
            return
        from opsboard.ui.widgets.activity_line import ActivityLine  # noqa: PLC0415 - see app.SOON

        for line in self.query(ActivityLine):
            line.redraw()
        if acting and not self.query(ActivityLine):
            self.mount(ActivityLine(self.context), before=self.query_one(Prompt))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show the error of a worker that this screen started."""
        if text := worker_error_text(event):
            self.show_notice(text, wrong=True)

    def disabled_reason(self, action: UiAction) -> str:
        """Return why no other time can be shown here."""
        if action.id in _STEPS and not (self.follows_time and self.context.as_of):
            return "the page of a service or model steps through time, on a board as of a time"
        return super().disabled_reason(action)

    def do_earlier(self) -> None:
        """Show the board as it was at the change before."""
        self.post_message(ShowTime(-1))

    def do_later(self) -> None:
        """Show it at the change after."""
        self.post_message(ShowTime(+1))

    def do_back(self) -> None:
        """Leave the screen."""
        self.dismiss()

    @on(DescendantFocus)
    @on(ScreenResume)
    def _hints_change(self) -> None:
        self.refresh_bindings()

    @on(BoardChanged)
    def _hints_are_outdated(self) -> None:
        """Note that other actions may be possible: to find out takes milliseconds."""
        self._hints_outdated = True

    @on(ClockTicked)
    def _hints_follow_the_board(self) -> None:
        if self._hints_outdated and self.is_current:
            self._hints_outdated = False
            for hints in self.query(KeyHints):
                hints.redraw()

    @on(BoardChanged)
    @on(ClockTicked)
    @on(ScopeChanged)
    @on(ScreenResume)
    def _top_line_changes(self) -> None:
        if self.is_current:
            self.query_one(TopLine).redraw()

    def _screen_resized(self, size: Size) -> None:
        """Lay out for *size*: at the start once in what nothing is drawn of, and once to draw it.

        The driver tells the size after Textual's first batch, so nothing is left out.
        """
        begins = not self.context.first_paint.is_done and is_batching(self.app)
        if not (begins and is_laid_out(self, size)):
            super()._screen_resized(size)

    @on(ScreenResume)
    def _is_styled(self, event: ScreenResume) -> None:
        """Style nothing a second time at the start: every widget was as it was mounted."""
        if not self.context.first_paint.is_done:
            event.refresh_styles = False

    def _compositor_refresh(self) -> None:
        """Draw, but not within a batch: Textual would throw away what was drawn, and forget it."""
        if not is_batching(self.app):
            super()._compositor_refresh()

    @on(StylesChanged)
    def _all_changes(self) -> None:
        self.refresh(layout=True)
        for widget in self.walk_children(Widget):
            widget.refresh()


class PreviewingScreen(BaseScreen):
    """A screen with a :attr:`preview`, which a subclass lays out in its body.

    A subclass that has its own handlers of the same messages need not call those here.
    """

    preview_type: ClassVar[type[Preview]] = Preview
    """What it shows of the record that the screen is about, or that is under its cursor."""

    def __init__(self, context: AppContext, *, names_remedy: bool = True) -> None:
        """*names_remedy*: whether the key that may help works on this screen."""
        super().__init__(context)
        self.preview = self.preview_type(context, names_remedy=names_remedy)

    @on(BoardChanged)
    def _preview_changes(self, event: BoardChanged) -> None:
        self.preview.board_changed(event.delta)

    @on(ClockTicked)
    def _preview_ticks(self) -> None:
        self.preview.tick()

    @on(StylesChanged)
    def _preview_changes_looks(self) -> None:
        self.preview.repaint()
