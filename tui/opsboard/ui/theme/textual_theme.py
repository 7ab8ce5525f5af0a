"""A theme as Textual takes it: its colours as CSS variables, and its scrollbars."""

from typing import ClassVar, Final

from rich.color import Color
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme as TextualTheme

from opsboard.ui.theme.styles import READABLE, contrast
from opsboard.ui.theme.theme_files import Theme, ThemeStyle

_FIXED: Final = {"border-title-style": "bold"}


def textual_theme(name: str, theme: Theme) -> TextualTheme:
    """Return *theme* as Textual wants it, with all variables that style sheets here use."""
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
        panel=colors.raised,
        boost=colors.raised,
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
        "raised": colors.raised,
        "line": colors.border,
        "focus": colors.accent,
        "cursor-color": cursor_color,
        "cursor-background": cursor_background,
        "border": colors.accent,
        "border-blurred": colors.border,
        "block-cursor-foreground": cursor_color,
        "block-cursor-background": cursor_background,
        **_chosen_ground(theme, cursor_background),
        # the chosen entry of a list that has not the focus, as in the palette: its ground is pale
        "block-cursor-blurred-text-style": (
            "bold underline" if theme.ink.cursor_away.underline else "none"
        ),
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
        "scrollbar-background": colors.surface,
        "scrollbar-background-hover": colors.surface,
        "scrollbar-background-active": colors.surface,
        "scrollbar-corner-color": colors.surface,
    }


def _chosen_ground(theme: Theme, cursor_background: str) -> dict[str, str]:
    """Return the ground of the chosen entry of the palette: the cursor's, if keys can be read on
    it, which are in the accent's colour; else it is what Textual mixes."""
    if theme.terminal:
        return {}
    named = (theme.colors.accent, cursor_background)
    accent, ground = (Color.parse(one.removeprefix("ansi_")) for one in named)
    if contrast(accent, ground) < READABLE:
        return {}
    return {"block-cursor-blurred-background": cursor_background}


def _seen(ink: ThemeStyle, theme: Theme) -> tuple[str, str]:
    """Return foreground and background as they are seen, with reverse worked out."""
    front = ink.color or theme.colors.foreground
    back = ink.background or theme.colors.background
    return (back, front) if ink.reverse else (front, back)


class PlainScrollBarRender(ScrollBarRender):
    """Draws a thumb of whole cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


def draw_scrollbars(*, plain: bool) -> None:
    """Draw all scrollbars in plain cells from now on, or in eighths of them."""
    ScrollBar.renderer = PlainScrollBarRender if plain else ScrollBarRender
