"""The language of ``/`` in tables: which rows are shown.

Beside the words that logs know too (:mod:`opsboard.views.filter_terms`), a word may speak of a
field::

    env:production      a column, or a field of the record, contains the value
    status:failed       so does a status
    repo:/pay|sea/      a regular expression matches in it
    restarts:>3         a number is greater (>), less (<), or at least/at most (>=, <=)
    age:<1h             so is an age: 30s, 10m, 2h, 7d
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Record
from opsboard.records.codec import record_class
from opsboard.text.suggestions import did_you_mean, did_you_mean_or_list
from opsboard.views.filter_terms import (
    FilterError,
    FilterTerm,
    Match,
    TooSlowError,
    filter_terms,
    matcher,
    text_match,
)
from opsboard.views.panes import PaneSpec

__all__ = ["EVERYTHING", "Filter", "FilterError", "fields", "parse"]

Test = Callable[[Any, datetime], bool]


@frozen_unchecked
class FieldTest(Frozen):
    """Tells whether what *read* finds of a record *match*-es; *read* is the same for each *name*.

    The values of many records are read once, and there are few that differ.
    """

    name: str
    read: Callable[[Any], str]
    match: Match
    negated: bool = False

    def __call__(self, record: Any, _now: datetime) -> bool:
        return self.match(self.read(record)) is not self.negated


_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
SHORT: Final = {"env": "environment", "ns": "namespace", "repo": "repository", "is": "status"}


@frozen_unchecked
class KeyTest(Frozen):
    """Tells whether what *read* finds of a record *holds* now; it is the same for each *name*."""

    name: str
    read: Callable[[Any], Any]
    holds: Callable[[Any, datetime], bool]
    negated: bool = False

    def __call__(self, record: Any, now: datetime) -> bool:
        return self.holds(self.read(record), now) is not self.negated


class Filter:
    """A filter for the rows of one pane. An empty one lets every row through.

    So does one that has turned out to take too long; :attr:`problem` says so then.
    """

    def __init__(
        self,
        text: str,
        tests: Sequence[Test],
        words: Sequence[tuple[str, bool]] = (),
        row: Callable[[Any], str] = lambda _: "",
    ) -> None:
        self.text = text
        self.problem = ""
        self.words = words
        """The plain words, in lower case, and whether each has to stand in a row or must not."""
        self._tests = tests
        self._row = row

    def __bool__(self) -> bool:
        return bool(self._tests or self.words)

    def __call__(self, record: Record, now: datetime) -> bool:
        if self.words and not self.problem:
            row = self._row(record)
            if not all((word in row) is wanted for word, wanted in self.words):
                return False
        return self.passes_rest(record, now)

    @property
    def tests(self) -> Sequence[Test]:
        """All but the plain words."""
        return self._tests

    def passes_rest(self, record: Record, now: datetime) -> bool:
        """Return whether *record* passes all but the plain words."""
        if self.problem:
            return True
        try:
            for test in self._tests:  # a generator would take as long as most tests
                if not test(record, now):
                    return False
        except TooSlowError as error:
            self.problem = str(error)
        return True


EVERYTHING: Final = Filter("", ())


def row_text(pane: PaneSpec) -> Callable[[Any], str]:
    """Return what reads a row as the text that plain words are looked for in: in lower case."""
    read = _row_reader(pane)
    return lambda record: read(record).lower()


def _row_reader(pane: PaneSpec) -> Callable[[Any], str]:
    read = operator.attrgetter(*pane.search)
    if len(pane.search) == 1:
        return lambda record: str(read(record))
    return lambda record: "\n".join(read(record))


def parse(text: str, pane: PaneSpec) -> Filter:
    """Return the filter that *text* means in *pane*. Raises :exc:`FilterError`."""
    tests: list[Test] = []
    matches: list[Match] = []
    words: list[tuple[str, bool]] = []
    for word in filter_terms(text):
        test = None if word.quoted else _of_field(word, pane)
        if test is not None:
            tests.append(_negated(test) if word.negated else test)
        elif word.is_plain:
            words.append((word.text, not word.negated))
        else:
            matches.append(matcher(word))
    if matches:
        tests.append(_of_row(matches, pane))
    return Filter(text.strip(), tests, words, row_text(pane))


def _negated(test: Test) -> Test:
    if isinstance(test, FieldTest | KeyTest):
        return replace(test, negated=not test.negated)
    return lambda record, now: not test(record, now)


def _of_row(matches: Sequence[Match], pane: PaneSpec) -> Test:
    """Return the test for words that may stand anywhere in a row."""
    read = _row_reader(pane)

    def test(record: Any, _: datetime) -> bool:
        row = read(record)
        return all(match(row) for match in matches)

    return test


def _of_field(word: FilterTerm, pane: PaneSpec) -> Test | None:
    """Return the test for a word that speaks of a field; ``None`` where it does not."""
    name, colon, value = word.text.partition(":")
    if not colon or not name or name.startswith("/"):
        return None
    name = SHORT.get(name, name)
    if value:
        return _field(name, value, pane)
    if field_reader(name, pane) is None:
        return None
    still_typing = not word.negated
    return lambda record, now: still_typing  # nothing is hidden yet, whichever way it is read


def _field(name: str, value: str, pane: PaneSpec) -> Test:
    for sign, compare in _COMPARE.items():
        if value.startswith(sign):
            return _comparison(name, value.removeprefix(sign), compare, pane)
    read = field_reader(name, pane)
    if read is None:
        raise FilterError(f"no field {name!r}; {did_you_mean_or_list(name, _named(pane))}")
    _check_value(name, value, pane)
    return FieldTest(name, read, text_match(value))


def _check_value(name: str, value: str, pane: PaneSpec) -> None:
    """Raise :exc:`FilterError` where no record can have *value*, of words that are all known."""
    cls = record_class(pane.kind)
    declared = cls.__dataclass_fields__.get(name) if cls else None
    if declared is not None and name not in _record_fields(pane):
        return
    values = _values_of(name, declared.type if declared else None, pane)
    if values and not value.startswith("/") and not any(value in one for one in values):
        raise FilterError(f"no {name} {value!r}; {did_you_mean_or_list(value, values)}")


def _values_of(name: str, kind: object, pane: PaneSpec) -> Sequence[str]:
    """Return all values that a field of the type *kind* can have; nothing where there is no end."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [one.value for one in kind]
    column = pane.column(name)
    return column.values if column is not None else ()


def field_reader(name: str, pane: PaneSpec) -> Callable[[Any], str] | None:
    """Return what reads a field as text: a field of the record, or else a column as shown."""
    if name in _record_fields(pane):
        return lambda record: str(getattr(record, name))
    column = pane.column(name)
    if column is None or column.ticks:
        return None
    return lambda record: column.show(record, _NEVER).text


_NEVER: Final = datetime.fromtimestamp(0, UTC)


def fields(pane: PaneSpec) -> list[str]:
    """Return the names that may stand before a colon in *pane*."""
    return sorted({column.id for column in pane.all_columns} | set(pane.search))


def _named(pane: PaneSpec) -> list[str]:
    known = fields(pane)
    return [*known, *(short for short, full in SHORT.items() if full in known)]


def _record_fields(pane: PaneSpec) -> frozenset[str]:
    """Return the fields that are read as they are; of the others, the column tells what is
    shown."""
    cls = record_class(pane.kind)
    known = cls.__dataclass_fields__.keys() if cls else ()
    plain = {*pane.search, "source", "status", "id", "name"}
    shown = {column.id: column.field for column in pane.all_columns}
    return frozenset(
        name
        for name in known
        if shown.get(name, name) == name or (name in plain and not shown[name])
    )


def _comparison(
    name: str, value: str, compare: Callable[[float, float], bool], pane: PaneSpec
) -> Test:
    column = pane.column(name)
    if column is None:
        columns = [column.id for column in pane.all_columns]
        raise FilterError(f"no column {name!r} to compare; {did_you_mean_or_list(name, columns)}")
    if span := _SPAN.fullmatch(value):
        seconds = timedelta(seconds=float(span[1]) * _UNITS[span[2]]).total_seconds()
        return KeyTest(
            f"age {name}", column.key, lambda at, now: _compare_age(at, now, seconds, compare)
        )
    try:
        limit = float(value)
    except ValueError:
        raise FilterError(f"{value!r} is neither a number nor a time such as 30s, 2h, 7d") from None
    number = column.number or column.key
    return KeyTest(name, number, lambda value, _: _compare_number(value, limit, compare))


def _compare_age(
    at: Any, now: datetime, seconds: float, compare: Callable[[float, float], bool]
) -> bool:
    """Compare how long ago *at* (seconds since the epoch, 0 for never) was."""
    return isinstance(at, float) and at > 0 and compare(now.timestamp() - at, seconds)


def _compare_number(value: Any, limit: float, compare: Callable[[float, float], bool]) -> bool:
    value = value[0] if isinstance(value, tuple) and value else value
    return isinstance(value, (int, float)) and compare(value, limit)


# --- what may have been meant --------------------------------------------------------------------

_MOST_VALUES: Final = 2_000
_SIGNS: Final = ("/", "<", ">")


def suggested_value(text: str, pane: PaneSpec, records: Iterable[Record]) -> str:
    """Return what a word ``field:value`` of *text*, a filter, may have been meant to be, or ``""``.

    Only of a value that no record of *pane* has in that field; regular expressions and comparisons
    are left alone.
    """
    rows = list(records)
    asked = (_near(word, pane, rows) for word in filter_terms(text) if not word.negated)
    return next(filter(None, asked), "")


def _near(word: FilterTerm, pane: PaneSpec, rows: list[Record]) -> str:
    name, colon, value = word.text.partition(":")
    if word.quoted or not colon or not value or value.startswith(_SIGNS):
        return ""
    read = field_reader(SHORT.get(name, name), pane)
    if read is None:
        return ""
    values = list(dict.fromkeys(filter(None, map(read, rows))))[:_MOST_VALUES]
    if any(value.lower() in one.lower() for one in values):
        return ""
    return did_you_mean(f"{name}:{value}", [f"{name}:{one}" for one in values])
