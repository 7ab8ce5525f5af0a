"""The Textual app: puts the parts together, and answers what screens and widgets ask for."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.events import InputEvent, Key, Paste, Resize
from textual.worker import Worker

from opsboard.adapter import Clock, Unsupported
from opsboard.config.ui_prefs import UiPrefs
from opsboard.records import AlertState
from opsboard.system.exit_codes import ExitCode
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.activity_tracker import ActivityTracker, outcome_text
from opsboard.ui.actions.alert_commands import alerts_text, open_yet_text
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import build_keymap, keyless_panes
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.app_actions import AppActions
from opsboard.ui.board_updater import BoardUpdater
from opsboard.ui.config_actions import ConfigActions
from opsboard.ui.config_port import ConfigPort
from opsboard.ui.context import AppContext, Appearance, ChosenScope, FirstPaint
from opsboard.ui.forwards import ForwardActions
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
from opsboard.ui.scope_actions import ScopeActions
from opsboard.ui.screens.frame_taker import FrameTaker
from opsboard.ui.terminal.diff_renderer import DiffRenderingApp
from opsboard.ui.terminal.input_queue import InputQueueApp
from opsboard.ui.terminal.shutdown import exit_on_signals, has_hung_up, internal_error_line
from opsboard.ui.terminal.textual_internals import abort, driver_of
from opsboard.ui.theme.styles import default_styles
from opsboard.ui.theme.theme_switcher import ThemeSwitcher
from opsboard.ui.view_actions import ViewActions
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.too_small import MIN_SIZE
from opsboard.ui.worker_errors import worker_error_text
from opsboard.views.panes import FIRST_VIEW_KEY, SAVED_VIEWS

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board, BoardDelta
    from opsboard.collect.feed import Feed
    from opsboard.collect.program_runner import ProgramRunner
    from opsboard.delivery.port import LedgerPort
    from opsboard.startup.frame_keeper import FrameKeeper
    from opsboard.ui.terminal.hand_over import TerminalHandOver

TICK_SECONDS = 1.0
"""Seconds between two readings of the clock."""

AGE_TICKS = 5
"""Ticks after which the ages on the screen are redrawn, so that an idle board stays still."""

_PREVIEW = 60
"""Characters of a copied text up to which the notice shows it."""

_GC_THRESHOLDS = (4_000, 100, 20)
"""New objects after which the youngest generation of garbage is collected, and so on: to look at
four thousand takes some 4 ms, for which all threads stand still."""

SOON: Final = (
    "opsboard.collect.bounded_stream",
    "opsboard.system.non_interactive",
    "opsboard.ui.listing_commands",
    "opsboard.ui.terminal.clipboard",
    "opsboard.ui.widgets.activity_line",
    "opsboard.ui.widgets.last_words",
)
"""Modules that keys or sources need, and the first frame does not: they are imported behind it, one
between two messages, so that no key waits for one."""

_STDIN = 0
"""The file descriptor that Textual reads keys from."""


class OpsboardApp(UiActionHandler, DiffRenderingApp, InputQueueApp, inherit_bindings=False):
    """The board in a terminal.

    Without *acts*, it only shows; without *history*, it cannot look back. *themes* is the folder of
    the user's own themes. What *problems* returns is shown, each text once. *home* makes the first
    screen; by default the board. *scope* is what panes are narrowed to at first. *config* tells
    what the config has beyond *settings*, once it has been read. The terminal is lent to
    *programs*, which actions run in it. *frames* keeps the overview for the next start.
    *ending* is called with the exit code when a signal ends the program, whatever that is doing.
    Raises
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
        history: "LedgerPort | None" = None,
        home: HomeScreen | None = None,
        scope: ChosenScope | None = None,
        config: ConfigPort | None = None,
        ending: Callable[[int], None] | None = None,
        programs: "ProgramRunner | None" = None,
        frames: "FrameKeeper | None" = None,
    ) -> None:
        env = dict(os.environ if env is None else env)
        os.environ.pop("NO_COLOR", None)  # Textual would make everything grey; themes do it better
        super().__init__()
        self.animation_level = "none"
        self._keymap_in_use = build_keymap(settings.keys)
        self.context = AppContext(
            board=board,
            feed=feed,
            clock=clock,
            appearance=Appearance(default_styles()),
            first_paint=FirstPaint(),
            tracker=ActivityTracker(board),
            keymap=self._keymap_in_use,
            env=env,
            acts=acts,
            edit=self._edit_text,
            read_only=read_only,
            demo=demo,
            history=history,
            scope_state=scope or ChosenScope(),
        )
        self.set_keymap(self.context.keymap)
        for keys, action_id in keyless_panes(self.context.keymap):
            self.bind(keys, f"perform({action_id!r})", show=False)
        self.themes = ThemeSwitcher(self, self.context.appearance, settings, env, themes)
        self._styled_theme = self.current_theme
        self.stylesheet.set_variables(self.get_css_variables())
        self._navigator = Navigator(self, self.context, home, programs)
        self._history_actions = HistoryActions(self, self.context, self._navigator)
        scope_actions = ScopeActions(self, self, self.context, self._navigator)
        for key in range(FIRST_VIEW_KEY, 10):
            self.bind(str(key), f"view_key({key})", show=False)
        self._config_actions = ConfigActions(
            self,
            self,
            config,
            prefs=settings,
            themes=self.themes,
            set_keys=self._use_keys,
        )
        app_actions = AppActions(self, self.context, self._navigator, self.themes, scope_actions)
        self.action_groups = (
            self._config_actions,
            ViewActions(self, self._navigator, self._config_actions, app_actions.open_view),
            app_actions,
            self._history_actions,
            scope_actions,
            ForwardActions(self, self.context, programs),
        )
        self.add_mode(self.DEFAULT_MODE, self._navigator.first_screen)
        self._problems = problems
        self._shown_problems: set[str] = set()
        self._on_exit_signal = ending
        self._programs = programs
        self._frames = FrameTaker(self, self.context, frames)
        self._hand_over: TerminalHandOver | None = None
        self._leaving: asyncio.Task[None] | None = None
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

    @property
    def is_covered(self) -> bool:
        """Whether the terminal is too small for anything to be seen."""
        return self.has_class("-too-small")

    def is_blind(self, event: InputEvent | Paste) -> bool:
        """Return whether the screen is covered, and *event* does not leave the program."""
        if not self.is_covered:
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
        if self._programs is not None:
            from opsboard.ui.terminal.hand_over import TerminalHandOver  # noqa: PLC0415 - not before

            self._hand_over = TerminalHandOver(self, _STDIN, _drawn_on())
            self._programs.attach(self._hand_over)
        gc.freeze()  # what exists by now lives as long as the program
        gc.set_threshold(*_GC_THRESHOLDS)
        self.context.first_paint.done()
        self.context.feed.start()
        for problem in self.themes.load_all():
            self.show_notice(problem, wrong=True)
        self._config_actions.take_in()
        self._show_problems()
        self._import_soon(SOON)

    def _import_soon(self, modules: Sequence[str]) -> None:
        """Import the first of *modules*, and the others after what else there is to do."""
        import_module(modules[0])
        if len(modules) > 1:
            self.call_later(self._import_soon, modules[1:])

    def _use_keys(self, prefs: UiPrefs) -> None:
        """Let the keys of *prefs* be used. Raises :exc:`KeymapError`, and then none are."""
        wanted = build_keymap(prefs.keys)
        self._keymap_in_use.clear()
        self._keymap_in_use.update(wanted)
        self.set_keymap(wanted)
        for keys, action_id in keyless_panes(wanted):
            self.bind(keys, f"perform({action_id!r})", show=False)

    async def action_view_key(self, key: int) -> None:
        """Open the saved view that has the number *key*."""
        if (view := SAVED_VIEWS.numbered(key)) is not None:
            await self.action_perform(f"pane.{view.id}")

    def _show_problems(self) -> None:
        for problem in self._problems():
            if problem not in self._shown_problems:
                self._shown_problems.add(problem)
                self.show_notice(problem, wrong=True)

    def on_unmount(self) -> None:
        """Stop to apply changes to the board, and let go of what is this app's alone."""
        if self._updater is not None:
            self._updater.stop()
        SAVED_VIEWS.use(())

    def _exit_with(self, code: int) -> None:
        if self._hand_over is None or not self._hand_over.is_away:
            self.exit(return_code=code)
        elif self._leaving is None:
            self._leaving = asyncio.create_task(self._exit_from_program(self._hand_over, code))

    async def _exit_from_program(self, hand_over: "TerminalHandOver", code: int) -> None:
        await hand_over.take_back()
        self.exit(return_code=code)

    async def _edit_text(self, text: str, suffix: str) -> str:
        from opsboard.ui.terminal.editor import EditorError, edit_text  # noqa: PLC0415 - seldom

        if self._hand_over is None:
            raise Unsupported("there is no terminal for an editor here")
        try:
            return await edit_text(self._hand_over, text, suffix, self.context.env)
        except EditorError as error:
            raise Unsupported(str(error), "VISUAL or EDITOR names the editor") from None

    def _tick(self) -> None:
        if not self.is_headless and has_hung_up(_STDIN):
            self._exit_with(128 + signal.SIGHUP)
            return
        if self._updater is not None:
            self._updater.take_quiet()
        now: datetime = self.context.clock.now()
        if delta := self.context.board.tick(now):
            self.board_changed(delta)
        self._ticks += 1
        if self._ticks % AGE_TICKS == 0:
            context = getattr(self.screen, "context", self.context)
            self.screen.post_message(ClockTicked(context.clock.now() if context.as_of else now))
        self._config_actions.take_in()
        self._show_problems()
        self._frames.tick(busy=self.is_delivering or self.is_covered)

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """End the program; keep the overview, if that is what was seen last."""
        if not self.is_covered:
            self._frames.take()
        super().exit(*args, **kwargs)

    def board_changed(self, delta: "BoardDelta") -> None:
        """Post *delta* to every screen of now on the stack; show which actions have finished."""
        self._frames.board_changed()
        for screen in self.screen_stack:
            context = getattr(screen, "context", self.context)
            if context.as_of is None:  # an earlier board does not change any more
                screen.post_message(BoardChanged(delta))
        for activity in self.context.tracker.finished(delta, self.context.board):
            text, failed = outcome_text(activity)
            self.show_notice(text, failed=failed)

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
        reopens = not message.reason and all(
            alert.state is AlertState.ACKNOWLEDGED for alert in alerts
        )
        now, who, why = self.context.clock.now(), self._who(), message.reason
        open_yet = "" if reopens else open_yet_text(board, alerts)
        for alert in alerts:
            if reopens:
                delta = board.reopen(alert.ref, now, actor=who)
            else:
                delta = board.acknowledge(alert.ref, now, actor=who, reason=why)
            self.board_changed(delta)
        self.show_notice(
            f"{alerts_text(alerts)} {'open again' if reopens else 'acknowledged'}{open_yet}"
        )

    @on(SnoozeAlerts)
    def _snooze(self, message: SnoozeAlerts) -> None:
        now, who, why = self.context.clock.now(), self._who(), message.reason
        until = now + message.length
        open_yet = open_yet_text(self.context.board, message.alerts)
        for alert in message.alerts:
            board = self.context.board
            self.board_changed(board.snooze(alert.ref, until, now, actor=who, reason=why))
        self.show_notice(f"{alerts_text(message.alerts)} silent for {message.duration}{open_yet}")

    def _who(self) -> str:
        """Return who does what is done here, for the history."""
        from opsboard.acting.actor import current_actor  # noqa: PLC0415 - not for the first frame

        return current_actor(self.context.env).summary

    @on(CopyText)
    def _copy(self, message: CopyText) -> None:
        from opsboard.ui.terminal.clipboard import (  # noqa: PLC0415 - see SOON
            clipboard_text,
            copy_sequences,
        )

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
        if self._hand_over is not None and self._hand_over.is_away:
            self._hand_over.drop()
        abort(self, ExitCode.INTERNAL_ERROR, internal_error_line)


def _drawn_on() -> int:
    """Return the descriptor that Textual draws on."""
    stream = sys.__stderr__
    return stream.fileno() if stream is not None else _STDIN
