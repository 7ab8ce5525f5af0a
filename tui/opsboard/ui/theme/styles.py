"""The styles to draw with: those of a theme, together with the glyphs.

Nothing of Textual is imported: ``opsboard status`` is drawn with them, too.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache

from rich.style import Style

from opsboard.records import Status
from opsboard.ui.theme.glyphs import UNICODE, Glyphs
from opsboard.ui.theme.theme_files import DEFAULT, Theme, ThemeStyle, built_in_theme


class Styles:
    """A theme and glyphs. Each Rich style is built when it is first used."""

    def __init__(self, theme: Theme, glyphs: Glyphs) -> None:
        self.theme = theme
        self.glyphs = glyphs

    @cached_property
    def statuses(self) -> Mapping[Status, Style]:
        """The style of each status."""
        return {status: rich_style(self.theme.status_style(status)) for status in Status}

    @cached_property
    def roles(self) -> Mapping[str, Style]:
        """The style of each role in ``[ink]`` of the theme: ``cursor``, ``mark``, ..."""
        return {name: rich_style(ink) for name, ink in self.theme.ink}

    @cached_property
    def base(self) -> Style:
        """Plain text."""
        colors = self.theme.colors
        return rich_style(ThemeStyle(color=colors.foreground, background=colors.background))

    @cached_property
    def muted(self) -> Style:
        """Text of less importance, such as labels and ages."""
        color = self.theme.colors.muted
        return rich_style(ThemeStyle(color=color, dim=color == "ansi_default"))

    @cached_property
    def faint(self) -> Style:
        """Actions that are not possible now, and records that are gone."""
        return rich_style(ThemeStyle(color=self.theme.colors.muted, dim=True))

    @cached_property
    def accent(self) -> Style:
        """Titles and keys."""
        return rich_style(ThemeStyle(color=self.theme.colors.accent, bold=True))

    @cached_property
    def border(self) -> Style:
        """Lines between things."""
        color = self.theme.colors.border
        return rich_style(ThemeStyle(color=color, dim=color == "ansi_default"))

    @cached_property
    def demo(self) -> Style:
        """The DEMO badge: in reverse, which every theme can draw."""
        return rich_style(ThemeStyle(color=self.theme.colors.accent, bold=True, reverse=True))

    def environment(self, word: str) -> Style:
        """Return how the word for an environment is drawn where it must not be missed."""
        return self.roles["production" if word == "production" else "environment"]


@lru_cache(maxsize=1)
def default_styles() -> Styles:
    """Return the built-in default theme with Unicode glyphs."""
    return Styles(built_in_theme(DEFAULT), UNICODE)


def rich_style(ink: ThemeStyle) -> Style:
    """Return *ink* as Rich spells it."""
    return Style(
        color=_rich_color(ink.color),
        bgcolor=_rich_color(ink.background),
        bold=ink.bold or None,
        dim=ink.dim or None,
        italic=ink.italic or None,
        underline=ink.underline or None,
        reverse=ink.reverse or None,
    )


def _rich_color(color: str | None) -> str | None:
    return color.removeprefix("ansi_") if color else None
