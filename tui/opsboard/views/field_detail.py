"""The detail of a record whose source has no more to tell than the board shows: its own fields."""

from collections.abc import Iterator
from typing import Any

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Section
from opsboard.frozen import Frozen
from opsboard.kinds.field_columns import value_text
from opsboard.kinds.registry import KINDS
from opsboard.records import Record

_HEADING = frozenset(
    {"kind", "source", "id", "name", "status", "reason", "message", "environment", "url"}
)
"""Fields that the head of the page shows."""


def field_detail(record: Record) -> Detail:
    """Return a page of the fields that *record* has and its head does not show."""
    names = [name for name in record.__dataclass_fields__ if name not in _HEADING]
    values = {name: getattr(record, name) for name in names}
    kind = KINDS.of(record)
    facts = tuple(
        Fact(label=_label(name), value=value_text(value))
        for name, value in values.items()
        if value not in (None, "", ()) and not _is_table(value)
    )
    title = kind.title if kind else str(record.kind)
    tables = (_grid(_label(name), value) for name, value in values.items() if _is_table(value))
    return Detail(record=record, sections=(Facts(title=title, facts=facts), *tables))


def _label(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ")


def _is_table(value: Any) -> bool:
    """Tell whether *value* is several things that have fields of their own."""
    return isinstance(value, tuple) and bool(value) and all(map(_has_fields, value))


def _has_fields(value: object) -> bool:
    return isinstance(value, Frozen) or hasattr(value, "_fields")


def _grid(title: str, values: tuple[Any, ...]) -> Section:
    columns = tuple(name for name, _ in _fields(values[0]))
    rows = tuple(
        GridRow(cells=tuple(value_text(value) for _, value in _fields(one))) for one in values
    )
    return Grid(title=title, columns=tuple(map(_label, columns)), rows=rows)


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    names = value._fields if hasattr(value, "_fields") else value.__dataclass_fields__
    return ((name, getattr(value, name)) for name in names)
