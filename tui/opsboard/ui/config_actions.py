"""``:reload``, and what the screen takes of a config that has been read, at first or again."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from textual.app import App

from opsboard.config.ui_prefs import UiPrefs
from opsboard.system.background import run_in_thread
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.keymap import KeymapError
from opsboard.ui.config_port import ConfigNews, ConfigPort
from opsboard.ui.messages import ViewsChanged
from opsboard.ui.theme.theme_files import unknown_theme
from opsboard.ui.theme.theme_switcher import ThemeSwitcher
from opsboard.views.panes import SAVED_VIEWS

_LOOK_TIMEOUT: Final = 2.0
"""Seconds that a look at the file is waited for: sources that are others take longer."""


class ConfigActions(ActionGroup):
    """Takes in what *config* tells. *set_keys* lets the keys of preferences be used."""

    def __init__(
        self,
        app: UiActionHandler,
        screens: App[Any],
        config: ConfigPort | None,
        *,
        prefs: UiPrefs,
        themes: ThemeSwitcher,
        set_keys: Callable[[UiPrefs], None],
    ) -> None:
        self._app, self._screens, self._config = app, screens, config
        self._prefs, self._themes, self._set_keys = prefs, themes, set_keys

    def do_reload(self) -> None:
        """Read the config again now; what comes of it is told when it has been read."""
        why = "this board has no config" if self._config is None else self._config.reload()
        if why:
            self._app.show_notice(why, wrong=True)

    async def look(self) -> None:
        """Take in what the file says now: it may have been written a moment ago."""
        if self._config is not None:
            looking = asyncio.wrap_future(run_in_thread(self._config.look))
            await asyncio.wait({looking}, timeout=_LOOK_TIMEOUT)
            while self.take_in():
                pass

    @property
    def has_config(self) -> bool:
        """Whether there may be views that are yet to be read."""
        return self._config is not None

    def take_in(self) -> bool:
        """Take in what is new of the config; return whether anything was."""
        news = self._config.poll() if self._config is not None else None
        if news is None:
            return False
        self._use_views(news)
        if news.ui_prefs is not None:
            self._use_prefs(news.ui_prefs)
        for note in news.notes:
            self._app.show_notice(note)
        for problem in news.problems:
            self._app.show_notice(problem, wrong=True)
        return True

    def _use_views(self, news: ConfigNews) -> None:
        if news.views is None:
            return
        SAVED_VIEWS.use(news.views)
        for screen in self._screens.screen_stack:
            screen.post_message(ViewsChanged())

    def _use_prefs(self, prefs: UiPrefs) -> None:
        """Use what is other in *prefs* than it was; what somebody chose since stays otherwise."""
        before, self._prefs = self._prefs, prefs
        if prefs.theme != before.theme:
            self._use_theme(prefs.theme)
        if prefs.ascii != before.ascii:
            self._themes.use_ascii(prefs.ascii)
        if dict(prefs.keys) == dict(before.keys):
            return
        try:
            self._set_keys(prefs)
        except KeymapError as error:
            why = str(error) if self._config is None else self._config.key_problem(error)
            self._app.show_notice(f"{why}; the keys stay as they were", wrong=True)

    def _use_theme(self, name: str) -> None:
        if name in self._themes.names:
            self._themes.switch(name)
            return
        self._app.show_notice(unknown_theme(name, self._themes.names), wrong=True)
