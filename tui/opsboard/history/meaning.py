"""What of a new record is a change in meaning, and when it became so.

The kind says which fields are heartbeats, and which ones date a change
(:class:`opsboard.kinds.RecordKind`). A time that a record tells is believed where it does not
contradict what was seen: not later than the look that found it, and not much earlier than the look
before. Otherwise it is only known that the change lies between the two looks.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Record

LAG: Final = timedelta(minutes=2)
"""By how much a server's lists may be behind, or its clock be off."""


_EVER: Final = datetime.min.replace(tzinfo=UTC)


class Dated(NamedTuple):
    """When something became so: *at*, or between *earliest* and *at*."""

    at: datetime
    earliest: datetime | None = None


def is_recorded(kind: Kind) -> bool:
    """Tell whether a history is kept of the records of *kind*."""
    declared = KINDS.get(kind)
    return declared is not None and declared.recorded


def differs(before: Record, after: Record, known: Collection[str] | None = None) -> bool:
    """Tell whether *after* means something else than *before*.

    *known* are the fields that the program had which wrote *before*; by default, all.
    """
    if before is after or before.__dict__ == after.__dict__:
        return False
    declared = KINDS.of(after)
    heartbeat = declared.heartbeat if declared is not None else ("updated_at", "message")
    ones, others = before.__dict__, after.__dict__
    return any(
        not _equal(value, others.get(name))
        for name, value in ones.items()
        if name not in heartbeat and (known is None or name in known)
    )


def _equal(one: object, other: object) -> bool:
    """NaN, which training runs log, is the same as NaN."""
    return one == other or (type(one) is type(other) and repr(one) == repr(other))


def dated(
    before: Record | None,
    after: Record | None,
    seen: datetime,
    looked: datetime | None,
    not_before: datetime | None = None,
) -> Dated:
    """Return when *after*, which was seen at *seen*, took the place of *before*.

    *looked* is when somebody looked last before that; ``None`` for a stream, which tells at once.
    *not_before* is when *before* came to be: later than *seen* where a clock was set back.
    """
    if not_before is not None and seen <= not_before:
        return Dated(not_before)
    least = max((looked or seen) - LAG, not_before or _EVER)
    told = _told(before, after) if after is not None else None
    if told is not None and least <= told <= seen + LAG:
        told = min(told, seen)
        created = after.created_at if after is not None and before is None else None
        begun = created is not None and created < told
        return Dated(told, created if begun else None)
    if looked is not None and looked < seen:
        return Dated(seen, max(looked, not_before or looked))
    return Dated(seen)


def _told(before: Record | None, after: Record) -> datetime | None:
    """Return what *after* says itself of when it became so."""
    declared = KINDS.of(after)
    for name in declared.dated_by if declared is not None else ():
        time: datetime | None = getattr(after, name)
        if time is not None and (before is None or time != getattr(before, name, None)):
            return time
    return after.created_at if before is None else None


def actor_of(record: Record | None) -> str:
    """Return who or what made *record* so, as far as it says."""
    declared = KINDS.of(record) if record is not None else None
    return str(getattr(record, declared.actor)) if declared is not None and declared.actor else ""
