"""Records as plain values and back, for the program's own use: quick, and without pydantic."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, Final, get_args

from opsboard.records import AnyRecord, Kind

RECORD_CLASSES: Final[Mapping[Kind, type[Any]]] = {cls.kind: cls for cls in get_args(AnyRecord)}
"""The class of each kind of record."""


def to_plain(value: Any) -> Any:
    """Return *value*, a record or a part of one, in what JSON can hold; defaults are left out."""
    if is_dataclass(value):
        told = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: to_plain(held)
            for field, held in told
            if field.default is MISSING or held != field.default
        }
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value


def from_plain(kind: Kind, told: Mapping[str, Any]) -> AnyRecord:
    """Return the record that :func:`to_plain` made *told* of, cleaned and checked like any other.

    Raises :exc:`TypeError` or :exc:`ValueError` where it is none.
    """
    record: AnyRecord = RECORD_CLASSES[kind](**told)
    return record
