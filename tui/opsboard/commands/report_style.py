"""How a report is written where it goes to: its width, its glyphs, its colours.

On a terminal it fits, and is coloured as the board is. In a pipe it is plain text that nothing is
cut from, since that is read by programs. What is asked for by ``--color`` goes before the
environment: ``NO_COLOR`` (https://no-color.org), then ``CLICOLOR_FORCE`` and ``CLICOLOR``
(https://bixense.com/clicolors).
"""

import os
from collections.abc import Mapping
from typing import Final, TextIO

from rich.color import ColorSystem
from rich.style import Style

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Status
from opsboard.ui.theme.glyphs import choose_glyphs
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import DEFAULT, Theme, built_in_theme

NARROWEST: Final = 20
WIDEST: Final = 400
USUAL: Final = 80
_DUMB: Final = frozenset({"", "dumb", "unknown"})


@frozen_unchecked
class ReportStyle(Frozen):
    """Where a report goes. *width* is ``None`` where nothing is cut.

    *depth* is ``None`` where there is no colour. Statuses have their glyphs where it is *drawn*
    for eyes; else they are words alone.
    """

    styles: Styles
    width: int | None = None
    depth: ColorSystem | None = None
    drawn: bool = False

    def paint(self, text: str, style: Style) -> str:
        """Return *text* as it is written in *style*."""
        if self.depth is None or not text.strip():
            return text
        return style.render(text, color_system=self.depth)

    def status_word(self, status: Status) -> str:
        """Return *status* as a word, with its glyph before it where it is drawn."""
        return f"{self.styles.glyphs.status[status]} {status}" if self.drawn else status.value

    @property
    def status_width(self) -> int:
        """Columns of the longest status."""
        return max(map(len, Status)) + (2 if self.drawn else 1)


def report_style(
    stream: TextIO, env: Mapping[str, str], color: str, theme: Theme, *, ascii_only: bool | None
) -> ReportStyle:
    """Return how a report is written to *stream*; *color* is what ``--color`` says."""
    tty = stream.isatty()
    depth = _depth(env) if _is_coloured(env, color, tty=tty) else None
    styles = Styles(theme, choose_glyphs(ascii_only, env))
    width = width_of(stream, env) if tty else None
    return ReportStyle(styles, width, depth, tty or depth is not None)


def plain_report_style(width: int | None = None) -> ReportStyle:
    """Return how a report is written for a program, or for eyes without colour in *width*."""
    return ReportStyle(
        Styles(built_in_theme(DEFAULT), choose_glyphs(False, {})), width, drawn=width is not None
    )


def width_of(stream: TextIO, env: Mapping[str, str]) -> int:
    """Return the columns of the terminal *stream*: by ``COLUMNS``, else as it says itself."""
    told = env.get("COLUMNS", "")
    width = int(told) if told.isascii() and told.isdecimal() else 0
    if not width:
        try:
            width = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            width = 0
    return min(max(width or USUAL, NARROWEST), WIDEST)


def _is_coloured(env: Mapping[str, str], color: str, *, tty: bool) -> bool:
    if color != "auto":
        return color == "always"
    if env.get("NO_COLOR"):
        return False
    if env.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return True
    return tty and env.get("CLICOLOR") != "0" and env.get("TERM", "") not in _DUMB


def _depth(env: Mapping[str, str]) -> ColorSystem:
    """Return how many colours the terminal has, as it says in the environment."""
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return ColorSystem.TRUECOLOR
    term = env.get("TERM", "")
    if term.endswith(("-direct", "-truecolor")):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if "256" in term else ColorSystem.STANDARD
