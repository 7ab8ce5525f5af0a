"""How often things were restarted, by what the ledger has seen of them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from opsboard.history.reader import LedgerReader
from opsboard.records import Record, Ref
from opsboard.views.restart_lines import CountReading


def read_counts(
    reader: LedgerReader, refs: Collection[Ref], field: str, since: datetime, until: datetime
) -> Mapping[Ref, tuple[CountReading, ...]]:
    """Return the values of *field*, a whole number, of each of *refs*, in the order of time.

    A count is written with what changes beside it, as when a container goes into back-off: between
    two readings it may have grown at any time. What was so before *since* stands at that time.
    """
    found: dict[Ref, list[CountReading]] = {}
    for one in reader.transitions(since, until, refs=refs, baselines=True):
        readings = found.setdefault(one.ref, [])
        if not readings and one.before is not None:
            readings += _reading(one.before, field, since)
        if one.after is not None:
            readings += _reading(one.after, field, one.at)
    return {ref: tuple(readings) for ref, readings in found.items()}


def _reading(record: Record, field: str, at: datetime) -> list[CountReading]:
    value = record.__dict__.get(field)
    return [CountReading(at, value)] if isinstance(value, int) else []
