"""Records as plain values and as JSON, and back.

:func:`to_plain` and :func:`from_plain` serve the program's own cache: quick, and without pydantic.
:func:`as_json` is what ``--json`` prints. A record of a kind that an adapter declared is read and
written like any other.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from opsboard.records.base import Kind, Record
from opsboard.records.board import Activity, Alert
from opsboard.records.cluster import ConfigObject, CronJob, Event, Job, Pod
from opsboard.records.commits import (
    Artifact,
    Commit,
    CommitComparison,
    PullRequest,
    Repository,
)
from opsboard.records.delivery import Build, BuildJob, Deployment
from opsboard.records.images import Image
from opsboard.records.listed import ListedObject
from opsboard.records.models import Drift, Model, ModelVersion
from opsboard.records.service import Service

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_OWN: Final = (
    Build, BuildJob, Deployment, Pod, Job, CronJob, ConfigObject, Event, Model, ModelVersion, Drift,
    Image, Alert, Activity, Commit, PullRequest, CommitComparison, Artifact, Service,
    ListedObject, Repository,
)  # fmt: skip
_classes: dict[Kind, type[Record]] = {cls.kind: cls for cls in _OWN}


def record_class(kind: Kind) -> type[Record] | None:
    """Return the class of the records of *kind*; ``None`` for a kind that nothing has declared."""
    return _classes.get(kind)


def add_record_class(kind: Kind, cls: type[Record]) -> None:
    """Let records of *kind* be read as *cls* from now on."""
    _classes[kind] = cls


def to_plain(value: Any) -> Any:
    """Return *value*, a record or a part of one, in what JSON can hold; defaults are left out."""
    if is_dataclass(value):
        pairs = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            field.name: to_plain(item)
            for field, item in pairs
            if field.default is MISSING or item != field.default
        }
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value


def from_plain(kind: Kind, values: Mapping[str, Any]) -> Record:
    """Return the record that :func:`to_plain` made *values* of, cleaned and checked like any other.

    Raises :exc:`TypeError` or :exc:`ValueError` where it is none, or of a kind that is not known.
    """
    cls = record_class(kind)
    if cls is None:
        raise ValueError(f"no kind of record is called {str(kind)!r}")
    return cls(**values)


class _OfAnyKind:
    """Has pydantic read and write a record by the class of its kind."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415 - the first frame does without

        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.plain_serializer_function_ser_schema(as_json)
        )

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> Any:
        return {"type": "object", "required": ["kind", "source", "id", "name"]}


RecordField: TypeAlias = Annotated[Record, _OfAnyKind()]
"""A record of any kind, as a field of a pydantic model."""


def _read(value: object) -> Record:
    if isinstance(value, Record):
        return value
    kind = value.get("kind") if isinstance(value, Mapping) else None
    cls = record_class(Kind(kind)) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError("is no record of a kind that is known")
    record: Record = _adapter(cls).validate_python(value)
    return record


_adapters: dict[type[Record], "TypeAdapter[Any]"] = {}


def _adapter(cls: type[Record]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - the first frame does without

    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


def as_json(record: Record) -> dict[str, Any]:
    """Return all fields of *record* as JSON has them; a number that JSON has not is ``None``."""
    from pydantic_core import from_json  # noqa: PLC0415 - the first frame does without

    values: dict[str, Any] = from_json(_adapter(type(record)).dump_json(record))
    return values


def to_json(record: Record) -> bytes:
    """Return *record* as JSON text."""
    return _adapter(type(record)).dump_json(record)


def from_json(text: bytes) -> Record:
    """Return the record that *text* is. Raises :exc:`ValueError` where it is none."""
    import json  # noqa: PLC0415 - the first frame does without

    return _read(json.loads(text))


def json_schema(cls: type[Record]) -> dict[str, Any]:
    """Return the JSON Schema of what :func:`as_json` makes of records of *cls*."""
    return _adapter(cls).json_schema(mode="serialization")
