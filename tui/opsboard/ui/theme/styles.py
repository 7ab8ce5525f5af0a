"""How things look now: the theme and the glyphs in force, ready to draw with.

Nothing of Textual is imported: ``opsboard status`` is drawn with them, too.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from rich.style import Style

from opsboard.records import Status
from opsboard.ui.theme.glyphs import UNICODE, Glyphs
from opsboard.ui.theme.theme_files import DEFAULT, Theme, ThemeStyle, built_in_theme

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.theme import Theme as TextualTheme


class Styles:
    """The theme and the glyphs in force. Styles are built once."""

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
        """Text of less weight."""
        color = self.theme.colors.muted
        return rich_style(ThemeStyle(color=color, dim=color == "ansi_default"))

    @cached_property
    def faint(self) -> Style:
        """What is not possible now."""
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
        """The word that says that nothing here is real: in reverse, which every theme can."""
        return rich_style(ThemeStyle(color=self.theme.colors.accent, bold=True, reverse=True))

    def environment(self, word: str) -> Style:
        """Return how the word for an environment is drawn where it must not be missed."""
        return self.roles["production" if word == "production" else "environment"]


def styles_of(node: "DOMNode") -> Styles:
    """Return the looks in force where *node* is; in an app without any, the default ones."""
    styles = getattr(node.app, "current_styles", None)
    return styles if isinstance(styles, Styles) else default_styles()


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


_FIXED: Final = {"border-title-style": "bold"}


def textual_theme(name: str, theme: Theme) -> "TextualTheme":
    """Return *theme* as Textual wants it, with all variables that style sheets here use."""
    from textual.theme import Theme as TextualTheme  # noqa: PLC0415 - `status` does without

    colors = theme.colors
    return TextualTheme(
        name=name,
        dark=theme.dark,
        ansi=theme.terminal,
        primary=colors.accent,
        secondary=colors.accent,
        accent=colors.accent,
        foreground=colors.foreground,
        background=colors.background,
        surface=colors.surface,
        panel=colors.surface,
        boost=colors.surface,
        success=theme.status.ok.color or colors.foreground,
        warning=theme.status.warning.color or colors.foreground,
        error=theme.status.failed.color or colors.foreground,
        variables=_variables(theme),
    )


def _variables(theme: Theme) -> dict[str, str]:
    colors, cursor = theme.colors, theme.ink.cursor
    cursor_color, cursor_background = _seen(cursor, theme)
    return _FIXED | {
        "muted": colors.muted,
        "line": colors.border,
        "focus": colors.accent,
        "cursor-color": cursor_color,
        "cursor-background": cursor_background,
        "border": colors.accent,
        "border-blurred": colors.border,
        "block-cursor-foreground": cursor_color,
        "block-cursor-background": cursor_background,
        "block-hover-background": colors.surface,
        "ansi-background": "ansi_black" if theme.dark else "ansi_white",
        "ansi-foreground": "ansi_white" if theme.dark else "ansi_black",
        # the terminal's own colours have no names to exchange: they are turned round instead
        "input-cursor-text-style": "reverse" if theme.terminal else "none",
        "input-cursor-background": colors.foreground,
        "input-cursor-foreground": colors.background,
        "input-selection-background": cursor_background,
        "input-selection-foreground": cursor_color,
        "scrollbar": colors.border,
        "scrollbar-hover": colors.muted,
        "scrollbar-active": colors.accent,
        "scrollbar-background": colors.background,
        "scrollbar-background-hover": colors.background,
        "scrollbar-background-active": colors.background,
        "scrollbar-corner-color": colors.background,
    }


def _seen(ink: ThemeStyle, theme: Theme) -> tuple[str, str]:
    """Return foreground and background as they are seen, with reverse worked out."""
    front = ink.color or theme.colors.foreground
    back = ink.background or theme.colors.background
    return (back, front) if ink.reverse else (front, back)
