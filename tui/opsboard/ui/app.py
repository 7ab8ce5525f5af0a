"""The app: holds the parts together, and does what can be done everywhere."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.events import InputEvent, Key, Paste, Resize
from textual.screen import Screen

from opsboard.adapter import Clock
from opsboard.config.ui_prefs import UiPrefs
from opsboard.system.exit_codes import ExitCode
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.actions.activity_tracker import ActivityTracker, outcome_text
from opsboard.ui.actions.app_actions import AppActions
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import build_keymap
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.board_updater import BoardUpdater
from opsboard.ui.messages import BoardChanged, ClockTicked, StylesChanged
from opsboard.ui.terminal.diff_renderer import DiffRenderingApp
from opsboard.ui.terminal.gc_tuning import tune_gc
from opsboard.ui.terminal.shutdown import (
    exit_on_signals,
    has_hung_up,
    internal_error_line,
    is_monochrome,
)
from opsboard.ui.theme import glyphs
from opsboard.ui.theme.scrollbars import draw_scrollbars
from opsboard.ui.theme.styles import Styles, textual_theme
from opsboard.ui.theme.theme_files import (
    DEFAULT,
    MONOCHROME,
    Theme,
    built_in_theme,
    load_theme,
    load_themes,
)
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.too_small import MIN_SIZE
from opsboard.ui.worker_errors import Watchful

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import Board, BoardDelta
    from opsboard.collect.feed import Feed

TICK_SECONDS = 1.0
"""Seconds between two looks at the clock."""

AGE_TICKS = 5
"""Ticks between which ages on the screen go on: a board that nobody touches is to stay still."""

_STDIN = 0
"""The descriptor that Textual reads keys from."""


class OpsboardApp(Watchful, DiffRenderingApp, AppActions, inherit_bindings=False):
    """The board in a terminal.

    Without *acts*, it only shows. *themes* is the folder of the user's own themes. What
    *problems* returns is told, each text once. *home* makes the first screen; by default the
    board. *ending* is told a signal's exit code, wherever the program is. Raises
    :exc:`~opsboard.ui.actions.keymap.KeymapError` for keys that cannot be.
    """

    TITLE = "opsboard"
    ENABLE_COMMAND_PALETTE = False  # it is opened by an action of the registry
    SCOPES: ClassVar = (BindingScope.APP,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.APP)
    CSS_PATH: ClassVar = ["app.tcss", "screens/board.tcss"]  # a screen's own would be read anew
    DEFAULT_MODE = "board"
    """Textual's own would put an empty screen beneath, and paint that too."""

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
        home: Callable[[], Screen[None]] | None = None,
        ending: Callable[[int], None] | None = None,
    ) -> None:
        self.env = dict(os.environ if env is None else env)
        os.environ.pop("NO_COLOR", None)  # Textual would turn all to grey; a theme does it better
        super().__init__()
        self.animation_level = "none"
        self.feed = feed
        self.board = board
        self.clock = clock
        self.acts = acts
        self.read_only = read_only
        self.demo = demo
        self.keys = build_keymap(settings.keys)
        self.set_keymap(self.keys)
        self._home = home
        self._ending = ending
        self._following = ActivityTracker(board)
        self.add_mode(self.DEFAULT_MODE, self._first_screen)
        self._problems = problems
        self._told: set[str] = set()
        self._flusher: BoardUpdater | None = None
        self._ticks = 0
        self._load_looks(settings, themes)

    # --- looks -----------------------------------------------------------------------------------

    def _load_looks(self, settings: UiPrefs, own: Path | None) -> None:
        """Put on what is wanted; the other themes are read behind the first frame."""
        self._own_themes = own
        wanted = MONOCHROME if is_monochrome(self.env) else settings.theme
        theme = load_theme(wanted, own)
        self.themes = {wanted: theme} if theme else {DEFAULT: built_in_theme(DEFAULT)}
        self._wanted = wanted
        for name, worn in self.themes.items():
            self.register_theme(textual_theme(name, worn))
            self._wear(name, glyphs.choose_glyphs(settings.ascii, self.env))
        self._styled = self.current_theme
        self.stylesheet.set_variables(self.get_css_variables())

    def _load_themes(self) -> Iterator[str]:
        """Read all themes; yield what is wrong with any, or with the choice."""
        loaded = load_themes(self._own_themes)
        self.themes = loaded.themes
        for name, theme in self.themes.items():
            self.register_theme(textual_theme(name, theme))
        yield from map(str, loaded.problems)
        if self._wanted not in self.themes:
            near = did_you_mean_or_list(self._wanted, sorted(self.themes))
            yield f"there is no theme {self._wanted!r}; {near}"

    def _wear(self, name: str, chosen: glyphs.Glyphs) -> None:
        theme: Theme = self.themes[name]
        self.current_styles = Styles(theme, chosen)
        self.set_class(chosen.ascii, "-ascii")
        draw_scrollbars(plain=chosen.ascii)
        self.theme = name

    def wear(self, theme: str | None = None, chosen: glyphs.Glyphs | None = None) -> None:
        """Change the theme, or the glyphs, or both."""
        self._wear(theme or self.theme, chosen or self.current_styles.glyphs)
        for screen in self.screen_stack:
            screen.post_message(StylesChanged())

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets anew, but not where they were read for the same theme."""
        if self.current_theme != self._styled:
            self._styled = self.current_theme
            super().refresh_css(animate)

    # --- room ------------------------------------------------------------------------------------

    @on(Resize)
    def _watch_for_room(self, event: Resize) -> None:
        """Cover every screen, and let no key act, where hardly anything can be seen."""
        width, height = event.size
        self.set_class(width < MIN_SIZE[0] or height < MIN_SIZE[1], "-too-small")

    def is_blind(self, event: InputEvent | Paste) -> bool:
        """Return whether nothing is seen of what *event* would do, but for leaving."""
        if not self.has_class("-too-small"):
            return False
        leave = [*self.keys_of(ACTIONS["app.quit"])]
        if len(self.screen_stack) == 1 and isinstance(self.focused, LinesView):
            leave += self.keys_of(ACTIONS["board.quit"])  # elsewhere it goes back, or is a letter
        return not (isinstance(event, Key) and event.key in leave)

    # --- life ------------------------------------------------------------------------------------

    def on_load(self) -> None:
        """Take in the board as it is known, so that the first screen shows it at once."""
        self._flusher = BoardUpdater(
            self.feed, self.board, self.board_changed, asyncio.get_running_loop()
        )
        self._flusher.flush()
        exit_on_signals(asyncio.get_running_loop(), self._end, self._ending)

    def _first_screen(self) -> Screen[None]:
        if self._home is not None:
            return self._home()
        from opsboard.ui.screens.board import BoardScreen  # noqa: PLC0415 - tests bring their own

        return BoardScreen()

    def on_mount(self) -> None:
        """Start to collect once the board has been seen."""
        self.set_interval(TICK_SECONDS, self._tick)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        tune_gc()
        self.feed.start()
        for complaint in self._load_themes():
            self.show_notice(complaint, wrong=True)
        self._tell_problems()

    def _tell_problems(self) -> None:
        for problem in self._problems():
            if problem not in self._told:
                self._told.add(problem)
                self.show_notice(problem, wrong=True)

    def on_unmount(self) -> None:
        """Take in nothing more."""
        if self._flusher is not None:
            self._flusher.stop()

    def _end(self, code: int) -> None:
        self.exit(return_code=code)

    def board_changed(self, delta: "BoardDelta") -> None:
        """Tell every screen on the stack that the board is different."""
        for screen in self.screen_stack:
            screen.post_message(BoardChanged(delta))
        for act in self._following.finished(delta, self.board):
            said, wrong = outcome_text(act)
            self.show_notice(said, wrong=wrong)

    def follow(self, acts: Iterable[str]) -> None:
        """Tell the user once each of *acts*, by their ids, has come to its end."""
        self._following.track(acts)

    def _tick(self) -> None:
        if not self.is_headless and has_hung_up(_STDIN):
            self._end(128 + signal.SIGHUP)
            return
        now: datetime = self.clock.now()
        if woken := self.board.tick(now):
            self.board_changed(woken)
        self._ticks += 1
        if self._ticks % AGE_TICKS == 0:
            self.screen.post_message(ClockTicked(now))
        self._tell_problems()

    # --- faults ----------------------------------------------------------------------------------

    def _fatal_error(self) -> None:
        """End with one line instead of a traceback, which would print what variables hold."""
        self._return_code = ExitCode.INTERNAL_ERROR
        if self._exception is not None:
            self._exit_renderables.append(internal_error_line(self._exception))
        self._close_messages_no_wait()
