"""The characters for statuses, cursor, marks and the like, for what fonts of terminals have.

Every status has a glyph of its own shape, so that colour is never the only sign. The terminal is
known by TERM (terminfo(5)): a terminal emulator has Unicode, the console of Linux 256 or 512
glyphs, those of code page 437 among them (console_codes(4), setfont(8)), a VT100 and its like
nothing that can be counted on but ASCII.
"""

import re
from collections.abc import Mapping

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Status


@frozen_unchecked
class Glyphs(Frozen):
    """A set of glyphs. Each is one column wide, except where a name ends in *s*.

    *ascii* says that beyond these glyphs only ASCII can be counted on, as in plots and boxes.
    """

    ascii: bool
    status: Mapping[Status, str]
    focus: str
    cursor: str
    mark: str
    cursor_mark: str
    ascending: str
    descending: str
    ellipsis: str
    bar: str
    rule: str
    dot: str
    arrow: str
    enter: str
    sparks: str
    broken_bar: str
    gap: str

    def in_these_glyphs(self, text: str) -> str:
        """Return *text*, a cell of a table, with what we draw in it as this set draws it.

        What others have written stays as it is: a name is a name.
        """
        spelled = _SPELLED.get(self.sparks)
        if spelled is None:
            return text
        return text.replace(f"{UNICODE.arrow} ", f"{self.arrow} ").translate(spelled)


UNICODE = Glyphs(
    ascii=False,
    status={
        Status.OK: "✓",
        Status.RUNNING: "◐",
        Status.WARNING: "▲",
        Status.FAILED: "✗",
        Status.UNKNOWN: "?",
    },
    focus="▌",
    cursor="▸",
    mark="▌",
    cursor_mark="◆",
    ascending="↑",
    descending="↓",
    ellipsis="…",
    bar="│",
    rule="─",
    dot="·",
    arrow="→",
    enter="↵",
    sparks="▁▂▃▄▅▆▇█",
    broken_bar="┊",
    gap="┈",
)

ASCII = Glyphs(
    ascii=True,
    status={
        Status.OK: "+",
        Status.RUNNING: "~",
        Status.WARNING: "!",
        Status.FAILED: "x",
        Status.UNKNOWN: "?",
    },
    focus="|",
    cursor=">",
    mark="*",
    cursor_mark="@",
    ascending="^",
    descending="v",
    ellipsis=">",
    bar="|",
    rule="-",
    dot="-",
    arrow=">",
    enter="Enter",
    sparks="_.,-~=*#",
    broken_bar=":",
    gap="~",
)


CONSOLE = Glyphs(
    ascii=True,
    status={
        Status.OK: "√",
        Status.RUNNING: "○",
        Status.WARNING: "▲",
        Status.FAILED: "x",
        Status.UNKNOWN: "?",
    },
    focus="▌",
    cursor="►",
    mark="▌",
    cursor_mark="♦",
    ascending="↑",
    descending="↓",
    ellipsis="»",
    bar="│",
    rule="─",
    dot="·",
    arrow="→",
    enter="Enter",
    sparks="_.-=░▒▓█",
    broken_bar=":",
    gap="-",
)
"""What code page 437 has, which the fonts of consoles have."""

_OURS = UNICODE.sparks + UNICODE.arrow + "≥≠└"
_SPELLED: Mapping[str, Mapping[int, int]] = {
    ASCII.sparks: str.maketrans(_OURS, ASCII.sparks + "=" + ">!`"),
    CONSOLE.sparks: str.maketrans(_OURS, CONSOLE.sparks + "→" + "≥!└"),
}
"""An arrow within a word is an alias that points to a version, as in ``champion=6``: ``>`` would
read as the mark of a cell that is cut. One before a space is a change, which has its own arrow.
"""

_CONSOLES = re.compile(r"linux(-.*)?|fbterm|cons25.*|jfbterm")
_TELETYPES = re.compile(r"(vt|wy|tvi)\d.*|ansi(-.*)?|pcansi.*|sun(-.*)?|dumb|unknown|network")
_FEW_COLORS = re.compile(rf"{_CONSOLES.pattern}|{_TELETYPES.pattern}|screen|xterm|rxvt|.*-16color")


def is_utf8_locale(env: Mapping[str, str]) -> bool:
    """Return whether the locale that *env* names is a UTF-8 one, as POSIX reads it."""
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if not locale:
        return True  # containers and bastion hosts often set nothing, and show UTF-8 well
    return locale.rpartition(".")[2].lower().replace("-", "") == "utf8"


def choose_glyphs(wanted: bool | None, env: Mapping[str, str]) -> Glyphs:
    """Return the glyphs that were *wanted* (ASCII or not), or else those that can be shown.

    By the locale, and by the fonts that the terminal has.
    """
    if wanted is not None:
        return ASCII if wanted else UNICODE
    term = env.get("TERM", "")
    if not is_utf8_locale(env) or _TELETYPES.fullmatch(term):
        return ASCII
    return CONSOLE if _CONSOLES.fullmatch(term) else UNICODE


def has_few_colors(env: Mapping[str, str]) -> bool:
    """Return whether the terminal has sixteen colours at most, as far as it says."""
    if env.get("COLORTERM"):
        return False
    return _FEW_COLORS.fullmatch(env.get("TERM", "")) is not None
