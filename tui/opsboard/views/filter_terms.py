"""The words of a filter: what the filters of tables and of logs have in common.

Words are separated by spaces, and all of them must hold::

    payments            the text stands somewhere in the line
    /api-v[12] .*ok/    a regular expression matches somewhere; closed by a /, it may hold spaces
    !staging            the opposite of what follows
    "two words"         what is quoted is taken as it stands

Letter case matters only where an upper-case letter is typed. What is still being typed (a lone
``!``) hides nothing.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from opsboard.frozen import Frozen, frozen_unchecked

if TYPE_CHECKING:
    import regex

Match: TypeAlias = Callable[[str], bool]
Finder: TypeAlias = Callable[[str], Sequence[tuple[int, int]]]
"""Returns where it begins and ends, each time, what is looked for in a text."""

_WORD: Final = re.compile(
    r"""
    \s* (?P<nots> !*)
    (?: "(?P<quoted> [^"]+ )" (?=\s|$)
      | (?P<pattern> (?: [\w-]+: )? / .+? / ) (?=\s|$)
      | (?P<plain> (?: "[^"]*" | [^\s"] )* )
    )
    """,
    re.VERBOSE,
)


LONGEST_SEARCH: Final = 0.05
"""Seconds that a regular expression may take in one text; a good one takes microseconds."""


class FilterError(ValueError):
    """The filter cannot be understood; the text says why."""


class TooSlowError(FilterError):
    """A regular expression takes too long; raised by a :data:`Match`, and from then on always."""

    def __init__(self) -> None:
        super().__init__("this regular expression takes too long: put it more simply")


@frozen_unchecked
class FilterTerm(Frozen):
    """One condition. A *negated* one must not hold; a *quoted* one has no special signs in it."""

    text: str
    negated: bool = False
    quoted: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a text that may stand anywhere, in any case of its letters."""
        is_text = self.quoted or not self.text.startswith("/")
        return is_text and self.text == self.text.lower()


def filter_terms(text: str) -> list[FilterTerm]:
    """Return the words of *text*. Raises :exc:`FilterError`."""
    found, at, text = [], 0, text.strip()
    while at < len(text):
        token = _WORD.match(text, at)
        if token is None or token.end() == at:
            raise FilterError('a quote (") is not closed')
        at = token.end()
        if word := _word(token):
            found.append(word)
    return found


def _word(token: re.Match[str]) -> FilterTerm | None:
    negated = len(token["nots"]) % 2 == 1
    if token["quoted"]:
        return FilterTerm(token["quoted"], negated, quoted=True)
    text = token["pattern"] or token["plain"].replace('"', "")
    return FilterTerm(text, negated) if text else None


def matcher(word: FilterTerm) -> Match:
    """Return what tells whether a text satisfies *word*. Raises :exc:`FilterError`."""
    match = _contains(word.text) if word.quoted else text_match(word.text)
    return (lambda text: not match(text)) if word.negated else match


def text_match(wanted: str) -> Match:
    """Return what tells whether a text holds *wanted*: a /regex/, or plain text."""
    if not wanted.startswith("/"):
        return _contains(wanted)
    return _expression(_pattern(wanted))


def finder(wanted: str, *, quoted: bool = False) -> Finder:
    """Return what finds *wanted* in a text: a /regex/, or plain text where it is none or *quoted*.

    Nothing is found any more once a regular expression has taken too long. Raises
    :exc:`FilterError`.
    """
    if quoted or not wanted.startswith("/"):
        folded = re.IGNORECASE if wanted == wanted.lower() else 0
        find = re.compile(re.escape(wanted), folded).finditer
        return lambda text: [found.span() for found in find(text)]
    search = _compiled(_pattern(wanted)).finditer
    tired = False

    def spans(text: str) -> Sequence[tuple[int, int]]:
        nonlocal tired
        try:
            return () if tired else [one.span() for one in search(text, timeout=LONGEST_SEARCH)]
        except TimeoutError:
            tired = True
        return ()

    return spans


def _pattern(wanted: str) -> str:
    return wanted[1:-1] if len(wanted) > 1 and wanted.endswith("/") else wanted[1:]


def _compiled(pattern: str) -> "regex.Pattern[str]":
    """Compile *pattern*, by an engine that can be stopped. Raises :exc:`FilterError`."""
    import regex  # noqa: PLC0415 - long to import, and seldom needed

    try:
        return regex.compile(pattern, 0 if pattern != pattern.lower() else regex.IGNORECASE)
    except regex.error as error:
        raise FilterError(f"not a regular expression: {error}") from None
    except (OverflowError, RecursionError, MemoryError):
        raise FilterError("not a regular expression: it is too large") from None


def _expression(pattern: str) -> Match:
    search = _compiled(pattern).search
    tired = False

    def match(text: str) -> bool:
        nonlocal tired
        try:
            if not tired:
                return search(text, timeout=LONGEST_SEARCH) is not None
        except TimeoutError:
            tired = True
        raise TooSlowError

    return match


def _contains(wanted: str) -> Match:
    if wanted != wanted.lower():
        return lambda text: wanted in text
    return lambda text: wanted in text.lower()
