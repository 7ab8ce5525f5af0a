"""Checks what a source yields before the board sees it.

A source may be a third party's code. A record that is invalid, or that belongs to another source,
is left out, counted and named, and so is an invalid change; everything else is passed on.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
    Change,
    Complete,
    Due,
    Fresh,
    Health,
    Past,
    PastRecord,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
)
from opsboard.kinds.registry import KINDS
from opsboard.records import Record, Ref
from opsboard.text.sanitize import sanitize

MAX_EXAMPLES: Final = 3
"""Records of a scope that are named as examples, of those that could not be read."""

NO_SCOPE: Final = "what names no part"
"""The scope under which changes are counted that name no scope."""

MAX_SKIPPED: Final = 10_000
"""Records of a scope that are counted as left out, at most."""

MAX_COUNT: Final = 10**9
"""The highest count that is taken from a source; Python prints no int of over 4,300 digits."""

MAX_DUE: Final = 7 * 86_400.0


class InvalidChangeError(Exception):
    """A change is invalid. The text says why."""


class _SkippedCount:
    """Counts the records of one scope, and those that were left out.

    A new listing replaces the invalid records of the one before; later ones are added.
    """

    def __init__(self) -> None:
        self._odd: dict[str, str] = {}
        self._since: dict[str, str] = {}
        self._read = 0
        self._size = 0
        self.own: Skipped | None = None
        """What the source itself says that it has left out."""

    def let_in(self, number: int) -> None:
        self._read += number

    def leave_out(self, key: str, what: str) -> None:
        if len(self._odd) < MAX_SKIPPED:
            self._odd[key] = self._since[key] = what

    def listed(self, size: int) -> None:
        if self._read or self._since or not size:
            self._odd, self._size = self._since, max(self._read, size - len(self._since))
        self._since, self._read = {}, 0

    def total(self, scope: str) -> Skipped:
        own = self.own or Skipped(scope=scope, count=0, total=0)
        count = len(self._odd)
        return Skipped(
            scope=scope,
            count=count + own.count,
            total=max(self._read, self._size, own.total - count, own.count) + count,
            examples=(*own.examples, *self._odd.values())[:MAX_EXAMPLES],
        )


class ChangeValidator:
    """Checks the changes of the source called *name*."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._counts: dict[str, _SkippedCount] = {}
        self._reported: dict[str, Skipped] = {}
        self._handlers: Mapping[type, Callable[[Any], Iterable[Change]]] = {
            Upsert: self._upsert,
            Remove: self._remove,
            Complete: self._complete,
            ScopeRemoved: self._gone,
            Past: self._past,
            Fresh: lambda change: [
                Fresh(_scope(change), bool(change.streaming), _time(change.read_from))
            ],
            Due: lambda change: [Due(_scope(change), _seconds(change.seconds))],
            Report: lambda change: [_report(change)],
            Skipped: self._skipped,
            BudgetUpdate: lambda change: [BudgetUpdate(_is_a(change.budget, Budget))],
        }

    def validate(self, change: object) -> Iterator[Change]:
        """Yield the valid part of *change*, and a ``Skipped`` for what was left out."""
        try:
            yield from self._handler(change)(change)
        except InvalidChangeError as error:
            yield from self._invalid(change, str(error))
        except Exception as error:  # a third party's class may raise anything
            yield from self._invalid(change, type(error).__name__)

    def _handler(self, change: object) -> Callable[[Any], Iterable[Change]]:
        for cls in type(change).__mro__:
            if cls in self._handlers:
                return self._handlers[cls]
        raise InvalidChangeError(f"{type(change).__name__} is not a change")

    def _invalid(self, change: object, why: str) -> Iterator[Change]:
        name = _scope_if_any(change)
        what = f"{type(change).__name__}: {why}"
        self._count(name).leave_out(what, what)
        yield from self._report_skipped(name)
        if name is NO_SCOPE:
            yield Complete(NO_SCOPE, frozenset())

    def _count(self, scope: str) -> _SkippedCount:
        return self._counts.setdefault(scope, _SkippedCount())

    def _report_skipped(self, scope: str) -> Iterator[Change]:
        """Yield what is left out of *scope*, where it differs from the last report."""
        skipped = self._count(scope).total(scope)
        before = self._reported.get(scope)
        if skipped != before and (skipped.count or (before is not None and before.count)):
            self._reported[scope] = skipped
            yield skipped

    # --- one kind of change each -----------------------------------------------------------------

    def _upsert(self, change: Upsert) -> Iterator[Change]:
        scope, count = _scope(change), self._count(_scope(change))
        records = list(change.records)
        odd = {at: why for at, record in enumerate(records) if (why := self._fault_of(record))}
        good = [record for at, record in enumerate(records) if at not in odd] if odd else records
        if good or not odd:
            yield Upsert(scope, good)
        count.let_in(len(good))
        for at, why in odd.items():
            count.leave_out(f"{at}: {why}", why)
        if odd:
            yield from self._report_skipped(scope)

    def _fault_of(self, record: object) -> str:
        if not isinstance(record, Record):
            return f"{type(record).__name__} is not a record"
        try:
            if record.source != self._name:
                return f"{record.id} is of the source {record.source!r}"
            kind = KINDS.of(record)
            cls = kind.record if kind is not None and kind.from_sources else None
            if cls is None or not isinstance(record, cls):
                return f"{record.id} is of no kind that a source has"
            record_id: object = record.id
            return "" if isinstance(record_id, str) else "a record has no id"
        except Exception as error:  # a third party's class may raise anything
            return f"a record raises {type(error).__name__}"

    def _remove(self, change: Remove) -> Iterator[Change]:
        yield Remove(_scope(change), tuple(filter(_is_ref, change.refs)))

    def _complete(self, change: Complete) -> Iterator[Change]:
        scope = _scope(change)
        refs = change.refs
        if type(refs) is not frozenset or not all(map(_is_ref, refs)):
            refs = frozenset(filter(_is_ref, refs))
        yield Complete(scope, refs, _time(change.read_from))
        self._count(scope).listed(len(refs))
        yield from self._report_skipped(scope)

    def _gone(self, change: ScopeRemoved) -> Iterator[Change]:
        scope = _scope(change)
        self._counts.pop(scope, None)
        self._reported.pop(scope, None)
        yield ScopeRemoved(scope, change.deleted is True)

    def _past(self, change: Past) -> Iterator[Change]:
        scope = _scope(change)
        good = [one for one in change.records if self._is_past_record(one)]
        yield Past(scope, [_clean_past(one) for one in good])
        if odd := len(change.records) - len(good):
            what = f"{odd:,} of {len(change.records):,} earlier records cannot be read"
            self._count(scope).leave_out(what, what)
            yield from self._report_skipped(scope)

    def _is_past_record(self, one: object) -> bool:
        if not isinstance(one, PastRecord) or not _is_ref(one.ref):
            return False
        at: object = one.at
        if not isinstance(at, datetime) or at.tzinfo is None:
            return False
        if one.record is None:
            return one.ref[0] == self._name
        return not self._fault_of(one.record) and one.record.ref == one.ref

    def _skipped(self, change: Skipped) -> Iterator[Change]:
        scope = _scope(change)
        least = min(max(change.count, 0), MAX_COUNT)
        total = min(max(change.total, least), MAX_COUNT)
        own = replace(change, scope=scope, count=least, total=total)
        self._count(scope).own = own
        yield from self._report_skipped(scope)


def _scope(change: Any) -> str:
    if not isinstance(change.scope, str):
        raise InvalidChangeError("names no part")
    return sanitize(change.scope)


def _scope_if_any(change: object) -> str:
    try:
        return _scope(change)
    except Exception:  # a third party's class may raise anything
        return NO_SCOPE


def _clean_past(one: PastRecord) -> PastRecord:
    at, rule, actor = one.at.astimezone(UTC), sanitize(one.rule), sanitize(one.actor)
    return PastRecord(Ref(*one.ref), at, one.record, rule, actor)


def _seconds(seconds: object) -> float:
    if not isinstance(seconds, int | float) or not math.isfinite(seconds) or seconds < 0:
        raise InvalidChangeError("no number of seconds")
    return min(float(seconds), MAX_DUE)


def _time(at: object) -> datetime | None:
    if at is not None and (not isinstance(at, datetime) or at.tzinfo is None):
        raise InvalidChangeError("no time with a time zone")
    return at


def _report(change: Report) -> Report:
    scope = None if change.scope is None else _scope(change)
    return Report(_is_a(change.health, Health), scope)


def _is_a(value: Any, cls: type[Any]) -> Any:
    if not isinstance(value, cls):
        raise InvalidChangeError(f"{type(value).__name__} is no {cls.__name__}")
    return value


def _is_ref(ref: object) -> bool:
    return isinstance(ref, Ref) or (
        isinstance(ref, tuple) and len(ref) == 3 and all(isinstance(part, str) for part in ref)
    )
