"""The characters for statuses, cursor, marks and the like, in Unicode and in ASCII.

Every status has a glyph of its own shape, so that colour is never the only sign.
"""

from collections.abc import Mapping

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Status


@frozen_unchecked
class Glyphs(Frozen):
    """A set of glyphs. Each is one column wide, except where a name ends in *s*."""

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
        return text.translate(_SPELLED) if self.ascii else text


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


_SPELLED = str.maketrans(UNICODE.sparks + UNICODE.arrow + "≥≠", ASCII.sparks + "=" + ">!")
"""An alias points to a version: ``>`` would read as the mark of a cell that is cut."""


def is_utf8_locale(env: Mapping[str, str]) -> bool:
    """Return whether the locale that *env* names is a UTF-8 one, as POSIX reads it."""
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if not locale:
        return True  # containers and bastion hosts often set nothing, and show UTF-8 well
    return locale.rpartition(".")[2].lower().replace("-", "") == "utf8"


def choose_glyphs(wanted: bool | None, env: Mapping[str, str]) -> Glyphs:
    """Return the glyphs that were *wanted* (ASCII or not), or else those the locale can show."""
    use_ascii = not is_utf8_locale(env) if wanted is None else wanted
    return ASCII if use_ascii else UNICODE
