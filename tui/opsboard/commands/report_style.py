"""How a report is written to a stream: its width, its glyphs, its colours.

On a terminal it fits the width and has the board's colours. In a pipe it is plain text, and nothing
is cut, since programs read that. ``--color`` goes before the environment: ``NO_COLOR``
(https://no-color.org), then ``CLICOLOR_FORCE`` and ``CLICOLOR`` (https://bixense.com/clicolors).
"""

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TextIO

from rich.color import ColorSystem
from rich.style import Style

from opsboard.config.paths import current_environ, user_paths
from opsboard.config.ui_prefs import ui_prefs_of
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Status
from opsboard.ui.theme.glyphs import choose_glyphs
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import DEFAULT, Theme, built_in_theme, load_theme

if TYPE_CHECKING:
    from opsboard.commands.setup import LoadedConfig

NARROWEST: Final = 20
WIDEST: Final = 400
USUAL: Final = 80
_DUMB: Final = frozenset({"", "dumb", "unknown"})


@frozen_unchecked
class ReportStyle(Frozen):
    """The style of a report. *width* is in columns, ``None`` where nothing is cut.

    *depth* is ``None`` without colour. Statuses have glyphs where it is *drawn* for a person to
    read; otherwise they are words only.
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
        """Return *status* as a word, after its glyph where the report is drawn."""
        return f"{self.styles.glyphs.status[status]} {status}" if self.drawn else status.value

    @property
    def status_width(self) -> int:
        """Columns of the longest status."""
        return max(map(len, Status)) + (2 if self.drawn else 1)


def report_style(
    stream: TextIO, env: Mapping[str, str], color: str, theme: Theme, *, ascii_only: bool | None
) -> ReportStyle:
    """Return the style of a report to *stream*; *color* is the value of ``--color``."""
    tty = stream.isatty()
    depth = _depth(env) if _is_coloured(env, color, tty=tty) else None
    styles = Styles(theme, choose_glyphs(ascii_only, env))
    width = width_of(stream, env) if tty else None
    return ReportStyle(styles, width, depth, tty or depth is not None)


def style_of(options: Namespace, setup: "LoadedConfig") -> ReportStyle:
    """Return the style of the report: the theme and the glyphs of the board."""
    prefs = ui_prefs_of(setup.config.settings.ui, options)
    theme = load_theme(prefs.theme, user_paths().themes) or built_in_theme(DEFAULT)
    return report_style(
        sys.stdout, current_environ().env, options.color, theme, ascii_only=prefs.ascii
    )


def plain_report_style(width: int | None = None) -> ReportStyle:
    """Return the style without colour: for a program, or for a terminal of *width* columns."""
    return ReportStyle(
        Styles(built_in_theme(DEFAULT), choose_glyphs(False, {})), width, drawn=width is not None
    )


def width_of(stream: TextIO, env: Mapping[str, str]) -> int:
    """Return the columns of the terminal *stream*: ``COLUMNS``, else its own size."""
    columns = env.get("COLUMNS", "")
    width = int(columns) if columns.isascii() and columns.isdecimal() else 0
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
    """Return the terminal's number of colours, by ``COLORTERM`` and ``TERM``."""
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return ColorSystem.TRUECOLOR
    term = env.get("TERM", "")
    if term.endswith(("-direct", "-truecolor")):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if "256" in term else ColorSystem.STANDARD
