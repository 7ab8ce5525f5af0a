"""What the suite looks for in records, details and schemas."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from opsboard.adapter import ActionSpec, Detail, Grid, GridRow, Upsert
from opsboard.frozen import Frozen
from opsboard.records import Kind, Record, Ref
from opsboard.testing.recorder import Recorder


def faults(recorder: Recorder, source: str, kinds: Collection[Kind]) -> Iterator[str]:
    """Yield what is wrong with the records and scopes that *recorder* has heard of."""
    for scope in recorder.scopes.keys() - recorder.complete:
        yield f"scope {scope!r} was never complete"
    for change in recorder.changes:
        if isinstance(change, Upsert):
            yield from _repeated(change)
    for record in recorder.records.values():
        yield from _record_faults(record, source, kinds)


def _repeated(change: Upsert) -> Iterator[str]:
    refs = [record.ref for record in change.records]
    if len(refs) != len(set(refs)):
        yield f"scope {change.scope!r} has an id twice in one change"


def _record_faults(record: Record, source: str, kinds: Collection[Kind]) -> Iterator[str]:
    if record.source != source:
        yield f"{record.ref}: its source is {record.source!r}, not {source!r}"
    if record.kind not in kinds:
        yield f"{record.ref}: the kind is not declared"
    if not record.id or not record.name:
        yield f"{record.ref}: id or name is empty"
    for name, value in vars(record).items():
        if isinstance(value, datetime) and value.utcoffset() != timedelta(0):
            yield f"{record.ref}: {name} is not in UTC"


def texts(value: object) -> Iterator[str]:
    """Yield every string in a record."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel | Frozen):
        for part in vars(value).values():
            yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def one_of_each(records: Mapping[Ref, Record]) -> list[Ref]:
    """Return one ref of each kind."""
    return list({ref.kind: ref for ref in sorted(records)}.values())


def some_of_each(records: Mapping[Ref, Record], most: int) -> list[Ref]:
    """Return *most* refs of each kind, those of records that are not well first."""
    found: dict[Kind, list[Ref]] = {}
    for ref in sorted(records, key=lambda ref: (-records[ref].status.severity, ref)):
        found.setdefault(ref.kind, []).append(ref)
    return [ref for refs in found.values() for ref in refs[:most]]


def ragged(detail: Detail) -> Iterator[str]:
    """Yield the titles of grids that have a row with too few or too many cells."""
    for section in detail.sections:
        if isinstance(section, Grid):
            width = len(section.columns)
            if any(len(row.cells) != width for row in section.rows):
                yield section.title


def grid_rows(detail: Detail) -> Iterator[GridRow]:
    """Yield every row of every grid."""
    for section in detail.sections:
        if isinstance(section, Grid):
            yield from section.rows


def row_faults(
    detail: Detail, source: str, kinds: Collection[Kind], offers: Collection[ActionSpec]
) -> Iterator[str]:
    """Yield what is wrong with what the rows of *detail* stand for."""
    offered = {offer.id for offer in offers if detail.record.kind in offer.kinds}
    for row in grid_rows(detail):
        if row.record is not None:
            yield from _record_faults(row.record, source, kinds)
        if row.actions and (row.ref is not None or not row.part):
            yield f"{row.cells}: say by part what of {detail.record.ref} it is, and give no ref"
        for one in row.actions:
            if one.action not in offered:
                yield f"{row.cells}: {one.action} is not offered for any {detail.record.kind}"
            if bool(one.values) == bool(one.disabled_reason):
                yield f"{row.cells}: {one.action} has either values, or why there are none"


def undescribed(schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Yield the properties of a JSON schema that have no description."""
    for name, one in schema.get("properties", {}).items():
        if not one.get("description"):
            yield f"{where}{name}"
    for name, definition in schema.get("$defs", {}).items():
        yield from undescribed(definition, f"{name}.")
