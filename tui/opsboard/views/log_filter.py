"""The language of ``/`` in logs: which lines are shown.

Beside the words that tables know too (:mod:`opsboard.views.filter_terms`), which see what stands
before a line as well (pod, container or step)::

    level>=warn         a level, or a more severe one (>, >=, <, <=); level:error that one alone
    pod:checkout        the pod's name contains the value; so does container: or step:
    pod:/-[ab]$/        a regular expression matches in it
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from opsboard.adapter import LogLine
from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.views.filter_terms import (
    FilterError,
    FilterTerm,
    Finder,
    Match,
    filter_terms,
    finder,
    matcher,
    text_match,
)
from opsboard.views.log_levels import WORDS, LogLevel

LineMatch: TypeAlias = Callable[[LogLine, LogLevel], bool]
"""Tells whether a line, of a level, is one that is looked for."""

_LEVEL: Final = re.compile(r"level(?P<compare>:?>=|:?<=|:?>|:?<|:|=)(?P<value>\S*)", re.IGNORECASE)
_COMPARE: Final[Mapping[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
    "": operator.eq, "=": operator.eq,
}  # fmt: skip
_GROUPS: Final = frozenset({"pod", "group"})
_PARTS: Final = frozenset({"container", "step", "part"})
_LEVEL_NAMES: Final = ("trace", "debug", "info", "warn", "error", "fatal")


class LogFilter:
    """Which lines are shown. An empty one lets every line through."""

    def __init__(
        self,
        text: str,
        tests: tuple[LineMatch, ...],
        words: tuple[Match, ...],
        terms: tuple[FilterTerm, ...] = (),
    ) -> None:
        self.text = text
        self.terms = terms
        self._tests = tests
        self._words = words
        self.asks_level = any(_LEVEL.fullmatch(term.text) for term in terms if not term.quoted)
        """Whether it has to be told how severe a line is."""
        self.marks = tuple(filter(None, map(_mark, terms)))
        """What finds the words in the text of a line that is shown for them."""

    def __bool__(self) -> bool:
        return bool(self._tests or self._words)

    def narrows(self, other: "LogFilter") -> bool:
        """Whether it is known that no line passes that does not pass *other* too: as by a letter
        more of a word. Nothing narrows the filter that lets every line through."""
        return bool(other) and all(
            any(_implies(mine, theirs) for mine in self.terms) for theirs in other.terms
        )

    def __call__(self, line: LogLine, level: LogLevel) -> bool:
        """Tell whether *line* is shown. Raises :exc:`TooSlowError`."""
        for test in self._tests:
            if not test(line, level):
                return False
        if not self._words:
            return True
        whole = f"{line.group} {line.part} {line.text}" if line.part or line.group else line.text
        return all(match(whole) for match in self._words)


def _implies(mine: FilterTerm, theirs: FilterTerm) -> bool:
    """Return whether each line that *mine* lets through is let through by *theirs*.

    Letters that *theirs* has are read by their case in *mine*, if at all; and lines that are read
    in lower case keep what is so anyway.
    """
    if mine == theirs:
        return True
    words = not (mine.negated or theirs.negated) and _is_word(mine) and _is_word(theirs)
    return words and theirs.text in mine.text


def _is_word(term: FilterTerm) -> bool:
    return term.quoted or (not term.text.startswith("/") and _of_field(term) is None)


def _mark(term: FilterTerm) -> Finder | None:
    """Return what finds *term* in a line; ``None`` for what stands in none."""
    if term.negated or (not term.quoted and _of_field(term) is not None):
        return None
    return finder(term.text, quoted=term.quoted)


EVERY_LINE: Final = LogFilter("", (), ())


def parse_log_filter(text: str) -> LogFilter:
    """Return the filter that *text* means. Raises :exc:`FilterError`."""
    tests: list[LineMatch] = []
    words: list[Match] = []
    for term in filter_terms(text):
        test = None if term.quoted else _of_field(term)
        if test is None:
            words.append(matcher(term))
        elif term.negated:
            tests.append(_negated(test))
        else:
            tests.append(test)
    return LogFilter(text.strip(), tuple(tests), tuple(words), tuple(filter_terms(text)))


def _negated(test: LineMatch) -> LineMatch:
    return lambda line, level: not test(line, level)


def _of_field(term: FilterTerm) -> LineMatch | None:
    """Return the test for a word that speaks of a field; ``None`` where it does not."""
    if (level := _LEVEL.fullmatch(term.text)) is not None:
        return _of_level(level["compare"].removeprefix(":"), level["value"].lower(), term)
    name, colon, value = term.text.partition(":")
    name = name.lower()
    if not colon or name not in _GROUPS | _PARTS:
        return None
    if not value:
        return _hides_nothing(term)
    match = text_match(value)
    if name in _GROUPS:
        return lambda line, _: match(line.group)
    return lambda line, _: match(line.part)


def _of_level(compare: str, value: str, term: FilterTerm) -> LineMatch:
    if any(name.startswith(value) and name != value for name in _LEVEL_NAMES):
        wanted = next((WORDS[name] for name in _LEVEL_NAMES if name.startswith(value)), None)
        if not value or wanted is None:
            return _hides_nothing(term)
    else:
        wanted = WORDS.get(value)
    if wanted is None:
        raise FilterError(f"no level {value!r}; {did_you_mean_or_list(value, _LEVEL_NAMES)}")
    limit, holds = int(wanted), _COMPARE[compare]
    return lambda _, level: level is not LogLevel.NONE and holds(level, limit)


def _hides_nothing(term: FilterTerm) -> LineMatch:
    """Return the test for what is still being typed, whichever way it is read."""
    shown = not term.negated
    return lambda _line, _level: shown
