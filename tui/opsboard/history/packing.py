"""Records as small rows: JSON, compressed with a dictionary of what its kind's fields are called.

A *layout* is the fields that a kind had when a row was written. It serves as the dictionary, and it
says what the writer could know: a program that has more fields does not take what an earlier one
could not write for a change. It holds names of fields and usual words, nothing of any record, so
that to delete the rows of a source deletes all of it.
"""

import json
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import msgspec

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Record, Ref
from opsboard.records.codec import from_plain, record_class, to_plain

_WINDOW: Final = -12
"""A raw deflate stream (RFC 1951), of a window of 4 KiB: rows are smaller."""

_USUAL: Final = (
    "T00:00:00+00:00 .000000+00:00 false true null https://github.com/ /actions/runs/ main "
    "ReplicaSet/ StatefulSet DaemonSet Deployment CronJob/ Running Succeeded Pending sha256: "
    "in_progress completed queued success failure cancelled push staging production development "
    '"status":"unknown" "status":"running" "status":"warning" "status":"failed" "status":"ok"'
)
_IMPLIED: Final = frozenset({"kind", "source", "id"})
"""Fields that the entity has: they are not in the row."""

_OWN_REF: Final = "$"
"""Marks a reference within the same source; no field is called so."""


@frozen_unchecked
class Layout(Frozen):
    """The *fields* of *kind*, and the *words* that its rows are compressed with."""

    kind: str
    fields: tuple[str, ...]
    words: bytes


def layout_of(record: type[Record], kind: Kind) -> Layout:
    """Return the layout of the records of *kind*, as this program knows them."""
    names = tuple(field.name for field in fields(record) if field.name not in _IMPLIED)
    keys = ",".join(f'"{name}":"' for name in reversed(names))
    return Layout(str(kind), names, f"{_USUAL}{keys}".encode())


def load_layouts(database: sqlite3.Connection, after: int = 0) -> dict[int, Layout]:
    """Return the layouts in *database* whose number is greater than *after*."""
    question = "SELECT id, kind, fields, words FROM layout WHERE id > ?"
    return {
        number: Layout(kind, tuple(json.loads(names)), words)
        for number, kind, names, words in database.execute(question, (after,))
    }


def pack(record: Record, layout: Layout) -> bytes:
    """Return *record* as a row; the entity has its source, kind and id."""
    declared = KINDS.of(record)
    left_out = _IMPLIED.union(declared.momentary if declared is not None else ())
    plain = {name: value for name, value in to_plain(record).items() if name not in left_out}
    for name, value in plain.items():
        if isinstance(getattr(record, name), Ref) and value[0] == record.source:
            plain[name] = {
                _OWN_REF: value[1:]
            }  # the source may be called otherwise when it is read
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    stream = zlib.compressobj(6, zlib.DEFLATED, _WINDOW, 5, zlib.Z_DEFAULT_STRATEGY, layout.words)
    return stream.compress(text) + stream.flush()


def unpack(state: bytes, layout: Layout, ref: Ref) -> Record:
    """Return the record *ref* that :func:`pack` made *state* of.

    Raises :exc:`ValueError` or :exc:`TypeError` where it is none, or of a kind that nothing
    declares any more.
    """
    return from_plain(ref.kind, {**unpack_values(state, layout, ref.source), **_identity_of(ref)})


def unpack_values(state: bytes, layout: Layout, source: str) -> Mapping[str, Any]:
    """Return the fields of a row, without those that nobody knows any more."""
    stream = zlib.decompressobj(_WINDOW, layout.words)
    try:
        values = _decoded(stream.decompress(state))
    except zlib.error as error:
        raise ValueError(f"a row of the ledger is damaged: {error}") from None
    known = record_class(Kind(layout.kind))
    for name, value in values.items():
        if isinstance(value, dict) and _OWN_REF in value:
            values[name] = [source, *value[_OWN_REF]]
    if known is not None and not values.keys() <= known.__dataclass_fields__.keys():
        return {name: v for name, v in values.items() if name in known.__dataclass_fields__}
    return values


def _decoded(text: bytes) -> dict[str, Any]:
    """Return the object in *text*: quickly, but for numbers that JSON has not (NaN)."""
    values: dict[str, Any]
    try:
        values = msgspec.json.decode(text)
    except msgspec.DecodeError:
        values = json.loads(text)
    return values


def _identity_of(ref: Ref) -> dict[str, Any]:
    return {"kind": ref.kind, "source": ref.source, "id": ref.id}
