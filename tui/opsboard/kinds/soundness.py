"""What may be wrong with a declaration of a kind although its types are right.

What is declared is a third party's: any attribute may be anything. What is wrong is said with how
to fix it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import MISSING
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from opsboard.frozen import Frozen, coercers, field_hints
from opsboard.kinds.columns import Column
from opsboard.kinds.field_types import bare_type, is_kept, own_hints, text_fields
from opsboard.kinds.pane_spec import KindError, PaneSpec
from opsboard.kinds.rules import AlertRule, ChangeRule, FailureRule
from opsboard.records import Kind, Record
from opsboard.text.sanitize import is_sanitized

if TYPE_CHECKING:
    from opsboard.kinds.declaration import RecordKind

LONGEST_WORD: Final = 40
"""Characters of a name, a word for a pane, the id of a column."""

LONGEST_TITLE: Final = 80
WIDEST_COLUMN: Final = 500

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COLUMN_ID: Final = re.compile(r"\w[\w.-]*")
_COMMON: Final = frozenset(Record.__dataclass_fields__)


def check_declaration(kind: "RecordKind") -> None:
    """Raise :exc:`KindError` where *kind* is declared wrongly, its table apart."""
    _check_class(kind)
    _check_rules(kind)
    _check_history(kind)


def _wrong(kind: "RecordKind", what: str) -> KindError:
    return KindError(f"the kind {str(kind.name)!r:.60}: {what}")


def _check_class(kind: "RecordKind") -> None:
    name: object = kind.name
    if not isinstance(name, Kind) or not _NAME.fullmatch(name) or not 0 < len(name) <= LONGEST_WORD:
        raise _wrong(
            kind,
            "its name must be a Kind of words of a-z and 0-9, joined by hyphens, of "
            f"{LONGEST_WORD} characters at most",
        )
    record: object = kind.record
    if not (isinstance(record, type) and issubclass(record, Record)):
        raise _wrong(kind, "`record` must be a subclass of opsboard.records.Record")
    default = kind.record.__dataclass_fields__["kind"].default
    if default != kind.name:
        found = f"{kind.record.__name__}.kind is {str(default)!r}"
        if not isinstance(default, str):
            found = f"{kind.record.__name__} sets no kind"
        raise _wrong(
            kind,
            f"{found}; write `kind: Kind = Kind({str(kind.name)!r})` in the class, and "
            "@frozen above it",
        )
    if fault := class_fault(kind.record):
        raise _wrong(kind, fault)
    for field, hint in own_hints(kind.record):
        if not is_kept(hint, (kind.record,)):
            raise _wrong(
                kind,
                f"the field {field!r} has a type that JSON cannot keep ({hint}); use Text, "
                "int, float, bool, UtcDatetime, a StrEnum, Ref, or tuples of these",
            )


def _check_rules(kind: "RecordKind") -> None:
    for identity in kind.identities:
        word: object = identity
        if not isinstance(word, str) or not _NAME.fullmatch(word):
            raise _wrong(
                kind,
                f"`identities` has {word!r:.60}, which must be words of a-z and 0-9, joined by "
                'hyphens, such as "commit"',
            )
    if more := sorted(map(str, kind.represents - kind.identities)):
        raise _wrong(kind, f"`represents` has {more[0]!r:.60}, which `identities` lacks")
    for argument, text in (("title", kind.title), ("plural", kind.plural)):
        if fault := text_fault(argument, text):
            raise _wrong(kind, fault)
    rules: tuple[tuple[str, object, type], ...] = (
        ("alert", kind.alert, AlertRule),
        ("failures", kind.failures, FailureRule),
        ("changes", kind.changes, ChangeRule),
    )
    for argument, rule, cls in rules:
        if rule is not None and not isinstance(rule, cls):
            raise _wrong(
                kind,
                f"`{argument}` must be an object of a subclass of {cls.__name__}, such as "
                f"{cls.__name__}(), not {rule!r:.60}",
            )


def _check_history(kind: "RecordKind") -> None:
    """Check the fields that the history goes by."""
    fields = kind.record.__dataclass_fields__
    hints = field_hints(kind.record)
    actor = (kind.actor,) if kind.actor else ()
    rules: dict[str, Sequence[object]] = {
        "heartbeat": kind.heartbeat, "momentary": kind.momentary, "dated_by": kind.dated_by,
        "dated_until": kind.dated_until, "actor": actor,
    }  # fmt: skip
    for argument, names in rules.items():
        if isinstance(names, str) or not isinstance(names, list | tuple):
            raise _wrong(kind, f"`{argument}` must name fields, such as ('updated_at',)")
        if unknown := [one for one in names if not isinstance(one, str) or one not in fields]:
            raise _wrong(
                kind,
                f"`{argument}` names the field {unknown[0]!r:.60}, which "
                f"{kind.record.__name__} does not have; there are {', '.join(fields)}",
            )
    _check_momentary(kind)
    for argument in ("dated_by", "dated_until"):
        for name in rules[argument]:
            if bare_type(hints[str(name)]) is not datetime:
                raise _wrong(kind, f"`{argument}` names {name!r}, which is no time")


def _check_momentary(kind: "RecordKind") -> None:
    """Check that a record can be read without what was not kept of it."""
    fields = kind.record.__dataclass_fields__
    for name in kind.momentary:
        if fields[name].default is MISSING:
            raise _wrong(kind, f"`momentary` names {name!r}, which has no default to be read as")


def check_pane(kind: "RecordKind", pane: PaneSpec) -> None:
    """Raise :exc:`KindError` where *pane*, the table of *kind*, is declared wrongly."""
    columns = (*pane.columns, *pane.compact)
    if fault := words_fault(pane.words) or columns_fault(columns):
        raise _wrong(kind, fault)
    _check_column_ids(kind, pane)
    fields = kind.record.__dataclass_fields__
    for column in pane.columns:
        if column.field and column.field not in fields:
            raise _wrong(
                kind,
                f"the column {column.id!r} shows the field {column.field!r}, which "
                f"{kind.record.__name__} does not have; there are {', '.join(fields)}",
            )
    texts = text_fields(kind.record)
    for field in pane.search:
        if field not in texts:
            raise _wrong(
                kind,
                f"`search` names {field!r}, which is no text field of {kind.record.__name__}; "
                f"there are {', '.join(texts)}",
            )


def _check_column_ids(kind: "RecordKind", pane: PaneSpec) -> None:
    ids = [column.id for column in pane.columns]
    if doubled := sorted({one for one in ids if ids.count(one) > 1}):
        raise _wrong(kind, f"two columns have the id {doubled[0]!r}; give one another `name`")
    if pane.order not in ids:
        raise _wrong(
            kind, f"it is ordered by {pane.order!r}, which is no column; there are {', '.join(ids)}"
        )
    if strange := [column.id for column in pane.compact if column.id not in ids]:
        raise _wrong(
            kind,
            f"`compact` has the column {strange[0]!r}, which `columns` has not; there are "
            f"{', '.join(ids)}",
        )


# --- what is wrong with a part, or "" ------------------------------------------------------------


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


def words_fault(words: Sequence[Any]) -> str:
    """Return which of *words*, that open a pane, cannot be typed."""
    for word in words:
        if not isinstance(word, str) or not _NAME.fullmatch(word) or len(word) > LONGEST_WORD:
            return (
                f"its pane {word!r:.60} must be words of a-z and 0-9, joined by hyphens, of "
                f"{LONGEST_WORD} characters at most; set `pane` and `aliases`"
            )
    return ""
