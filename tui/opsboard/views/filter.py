"""The language of ``/``: which rows are shown.

Words are separated by spaces, and all of them must hold::

    payments            the text stands somewhere in the row
    /api-v[12]/         a regular expression matches somewhere
    !staging            the opposite of what follows
    env:production      a column, or a field of the record, begins with or contains the value
    status:failed       so does a status
    restarts:>3         a number is greater (>), less (<), or at least/at most (>=, <=)
    age:<1h             so is an age: 30s, 10m, 2h, 7d
    "two words"         quotes keep words together

Letter case matters only where an upper-case letter is typed.
"""

import operator
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from opsboard.records import Record
from opsboard.views.panes import PaneSpec

Test = Callable[[Any, datetime], bool]

_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SHORT: Final = {"env": "environment", "ns": "namespace", "repo": "repository", "is": "status"}


class FilterError(ValueError):
    """The filter cannot be understood; the text says why."""


class Filter:
    """A filter for the rows of one pane. An empty one lets every row through."""

    def __init__(self, text: str, tests: Sequence[Test]) -> None:
        self.text = text
        self._tests = tests

    def __bool__(self) -> bool:
        return bool(self._tests)

    def __call__(self, record: Record, now: datetime) -> bool:
        return all(test(record, now) for test in self._tests)


EVERYTHING: Final = Filter("", ())


def parse(text: str, pane: PaneSpec) -> Filter:
    """Return the filter that *text* means in *pane*. Raises :exc:`FilterError`."""
    return Filter(text.strip(), [_test(word, pane) for word in _words(text)])


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.quotes = '"'
    lexer.escape = ""
    try:
        return [word for word in lexer if word]
    except ValueError:
        raise FilterError('a quote (") is not closed') from None


def _test(word: str, pane: PaneSpec) -> Test:
    if word.startswith("!"):
        if word == "!":
            raise FilterError("! needs something to turn round")
        inner = _test(word[1:], pane)
        return lambda record, now: not inner(record, now)
    if word.startswith("/"):
        return _pattern(word, _haystack(pane))
    name, colon, value = word.partition(":")
    if colon and name and value:
        return _field(_SHORT.get(name, name), value, pane)
    if colon and name and _reader(_SHORT.get(name, name), pane) is not None:
        return lambda record, now: True  # the value is still being typed
    return _contains(word, _haystack(pane))


def _haystack(pane: PaneSpec) -> Callable[[Any], str]:
    read = operator.attrgetter(*pane.search)
    return lambda record: "\n".join(map(str, read(record)))


def _contains(word: str, read: Callable[[Any], str]) -> Test:
    if word != word.lower():
        return lambda record, _: word in read(record)
    return lambda record, _: word in read(record).lower()


def _pattern(word: str, read: Callable[[Any], str]) -> Test:
    inner = word[1:-1] if len(word) > 1 and word.endswith("/") else word[1:]
    try:
        found = re.compile(inner, 0 if inner != inner.lower() else re.IGNORECASE).search
    except re.error as error:
        raise FilterError(f"not a regular expression: {error.msg}") from None
    return lambda record, _: found(read(record)) is not None


def _field(name: str, value: str, pane: PaneSpec) -> Test:
    for sign, compare in _COMPARE.items():
        if value.startswith(sign):
            return _comparison(name, value.removeprefix(sign), compare, pane)
    read = _reader(name, pane)
    if read is None:
        raise FilterError(f"no field {name!r}; there are: {', '.join(_fields(pane))}")
    if value.startswith("/"):
        return _pattern(value, read)
    return _contains(value, read)


def _reader(name: str, pane: PaneSpec) -> Callable[[Any], str] | None:
    """Return what reads a field as text: a field of the record, or else a column as shown."""
    if name in _record_fields(pane):
        return lambda record: str(getattr(record, name))
    column = pane.column(name)
    if column is None or column.ticks:
        return None
    return lambda record: column.show(record, _NEVER).text


_NEVER: Final = datetime.fromtimestamp(0, UTC)


def _fields(pane: PaneSpec) -> list[str]:
    return sorted({column.id for column in pane.columns} | set(pane.search))


def _record_fields(pane: PaneSpec) -> frozenset[str]:
    return frozenset((*pane.search, "source", "status", "id", "name", "restarts", "number"))


def _comparison(
    name: str, value: str, compare: Callable[[float, float], bool], pane: PaneSpec
) -> Test:
    column = pane.column(name)
    if column is None:
        raise FilterError(f"no column {name!r} to compare")
    if span := _SPAN.fullmatch(value):
        seconds = timedelta(seconds=float(span[1]) * _UNITS[span[2]]).total_seconds()
        return lambda record, now: _compare_age(column.key(record), now, seconds, compare)
    try:
        limit = float(value)
    except ValueError:
        raise FilterError(f"{value!r} is neither a number nor a time such as 30s, 2h, 7d") from None
    return lambda record, _: _compare_number(column.key(record), limit, compare)


def _compare_age(
    at: Any, now: datetime, seconds: float, compare: Callable[[float, float], bool]
) -> bool:
    """Compare how long ago *at* (seconds since the epoch, 0 for never) was."""
    return isinstance(at, float) and at > 0 and compare(now.timestamp() - at, seconds)


def _compare_number(value: Any, limit: float, compare: Callable[[float, float], bool]) -> bool:
    value = value[0] if isinstance(value, tuple) and value else value
    return isinstance(value, (int, float)) and compare(value, limit)
