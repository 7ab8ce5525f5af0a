"""What of a new record is a change in meaning, and when it became so.

The kind says which fields are heartbeats, and which ones date a change
(:class:`opsboard.kinds.RecordKind`). A time that a record tells is believed where it does not
contradict what was seen: not later than the look that found it, and not much earlier than the look
before. Otherwise it is only known that the change lies between the two looks.

Kubernetes (``metav1.Time``) and GitHub cut their times to whole seconds: such a time is any within
that second. What else is known to lie within it is in the order in which it was seen.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from opsboard.history.model import SECOND
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

    *known* are the fields that the program had which wrote *before*; by default, all. That it is
    known by now when it was made is no change.
    """
    if before is after or before.__dict__ == after.__dict__:
        return False
    declared = KINDS.of(after)
    heartbeat: Collection[str] = ("updated_at", "message")
    if declared is not None:
        heartbeat = (*declared.heartbeat, *declared.momentary)
    ones, others = before.__dict__, after.__dict__
    return any(
        not _equal(value, others.get(name))
        for name, value in ones.items()
        if name not in heartbeat and (known is None or name in known)
        if not (name == "created_at" and value is None)
    )


def was_there(record: Record, looked: datetime) -> bool:
    """Tell whether *record*, which was seen for the first time, was there at the look before.

    It was made long before that, or is a fact that somebody has found out since: what comes off a
    list and on it again is the same.
    """
    declared = KINDS.of(record)
    if record.created_at is None:
        return declared is not None and declared.facts
    return record.created_at < looked - LAG


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

    A time of whole seconds gives an interval, which begins with it.
    """
    if not_before is not None and seen <= not_before:
        return Dated(not_before)
    least = max((looked or seen) - LAG, not_before or _EVER)
    if after is not None:
        fields, latest = _dating_fields(after)
        created = after.created_at if before is None else None
        told = _first_new(fields, before, after) or (None if latest else created)
        if told is not None and least <= _end_of(told) and told <= seen + LAG:
            if created is not None and created < told:
                return _between(created, told, seen, not_before)
            return _between(_since(told, looked, not_before, seen), told, seen, not_before)
        told = _first_new(latest, before, after) or created
        if told is not None and least <= _end_of(told) and told <= seen + LAG:
            earliest = max(filter(None, (least if looked else None, created)), default=told)
            return _between(earliest, told, seen, not_before)
    if looked is not None and looked < seen:
        return Dated(seen, max(looked, not_before or looked))
    return Dated(seen)


def _end_of(told: datetime) -> datetime:
    """Return when what a source has dated *told* was so at the latest."""
    return told if told.microsecond else told + SECOND


def _since(
    told: datetime, looked: datetime | None, not_before: datetime | None, seen: datetime
) -> datetime:
    """Return since when it may have been so: not yet at a look, or a change, within its second."""
    end = min(_end_of(told), seen)
    return max([told, *(one for one in (looked, not_before) if one is not None and one < end)])


def _between(
    earliest: datetime, told: datetime, seen: datetime, not_before: datetime | None
) -> Dated:
    """Return when that was which a source has dated *told*, and which was not so at *earliest*."""
    at = min(_end_of(told), seen)
    if not_before is not None:
        at = max(at, not_before)
    return Dated(at, earliest if earliest < at else None)


def _dating_fields(record: Record) -> tuple[Collection[str], Collection[str]]:
    """Return the fields that tell when *record* became so, and those that tell it at the latest."""
    declared = KINDS.of(record)
    return (declared.dated_by, declared.dated_until) if declared is not None else ((), ())


def _first_new(names: Collection[str], before: Record | None, after: Record) -> datetime | None:
    """Return the first of the times *names* of *after* that *before* has not."""
    for name in names:
        time: datetime | None = getattr(after, name)
        if time is not None and (before is None or time != getattr(before, name, None)):
            return time
    return None


def actor_of(record: Record | None) -> str:
    """Return who or what made *record* so, as far as it says."""
    declared = KINDS.of(record) if record is not None else None
    return str(getattr(record, declared.actor)) if declared is not None and declared.actor else ""
