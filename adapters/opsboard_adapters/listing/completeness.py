"""What a scope shows, what is missing from it, and what has changed since it was last listed.

- :class:`SkippedRecords`: records that cannot be read, with examples;
- :class:`ScopeCompleteness`: the above, and parts whose requests failed, as changes for the board;
- :class:`RecordCache`: records that are built again only when their input changes;
- :class:`ScopeDiff`: the changes between two listings of a scope.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Fact,
    Facts,
    Fresh,
    Health,
    Report,
    Skipped,
    SourceError,
    Upsert,
)
from opsboard.records import Record, Ref
from opsboard_adapters.listing.partial import partial_health

EXAMPLES: Final = 3
"""Skipped records that are named in a report."""
_MAX_NAMED: Final = 1_000
_MAX_FAULT_CHARS: Final = 200


class SkippedRecords:
    """The records of *scope* that are left out, as of now."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._faults_by_name: dict[str, str] = {}
        self._more = 0
        self._reported: Skipped | None = Skipped(scope=scope, count=0, total=0)

    @property
    def count(self) -> int:
        """How many records are skipped."""
        return len(self._faults_by_name) + self._more

    @property
    def names(self) -> frozenset[str]:
        """The names of the skipped records."""
        return frozenset(self._faults_by_name)

    def reset(self) -> None:
        """Forget all, before the scope is read again."""
        self._faults_by_name.clear()
        self._more = 0

    def add(self, name: str, fault: str) -> None:
        """Skip the record *name* because of *fault*."""
        if name in self._faults_by_name or len(self._faults_by_name) < _MAX_NAMED:
            self._faults_by_name[name] = fault[:_MAX_FAULT_CHARS]
        else:
            self._more += 1

    def discard(self, name: str) -> None:
        """The record *name* has become readable, or is gone."""
        self._faults_by_name.pop(name, None)

    def report_again(self) -> None:
        """Return a report at the next call of :meth:`report`, even where nothing changed."""
        if self._reported is not None and self._reported.count:
            self._reported = None

    def report(self, total: int) -> Skipped | None:
        """Return the report for the board if it has changed, else ``None``.

        *total* is the number of records, the skipped ones included.
        """
        count = self.count
        examples = [f"{name}: {fault}" for name, fault in self._faults_by_name.items()][:EXAMPLES]
        reported = Skipped(
            scope=self._scope,
            count=count,
            total=max(total, count) if count else 0,
            examples=tuple(examples),
        )
        if reported == self._reported:
            return None
        self._reported = reported
        return reported


RECORDS_PER_TURN: Final = 50
"""Records that are built before other tasks get to run: some milliseconds."""
T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=Record)


def unread_section(errors: Iterable[SourceError], skips: SkippedRecords) -> tuple[Facts, ...]:
    """Return the section of a detail page that lists what could not be read, if anything."""
    odd = skips.report(skips.count)
    reported = dict.fromkeys([*(one.message for one in errors), *([odd.sentence] if odd else [])])
    facts = tuple(Fact(label="Note", value=one) for one in reported)
    return (Facts(title="Not read", facts=facts),) if facts else ()


class ScopeCompleteness:
    """What is missing in one scope. *condition* is what was last reported."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.skipped = SkippedRecords(scope)
        self.condition = Condition.LIVE
        self._errors: dict[str, Sequence[str]] = {}
        self._awaited = ""
        self._holds = False
        self._message = ""
        self._invalid: set[str] = set()

    @property
    def incomplete(self) -> bool:
        """Whether some part of the scope could not be read last time."""
        return any(self._errors.values())

    @property
    def has_invalid(self) -> bool:
        """Whether there are things that no record can be built from."""
        return bool(self._invalid)

    def report_again(self) -> None:
        """Report everything missing once more: the board may have been restarted."""
        self.skipped.report_again()

    def set_errors(self, part: str, errors: Iterable[SourceError], what: str = "") -> None:
        """Record why *part* of the scope is out of date; without *errors*, it is up to date.

        *what* names the part in the message, where *part* is only a key.
        """
        self._errors[part] = [f"{what or part}: {fault.message}" for fault in errors]

    def set_pending(self, what: str, *, blocks: bool = True) -> None:
        """Record that *what* is still to be read; ``""`` where nothing is.

        With *blocks*, the scope counts as starting until then, and ``opsboard status`` waits for
        it.
        """
        self._awaited, self._holds = what, blocks

    async def build_records(
        self, make: Callable[[T], RecordT], things: Iterable[T], named: Callable[[T], str]
    ) -> list[RecordT]:
        """Return the records that *make* builds from *things*; those that it cannot build are
        skipped.

        Other tasks get to run in between.
        """
        invalid: set[str] = set()

        def note(thing: T, error: Exception) -> None:
            invalid.add(named(thing))
            self.skipped.add(named(thing), str(error))

        records = await _made(make, things, note)
        for name in self._invalid - invalid:
            self.skipped.discard(name)
        self._invalid = invalid
        return records

    async def rebuild_records(
        self, make: Callable[[T], RecordT], some: Iterable[T]
    ) -> list[RecordT]:
        """Return the records of *some* things again; failures have been reported by
        :meth:`build_records`.
        """
        return await _made(make, some, lambda _thing, _error: None)

    def report(self, shown: int) -> list[Change]:
        """Return the changes about what is missing. Send them after the records: an upsert says
        that all is well.

        *shown* is how many records the scope has.
        """
        skipped = self.skipped.report(shown + self.skipped.count)
        return [*([skipped] if skipped is not None else []), *self._health()]

    def _health(self) -> list[Change]:
        reported = partial_health([fault for errors in self._errors.values() for fault in errors])
        condition = Condition.STARTING if self._awaited and self._holds else Condition.LIVE
        now = reported or Health(condition=condition, message=self._awaited)
        is_news = self.condition is not Condition.LIVE or bool(self._message)
        self.condition, self._message = now.condition, now.message
        return [Report(now, self.scope)] if now.message or is_news else []


async def _made(
    make: Callable[[T], RecordT], things: Iterable[T], odd: Callable[[T, Exception], None]
) -> list[RecordT]:
    records: list[RecordT] = []
    for number, thing in enumerate(tuple(things), 1):
        if number % RECORDS_PER_TURN == 0:
            await asyncio.sleep(0)
        try:
            records.append(make(thing))
        except (TypeError, ValueError, OverflowError) as error:
            odd(thing, error)
    return records


class RecordCache(Generic[RecordT]):
    """The records built last, which are built again when their input changes.

    Things that no record can be built from are tried again each time.
    """

    def __init__(self, missing: ScopeCompleteness) -> None:
        self._missing = missing
        self._state: object = None
        self._records: Sequence[RecordT] = ()

    async def get(
        self,
        state: object,
        make: Callable[[T], RecordT],
        things: Iterable[T],
        named: Callable[[T], str],
    ) -> Sequence[RecordT]:
        """Return the records of *things*; the same list as before where *state* is unchanged."""
        if state != self._state or self._missing.has_invalid:
            self._records = await self._missing.build_records(make, things, named)
            self._state = state
        return self._records


class ScopeDiff:
    """The records of one scope when it was last listed, and its :class:`ScopeCompleteness`."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.completeness = ScopeCompleteness(scope)
        self._records: dict[Ref, Record] = {}
        self._listed = False
        self._reported = False

    def report_again(self) -> None:
        """Report everything at the next listing: the last one may not have arrived."""
        self._reported = False
        self.completeness.report_again()

    def unchanged(self) -> Sequence[Change]:
        """Return the changes to report when the listing is as it was."""
        if not self._reported:
            return self.replace(tuple(self._records.values()), complete=self._listed)
        return [Fresh(self.scope), *self._missing()]

    def replace(self, records: Sequence[Record], *, complete: bool = True) -> Sequence[Change]:
        """Replace the records by *records*; where these are not the *complete*, keep the others.
        Return the changes: after a whole listing, they confirm the scope, whatever has changed.
        """
        before, reported = self._records, self._reported
        now: dict[Ref, Record] = {record.ref: record for record in records}
        self._records, self._reported = now if complete else {**before, **now}, True
        new = tuple(
            one for ref, one in self._records.items() if not reported or before.get(ref) != one
        )
        changes: list[Change] = [Upsert(self.scope, new)] if new or not reported else []
        if complete and (not reported or not self._listed or before.keys() != now.keys()):
            self._listed = True
            changes.append(Complete(self.scope, frozenset(now)))
        elif complete:
            changes.append(Fresh(self.scope))
        return [*changes, *self._missing()]

    def forget(self, gone: Iterable[Ref]) -> None:
        """Drop records that are known to be *gone*, where the scope is not listed to its end."""
        for ref in gone:
            self._records.pop(ref, None)

    def _missing(self) -> list[Change]:
        return self.completeness.report(len(self._records))
