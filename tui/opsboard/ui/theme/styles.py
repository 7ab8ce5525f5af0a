"""The styles to draw with: those of a theme, together with the glyphs.

Nothing of Textual is imported: ``opsboard status`` is drawn with them, too.
"""

from collections.abc import Container, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Final

from rich.color import Color
from rich.style import Style

from opsboard.records import Status
from opsboard.ui.theme.glyphs import UNICODE, Glyphs
from opsboard.ui.theme.theme_files import DEFAULT, Theme, ThemeStyle, built_in_theme

PRODUCTION: Final = "production"
"""The environment that has a hue of its own."""
READABLE: Final = 4.5
"""The contrast of text with its ground: WCAG 2.1, 1.4.3."""


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
        roles = {name: rich_style(ink) for name, ink in self.theme.ink if ink is not None}
        if self.theme.terminal:  # dim text in inverse is as good as gone
            roles["cursor"] += Style(dim=False)
        return roles

    @cached_property
    def cursor_hues(self) -> Container[Color | None]:
        """The colours that stay in the row of the cursor: it is there that the worst stands.

        They are those of statuses and of production, as far as they can be read on its ground, and
        the ground of a match, which has its own text.
        """
        cursor = self.roles["cursor"]
        if cursor.bgcolor is None or cursor.reverse:
            return ()
        told = [*(style.color for style in self.statuses.values()), self.production.color]
        kept = {hue for hue in told if hue and contrast(hue, cursor.bgcolor) >= READABLE}
        return kept | {self.roles["match"].bgcolor}

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

    @cached_property
    def production(self) -> Style:
        """What is of production in a row: its hue; in inverse where there are no hues to spare."""
        ink = self.theme.ink.production
        return rich_style(ink if self.theme.terminal else replace(ink, reverse=False))

    @cached_property
    def production_line(self) -> Style:
        """The top line while what is shown is of production."""
        return rich_style(self.theme.ink.production_line or self.theme.ink.production)

    @cached_property
    def title_focused(self) -> Style:
        """The title of the pane that has the focus."""
        ink = self.theme.ink.title_focused
        return rich_style(ink) if ink is not None else self.accent

    def environment(self, word: str) -> Style:
        """Return how the word for an environment is drawn where it must not be missed."""
        return self.roles["production" if word == PRODUCTION else "environment"]

    def environment_cell(self, word: str) -> Style:
        """Return how the word for an environment is drawn in a row."""
        return self.production if word == PRODUCTION else self.muted


@lru_cache(maxsize=1)
def default_styles() -> Styles:
    """Return the built-in default theme with Unicode glyphs."""
    return Styles(built_in_theme(DEFAULT), UNICODE)


def contrast(front: Color, back: Color) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.1 computes it."""
    lighter, darker = sorted(map(_luminance, (front, back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    parts = (part / 255 for part in color.get_truecolor())
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
