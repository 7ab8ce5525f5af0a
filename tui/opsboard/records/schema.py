"""Records as JSON for others to read: ``status --json``, and its schema. Imports pydantic."""

from typing import Annotated, Any, TypeAlias

from pydantic import Field, TypeAdapter
from pydantic_core import from_json

from opsboard.records import AnyRecord, Record

RecordField: TypeAlias = Annotated[AnyRecord, Field(discriminator="kind")]
"""A record of any kind, as a field of a pydantic model."""

RECORD: TypeAdapter[AnyRecord] = TypeAdapter(RecordField)
"""Reads and writes a record of any kind."""


def as_json(record: Record) -> dict[str, Any]:
    """Return all fields of *record* as JSON has them; a number that JSON has not is ``None``."""
    told: dict[str, Any] = from_json(RECORD.dump_json(record))  # type: ignore[arg-type]
    return told
