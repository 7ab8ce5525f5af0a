"""Which theme and glyphs the app draws with, and switching between them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from textual.app import App

from opsboard.config.ui_prefs import UiPrefs
from opsboard.ui.context import Appearance
from opsboard.ui.messages import StylesChanged
from opsboard.ui.terminal.shutdown import is_monochrome
from opsboard.ui.theme import glyphs
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.textual_theme import draw_scrollbars, textual_theme
from opsboard.ui.theme.theme_files import (
    DEFAULT,
    MONOCHROME,
    SIXTEEN_COLORS,
    Theme,
    built_in_theme,
    load_theme,
    load_themes,
    unknown_theme,
)

_ASCII_CLASS: Final = "-ascii"
"""The class that the app has for its style sheets while the glyphs are ASCII."""


class ThemeSwitcher:
    """Loads themes for *app* and keeps *appearance* up to date.

    Until :meth:`load_all`, only the chosen theme has been read: the first frame does not wait for
    the others. *own* is the folder of the user's themes.
    """

    def __init__(
        self,
        app: App[int],
        appearance: Appearance,
        settings: UiPrefs,
        env: Mapping[str, str],
        own: Path | None,
    ) -> None:
        self._env = env
        self._app, self._appearance, self._own = app, appearance, own
        self._chosen = _chosen_theme(settings, env)
        theme = load_theme(self._chosen, own)
        self._themes: Mapping[str, Theme] = (
            {self._chosen: theme} if theme else {DEFAULT: built_in_theme(DEFAULT)}
        )
        for name, one in self._themes.items():
            app.register_theme(textual_theme(name, one))
            self._apply(name, glyphs.choose_glyphs(settings.ascii, env))

    def load_all(self) -> Iterator[str]:
        """Read all themes; yield what is wrong with any, or with the name in the config."""
        loaded = load_themes(self._own)
        self._themes = loaded.themes
        for name, theme in self._themes.items():
            self._app.register_theme(textual_theme(name, theme))
        yield from map(str, loaded.problems)
        if self._chosen not in self._themes:
            yield unknown_theme(self._chosen, self.names)

    @property
    def names(self) -> Sequence[str]:
        """The names of the themes, sorted."""
        return sorted(self._themes)

    @property
    def title(self) -> str:
        """The title of the theme in use."""
        return self._themes[self._app.theme].title

    @property
    def next_name(self) -> str:
        """The name of the theme after the one in use."""
        names = self.names
        return names[(names.index(self._app.theme) + 1) % len(names)]

    def switch(self, name: str) -> None:
        """Use the theme *name*."""
        self._apply(name, self._appearance.styles.glyphs)
        self._announce()

    def toggle_ascii(self) -> None:
        """Use the other set of glyphs."""
        is_ascii = self._appearance.styles.glyphs.ascii
        self._apply(self._app.theme, glyphs.UNICODE if is_ascii else glyphs.ASCII)
        self._announce()

    def use_ascii(self, wanted: bool | None) -> None:
        """Draw with ASCII only, or not, or as the locale says."""
        self._apply(self._app.theme, glyphs.choose_glyphs(wanted, self._env))
        self._announce()

    def _apply(self, name: str, chosen: glyphs.Glyphs) -> None:
        self._appearance.styles = Styles(self._themes[name], chosen)
        self._app.set_class(chosen.ascii, _ASCII_CLASS)
        draw_scrollbars(plain=chosen.ascii)
        self._app.theme = name

    def _announce(self) -> None:
        for screen in self._app.screen_stack:
            screen.post_message(StylesChanged())


def _chosen_theme(settings: UiPrefs, env: Mapping[str, str]) -> str:
    """Return the name of the theme to begin with.

    Where there are sixteen colours, those of the default theme would be rounded to others: the hue
    of production to grey. So the terminal's own are used there, unless somebody has chosen.
    """
    if is_monochrome(env):
        return MONOCHROME
    if settings.theme == DEFAULT and glyphs.has_few_colors(env):
        return SIXTEEN_COLORS
    return settings.theme
