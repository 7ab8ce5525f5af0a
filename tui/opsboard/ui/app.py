"""The Textual app: puts the parts together, and answers what screens and widgets ask for."""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.events import InputEvent, Key, Paste, Resize
from textual.worker import Worker

from opsboard.adapter import Clock
from opsboard.config.ui_prefs import UiPrefs
from opsboard.records import AlertState
from opsboard.system.exit_codes import ExitCode
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.activity_tracker import ActivityTracker, outcome_text
from opsboard.ui.actions.alert_commands import alerts_text
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import build_keymap, keyless_panes
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.app_actions import AppActions
from opsboard.ui.board_updater import BoardUpdater
from opsboard.ui.context import AppContext, Appearance
from opsboard.ui.history_actions import HistoryActions
from opsboard.ui.messages import (
    AcknowledgeAlerts,
    BoardChanged,
    ClockTicked,
    CopyText,
    NavigationRequest,
    ShowTime,
    SnoozeAlerts,
)
from opsboard.ui.navigator import HomeScreen, Navigator
from opsboard.ui.terminal.clipboard import clipboard_text, copy_sequences
from opsboard.ui.terminal.diff_renderer import DiffRenderingApp
from opsboard.ui.terminal.input_queue import InputQueueApp
from opsboard.ui.terminal.shutdown import exit_on_signals, has_hung_up, internal_error_line
from opsboard.ui.terminal.textual_internals import abort, driver_of
from opsboard.ui.theme.styles import default_styles
from opsboard.ui.theme.theme_switcher import ThemeSwitcher
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.too_small import MIN_SIZE
from opsboard.ui.worker_errors import worker_error_text

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board, BoardDelta
    from opsboard.collect.feed import Feed
    from opsboard.history.port import HistoryPort

TICK_SECONDS = 1.0
"""Seconds between two readings of the clock."""

AGE_TICKS = 5
"""Ticks after which the ages on the screen are redrawn, so that an idle board stays still."""

_PREVIEW = 60
"""Characters of a copied text up to which the notice shows it."""

_GC_THRESHOLD = 20_000
"""New objects after which the youngest generation of garbage is collected."""

_STDIN = 0
"""The file descriptor that Textual reads keys from."""


class OpsboardApp(UiActionHandler, DiffRenderingApp, InputQueueApp, inherit_bindings=False):
    """The board in a terminal.

    Without *acts*, it only shows; without *history*, it cannot look back. *themes* is the folder of
    the user's own themes. What *problems* returns is shown, each text once. *home* makes the first
    screen; by default the board. *ending* is called with the exit code when a signal ends the
    program, whatever the program is doing then. Raises
    :exc:`~opsboard.ui.actions.keymap.KeymapError` for keys in the config that cannot be used.
    """

    TITLE = "opsboard"
    ENABLE_COMMAND_PALETTE = False  # it is opened by an action of the registry
    SCOPES: ClassVar = (BindingScope.APP,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.APP)
    CSS_PATH: ClassVar = ["app.tcss", "screens/board.tcss"]  # a screen's own would be parsed again
    DEFAULT_MODE = "board"
    """Textual's own would put an empty screen beneath the first one, and paint that too."""

    def __init__(
        self,
        feed: "Feed",
        board: "Board",
        settings: UiPrefs,
        clock: Clock,
        acts: "ActionService | None" = None,
        *,
        env: Mapping[str, str] | None = None,
        themes: Path | None = None,
        problems: Callable[[], Iterable[str]] = tuple,
        read_only: bool = False,
        demo: str = "",
        history: "HistoryPort | None" = None,
        home: HomeScreen | None = None,
        ending: Callable[[int], None] | None = None,
    ) -> None:
        env = dict(os.environ if env is None else env)
        os.environ.pop("NO_COLOR", None)  # Textual would make everything grey; themes do it better
        super().__init__()
        self.animation_level = "none"
        self.context = AppContext(
            board=board,
            feed=feed,
            clock=clock,
            appearance=Appearance(default_styles()),
            tracker=ActivityTracker(board),
            keymap=build_keymap(settings.keys),
            env=env,
            acts=acts,
            read_only=read_only,
            demo=demo,
            history=history,
        )
        self.set_keymap(self.context.keymap)
        for keys, action_id in keyless_panes(self.context.keymap):
            self.bind(keys, f"perform({action_id!r})", show=False)
        self.themes = ThemeSwitcher(self, self.context.appearance, settings, env, themes)
        self._styled_theme = self.current_theme
        self.stylesheet.set_variables(self.get_css_variables())
        self._navigator = Navigator(self, self.context, home)
        self._history_actions = HistoryActions(self, self.context, self._navigator)
        self.action_groups = (
            AppActions(self, self.context, self._navigator, self.themes),
            self._history_actions,
        )
        self.add_mode(self.DEFAULT_MODE, self._navigator.first_screen)
        self._problems = problems
        self._shown_problems: set[str] = set()
        self._on_exit_signal = ending
        self._updater: BoardUpdater | None = None
        self._ticks = 0

    def refresh_css(self, animate: bool = True) -> None:
        """Parse the style sheets again, unless they were parsed for the same theme."""
        if self.current_theme != self._styled_theme:
            self._styled_theme = self.current_theme
            super().refresh_css(animate)

    # --- a terminal that is too small ------------------------------------------------------------

    @on(Resize)
    def _check_size(self, event: Resize) -> None:
        """Cover every screen, and ignore keys, while hardly anything can be seen."""
        width, height = event.size
        self.set_class(width < MIN_SIZE[0] or height < MIN_SIZE[1], "-too-small")

    def is_blind(self, event: InputEvent | Paste) -> bool:
        """Return whether the screen is covered, and *event* does not leave the program."""
        if not self.has_class("-too-small"):
            return False
        leave = [*self.context.keys_of(ACTIONS["app.quit"])]
        if len(self.screen_stack) == 1 and isinstance(self.focused, LinesView):
            leave += self.context.keys_of(ACTIONS["board.quit"])  # elsewhere it goes back or types
        return not (isinstance(event, Key) and event.key in leave)

    # --- life cycle ------------------------------------------------------------------------------

    def on_load(self) -> None:
        """Apply what the feed has already, so that the first screen shows it at once."""
        loop = asyncio.get_running_loop()
        self._updater = BoardUpdater(
            self.context.feed, self.context.board, self.board_changed, loop
        )
        self._updater.flush()
        exit_on_signals(loop, self._exit_with, self._on_exit_signal)

    def on_mount(self) -> None:
        """Start to collect once the first frame has been drawn."""
        self.set_interval(TICK_SECONDS, self._tick)
        self.call_after_refresh(self._after_first_frame)

    def _after_first_frame(self) -> None:
        gc.freeze()  # what exists by now lives as long as the program
        gc.set_threshold(_GC_THRESHOLD, 20, 20)
        self.context.feed.start()
        for problem in self.themes.load_all():
            self.show_notice(problem, wrong=True)
        self._show_problems()

    def _show_problems(self) -> None:
        for problem in self._problems():
            if problem not in self._shown_problems:
                self._shown_problems.add(problem)
                self.show_notice(problem, wrong=True)

    def on_unmount(self) -> None:
        """Stop to apply changes to the board."""
        if self._updater is not None:
            self._updater.stop()

    def _exit_with(self, code: int) -> None:
        self.exit(return_code=code)

    def _tick(self) -> None:
        if not self.is_headless and has_hung_up(_STDIN):
            self._exit_with(128 + signal.SIGHUP)
            return
        now: datetime = self.context.clock.now()
        if delta := self.context.board.tick(now):
            self.board_changed(delta)
        self._ticks += 1
        if self._ticks % AGE_TICKS == 0:
            context = getattr(self.screen, "context", self.context)
            self.screen.post_message(ClockTicked(context.clock.now() if context.as_of else now))
        self._show_problems()

    def board_changed(self, delta: "BoardDelta") -> None:
        """Post *delta* to every screen of now on the stack; show which actions have finished."""
        for screen in self.screen_stack:
            context = getattr(screen, "context", self.context)
            if context.as_of is None:  # an earlier board does not change any more
                screen.post_message(BoardChanged(delta))
        for activity in self.context.tracker.finished(delta, self.context.board):
            text, failed = outcome_text(activity)
            self.show_notice(text, wrong=failed)

    # --- what screens and widgets ask for --------------------------------------------------------

    @on(NavigationRequest)
    def _navigate(self, request: NavigationRequest) -> None:
        self._navigator.navigate(request)

    @on(ShowTime)
    def _show_time(self, request: ShowTime) -> None:
        self._history_actions.step(request.step)

    @on(AcknowledgeAlerts)
    def _acknowledge(self, message: AcknowledgeAlerts) -> None:
        alerts, board = message.alerts, self.context.board
        reopens = all(alert.state is AlertState.ACKNOWLEDGED for alert in alerts)
        now = self.context.clock.now()
        for alert in alerts:
            delta = board.reopen(alert.ref) if reopens else board.acknowledge(alert.ref, now)
            self.board_changed(delta)
        self.show_notice(f"{alerts_text(alerts)} {'open again' if reopens else 'acknowledged'}")

    @on(SnoozeAlerts)
    def _snooze(self, message: SnoozeAlerts) -> None:
        until = self.context.clock.now() + message.length
        for alert in message.alerts:
            self.board_changed(self.context.board.snooze(alert.ref, until))
        self.show_notice(f"{alerts_text(message.alerts)} silent for {message.duration}")

    @on(CopyText)
    def _copy(self, message: CopyText) -> None:
        text, cut = clipboard_text(message.text)
        if (driver := driver_of(self)) is not None:
            for sequence in copy_sequences(text, self.context.env):
                driver.write(sequence)
        shown = text if len(text) <= _PREVIEW and "\n" not in text else f"{len(text):,} characters"
        note = " (the beginning; it is too long)" if cut else ""
        self.show_notice(f"Copied {message.label}: {shown}{note}")

    def do_redraw(self) -> None:
        """Send the whole screen again, after something else has written over it."""
        self.repaint_all()

    # --- errors ----------------------------------------------------------------------------------

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show the error of a worker that the app started."""
        if text := worker_error_text(event):
            self.show_notice(text, wrong=True)

    def _fatal_error(self) -> None:
        """Exit with one line instead of a traceback, which would print the values of variables."""
        abort(self, ExitCode.INTERNAL_ERROR, internal_error_line)
