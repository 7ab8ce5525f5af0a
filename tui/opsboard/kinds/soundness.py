"""What may be wrong with a declaration of a kind although its types are right.

Each function returns what is wrong and how to fix it, or ``""``. What is declared is a third
party's: any attribute may be anything.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import MISSING
from typing import Any, Final

from opsboard.frozen import Frozen, coercers, field_hints
from opsboard.kinds.columns import Column
from opsboard.records import Record
from opsboard.text.sanitize import is_sanitized

LONGEST_WORD: Final = 40
"""Characters of a name, a word for a pane, the id of a column."""

LONGEST_TITLE: Final = 80
WIDEST_COLUMN: Final = 500

_COLUMN_ID: Final = re.compile(r"\w[\w.-]*")
_COMMON: Final = frozenset(Record.__dataclass_fields__)


def text_fault(name: str, text: object, most: int = LONGEST_TITLE) -> str:
    """Return why *text*, the argument called *name*, cannot be shown as it is."""
    if not isinstance(text, str):
        return f"`{name}` must be a text, not {type(text).__name__}"
    if not is_sanitized(text):
        return f"`{name}` must be one line, without control characters: it is {text!r:.60}"
    if len(text) > most:
        return f"`{name}` has {len(text):,} characters; the most are {most}"
    return ""


def columns_fault(columns: Iterable[Any]) -> str:
    """Return what is wrong with *columns*, each by itself."""
    for column in columns:
        if not isinstance(column, Column):
            return (
                f"{column!r:.60} in `columns` is no Column; make one by text_column(), "
                "number_column() or age_column()"
            )
        if fault := _column_fault(column):
            return fault
    return ""


def _column_fault(column: Any) -> str:
    if fault := text_fault("title", column.title):
        return f"a column: {fault}"
    id_ = column.id
    if not isinstance(id_, str) or not _COLUMN_ID.fullmatch(id_) or len(id_) > LONGEST_WORD:
        return f"the column {id_!r:.60} must have a word of a-z and 0-9 as its id (`name`)"
    for name, least in (("width", 1), ("most", 0)):
        cells = getattr(column, name)
        if type(cells) is not int or not least <= cells <= WIDEST_COLUMN:
            return (
                f"the column {id_!r}: its `{name}` is {cells!r:.40}, and must be a whole number "
                f"of cells from {least} to {WIDEST_COLUMN}"
            )
    if type(column.priority) is not int:
        return f"the column {id_!r}: its `priority` must be a whole number"
    return ""


def class_fault(record: type[Record]) -> str:
    """Return what is wrong with the class *record* and its fields."""
    if "__dataclass_fields__" not in vars(record) or record.__init__ is not Frozen.__init__:
        return f"write @frozen above {record.__name__}, no other decorator, and no __init__"
    try:
        hints = field_hints(record)
    except Exception as error:  # an annotation may be anything
        return f"a field of {record.__name__} has a type that is not there: {error}"
    common = field_hints(Record)
    for name, field in record.__dataclass_fields__.items():
        if name in _COMMON:
            if hints[name] != common[name]:
                return f"the field {name!r} is one of every record, and must keep its type"
        elif name.startswith("_") or hasattr(Record, name):
            return f"a field must not be called {name!r}, which means something else; rename it"
        if field.default_factory is not MISSING:
            return f"the field {name!r} has a default_factory; write its default, such as ()"
    return _defaults_fault(record)


def _defaults_fault(record: type[Record]) -> str:
    for name, fit in coercers(record):
        default = record.__dataclass_fields__[name].default
        if default is MISSING:
            continue
        try:
            fitted = fit(default)
        except (TypeError, ValueError) as error:
            return f"the default of the field {name!r}, {default!r:.60}, {error}"
        if fitted != default:
            return f"the default of the field {name!r}, {default!r:.60}, is no clean text or time"
    return ""


def words_fault(words: Sequence[Any], pattern: "re.Pattern[str]") -> str:
    """Return which of *words*, that open a pane, cannot be typed."""
    for word in words:
        if not isinstance(word, str) or not pattern.fullmatch(word) or len(word) > LONGEST_WORD:
            return (
                f"its pane {word!r:.60} must be words of a-z and 0-9, joined by hyphens, of "
                f"{LONGEST_WORD} characters at most; set `pane` and `aliases`"
            )
    return ""
