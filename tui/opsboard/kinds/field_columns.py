"""Columns that somebody names in the config: of the pane, or of any field of a record.

A field of several things is read in one of these ways: ``labels.team`` is the value of one pair,
``inputs.commit`` what the record states of one type (:mod:`opsboard.records.claims`), and the
field alone all of it, with commas between.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, get_args, get_origin

from opsboard.frozen import field_hints
from opsboard.kinds.columns import Cell, Column, age_column
from opsboard.kinds.declaration import RecordKind, default_columns
from opsboard.kinds.pane_spec import PaneSpec
from opsboard.records import Record
from opsboard.records.claims import Claim
from opsboard.text.suggestions import did_you_mean, did_you_mean_or_list

_LEAST, _MOST = 6, 30
"""Cells that the column of a field takes, where its width is not set."""
_CLAIMS: Final = ("inputs", "outputs")


class UnknownColumnError(ValueError):
    """No column and no field is called so. The text says which ones there are."""


def named_column(name: str, kind: RecordKind, pane: PaneSpec) -> Column:
    """Return the column *name* of *pane*, or else one for the field *name* of its records.

    Raises :exc:`UnknownColumnError`.
    """
    column = pane.column(name)
    if column is not None:
        return column
    columns = [one.id for one in pane.columns]
    unknown = f"no column and no field {name!r}"
    try:
        return _field_column(name, kind, unknown, columns)
    except UnknownColumnError:
        near = did_you_mean(name, [*columns, *field_names(kind)])
        shown = f"{pane.title} has the columns {', '.join(columns)}, and its records have fields"
        raise UnknownColumnError(f"{unknown}; {near or shown}") from None


def field_column(name: str, kind: RecordKind) -> Column:
    """Return a column for the field *name* of the records of *kind*, as it is.

    Raises :exc:`UnknownColumnError`.
    """
    return _field_column(name, kind, f"no field {name!r}", field_names(kind))


def field_names(kind: RecordKind) -> tuple[str, ...]:
    """Return what may be named of the records of *kind*; of pairs, the field with ``.NAME``."""
    hints = field_hints(kind.record)
    names = [f"{name}.NAME" if _is_pairs(hints[name]) else name for name in _fields(kind)]
    claims = (f"{field}.{identity}" for field in _CLAIMS for identity in sorted(kind.identities))
    return (*names, *claims)


def _fields(kind: RecordKind) -> Iterable[str]:
    return kind.record.__dataclass_fields__


def _field_column(name: str, kind: RecordKind, unknown: str, known: Iterable[str]) -> Column:
    field, dot, part = name.partition(".")
    if field not in _fields(kind):
        raise UnknownColumnError(f"{unknown}; {did_you_mean_or_list(name, known)}")
    if not dot:
        return _whole(field, kind)
    if field in _CLAIMS and part in kind.identities:
        return _text(name, part, lambda record: _claimed(getattr(record, field), part))
    if _is_pairs(field_hints(kind.record)[field]) and part:
        return _text(name, part, lambda record: dict(getattr(record, field)).get(part, ""))
    raise UnknownColumnError(f"{unknown}; {did_you_mean_or_list(name, known)}")


def _whole(field: str, kind: RecordKind) -> Column:
    """Return the column of all of *field*: a time as an age, a number as one, else its text."""
    title = field.removesuffix("_at").replace("_", " ")
    if _is_common_time(field):
        return age_column(field, title, name=field)
    usual = (one for one in default_columns(kind.record) if one.field == field)
    found = next(usual, None)
    if found is not None:
        return replace(found, id=field, title=title)
    return _text(field, title, lambda record: value_text(getattr(record, field)))


def _is_common_time(field: str) -> bool:
    return field in {"created_at", "updated_at"}


def _text(name: str, title: str, read: Callable[[Record], str]) -> Column:
    return Column(
        name,
        title,
        lambda record, _: Cell(read(record)),
        lambda record: read(record).casefold(),
        max(_LEAST, min(len(title), _MOST)),
        _MOST,
    )


def _claimed(claims: Iterable[Claim], identity: str) -> str:
    return ", ".join(dict.fromkeys(one.value for one in claims if one.type == identity))


def _is_pairs(hint: Any) -> bool:
    """Tell whether *hint* is that of pairs of texts, such as labels."""
    if get_origin(hint) is not tuple or len(get_args(hint)) != 2:
        return False
    each, more = get_args(hint)
    return more is Ellipsis and get_origin(each) is tuple and len(get_args(each)) == 2


def value_text(value: Any) -> str:
    """Return the text of a field's *value*; nothing for ``None``."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, Claim):
        return f"{value.type} {value.value}"
    if isinstance(value, tuple):
        return ", ".join(map(value_text, value))
    return "" if value is None else f"{value}"
