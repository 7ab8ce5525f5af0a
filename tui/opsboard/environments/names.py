"""Names of environments: when two are the same, and which names a pattern matches.

The same rules hold everywhere: in ``protected``, ``[policy]``, ``[[change_windows]]``,
``[environments]``, a source's ``environment``, and in what a server calls them. Names are compared
without regard to case and to compatible characters (NFKC and case folding, Unicode Standard Annex
#15 and section 3.13): ``Production``, ``PRODUCTION`` and a name in full-width letters are
``production``. A letter of another alphabet that only looks the same makes another name.
"""

import re
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final
from unicodedata import normalize

UNKNOWN: Final = "unknown"
"""The environment of what has none that is known. An empty name means the same."""

NO_ENVIRONMENT: Final = ""
"""Stands for touching no environment, where :func:`pattern_covers` takes a name."""

_WILD: Final = re.compile(r"[*?\[]")
_FOREIGN: Final = re.compile(r"\A[!^]|[{}|,;]|\$\Z")
"""Syntax for several names, or for exclusion, in other programs."""
_CLASS: Final = re.compile(r"\[!?\]?[^\]]*\]")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
"""What :mod:`opsboard.text.sanitize` puts where a character was that cannot be shown."""


class Specificity(IntEnum):
    """How specific a name or pattern is. A more specific one goes before a less specific one."""

    ANY = 0
    PATTERN = 1
    EXACT = 2


@lru_cache(maxsize=4_096)
def normal_form(name: str) -> str:
    """Return the normal form of *name*; :data:`UNKNOWN` where it is blank."""
    folded = name.lower() if name.isascii() else _folded(name)
    return " ".join(folded.split()) or UNKNOWN


def _folded(name: str) -> str:
    shown = "".join(char for char in name if not _is_hidden(char))
    return normalize("NFKC", normalize("NFKC", shown).casefold())


def has_hidden_characters(name: str) -> bool:
    """Return whether *name* has invisible characters, and so looks like another one."""
    return any(map(_is_hidden, name))


def _is_hidden(char: str) -> bool:
    return char == _REPLACEMENT or not (char.isprintable() or char.isspace())


def name_error(name: str) -> str:
    """Return what is wrong with *name* where a user writes it, or ``""``."""
    if not name.strip():
        return f"an empty name means nothing: write {UNKNOWN!r} for what nobody knows"
    if any(not char.isprintable() for char in name):
        return "has characters in it that cannot be seen: take them out"
    if found := _FOREIGN.search(name.strip()):
        return (
            f"{found[0]!r} means nothing here: write each name by itself; patterns have *, [abc] "
            "and ?, which is any character, also this one"
        )
    return ""


def pattern_error(pattern: str) -> str:
    """Return what is wrong with *pattern*, which may be a plain name, or ``""``."""
    if fault := name_error(pattern):
        return fault
    if "[" in _CLASS.sub("", pattern):
        return "a '[' in it is never closed"
    return ""


def is_pattern(name: str) -> bool:
    """Return whether *name* is a pattern."""
    return _WILD.search(normal_form(name)) is not None


def specificity_of(pattern: str) -> Specificity:
    """Return how specific *pattern* is. One without a letter of its own counts as ``*``."""
    if not is_pattern(pattern):
        return Specificity.EXACT
    letters = _CLASS.sub("", normal_form(pattern)).strip("*?")
    return Specificity.PATTERN if letters else Specificity.ANY


def matches(pattern: str, name: str) -> bool:
    """Return whether *pattern* matches *name*."""
    return fnmatchcase(normal_form(name), normal_form(pattern))


def pattern_covers(pattern: str, name: str) -> bool:
    """Return whether *pattern* matches *name*; only ``*`` matches :data:`NO_ENVIRONMENT`."""
    return (
        specificity_of(pattern) is Specificity.ANY
        if name == NO_ENVIRONMENT
        else matches(pattern, name)
    )
