"""What a page tells twice has to be the same both times: its facts, its rows, its record.

Value, version, status, environment and times of a record stand in its row on the board, at the
head of its page, among the facts below, and as rows of other pages.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from opsboard.adapter import Detail, Fact, Facts, GridRow, Series
from opsboard.records import Drift, Record, Ref, Status
from opsboard.testing.inspection import grid_rows
from opsboard.text.numbers import format_metric

_FIELDS: Final = (
    "status", "reason", "environment", "version", "serving", "latest", "revision", "value",
    "threshold", "created_at", "updated_at", "started_at", "finished_at", "measured_at",
)  # fmt: skip
"""What is compared between the record on the board and the one on its page."""
_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "value": ("value",), "version": ("version",), "environment": ("environment",),
    "model": ("model",), "created": ("created_at",), "measured": ("measured_at",),
    "started": ("started_at", "created_at"), "changed": ("updated_at",),
    "updated": ("updated_at",), "finished": ("finished_at",), "ended": ("finished_at",),
}  # fmt: skip
"""The fields that a labelled value of a record itself may come from."""
_SECOND: Final = timedelta(seconds=1)
_SLACK: Final = timedelta(minutes=2)
_STATES: Final = frozenset({"status", "state", "value"})


def contradictions(
    detail: Detail, known: Record | None, others: Mapping[Ref, Record]
) -> Iterator[str]:
    """Yield what *detail* tells otherwise than its record, the board's, or that of a row.

    *known* is the record as the board has it, *others* are all that the board has.
    """
    record = detail.record
    if known is not None:
        for name in _FIELDS:
            shown, board = getattr(record, name, None), getattr(known, name, None)
            if shown != board and not _is_about(shown, board):
                yield f"{record.ref}: {name} is {shown!r} on its page, {board!r} on the board"
    first = next((one for one in detail.sections if isinstance(one, Facts)), None)
    for fact in first.facts if first else ():
        yield from _of_fact(fact, record)
    for series in (one for one in detail.sections if isinstance(one, Series)):
        yield from _of_series(series, record)
    for row in grid_rows(detail):
        yield from _of_row(row, record, others)


def _is_about(one: object, other: object) -> bool:
    """Tell whether both are times that differ by less than what the test itself may take.

    A server that stands still while our clock goes on is dated anew by those who compare clocks.
    """
    return isinstance(one, datetime) and isinstance(other, datetime) and abs(one - other) < _SLACK


def _of_fact(fact: Fact, record: Any) -> Iterator[str]:
    label = fact.label.casefold()
    if label in _STATES and fact.status not in (None, record.status):
        yield f"{record.ref}: {label} has the status {fact.status}, the record {record.status}"
    values = [_written(getattr(record, name, None)) for name in _LABELS.get(label, ())]
    known = [one for one in values if one]
    if known and not any(_is_same(fact.value, one) for one in known):
        yield f"{record.ref}: {label} is {fact.value!r}, in the record {' or '.join(known)}"


def _written(value: object) -> str:
    if isinstance(value, float):
        return format_metric(value)
    return value.isoformat() if isinstance(value, datetime) else str(value or "")


def _is_same(shown: str, known: str) -> bool:
    try:
        return abs(datetime.fromisoformat(shown) - datetime.fromisoformat(known)) < _SECOND
    except (ValueError, TypeError):  # no times
        return shown == known


def _of_series(series: Series, record: Any) -> Iterator[str]:
    if not isinstance(record, Drift) or series.title != record.metric or not series.points:
        return
    last = series.points[-1].value
    if last != record.value and not math.isnan(last):
        yield f"{record.ref}: its plot ends at {last!r}, its value is {record.value!r}"
    if series.threshold != record.threshold:
        yield f"{record.ref}: its plot has a threshold of {series.threshold!r}"


def _of_row(row: GridRow, record: Record, others: Mapping[Ref, Record]) -> Iterator[str]:
    known = others.get(row.ref) if row.ref else None
    if known is None or row.ref == record.ref:
        return
    loud = {Status.FAILED, Status.WARNING}
    if row.status is not None and row.status != known.status and {row.status, known.status} & loud:
        yield f"{record.ref}: {row.ref} is {row.status} in its row, {known.status} on the board"
    if row.record is not None and row.record.environment != known.environment:
        yield f"{record.ref}: {row.ref} is in {row.record.environment!r} in its row"
