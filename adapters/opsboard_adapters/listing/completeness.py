"""What is missing in what a scope shows: records that cannot be read, parts that failed.

What cannot be read of a scope: counted, and named.

What a scope held when it was last listed, and so what has changed since.
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
from opsboard.records import AnyRecord, Ref
from opsboard_adapters.listing.partial import partial_health

EXAMPLES: Final = 3
_MOST_KEPT: Final = 1_000
_MOST_LETTERS: Final = 200


class SkippedRecords:
    """The records of *scope* that are left out, as of now."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._odd: dict[str, str] = {}
        self._more = 0
        self._told: Skipped | None = Skipped(scope=scope, count=0, total=0)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self._odd) + self._more

    @property
    def names(self) -> frozenset[str]:
        """What they are called."""
        return frozenset(self._odd)

    def reset(self) -> None:
        """Forget all: the scope is read anew."""
        self._odd.clear()
        self._more = 0

    def add(self, name: str, fault: str) -> None:
        """Leave out what is called *name*, for its *fault*."""
        if name in self._odd or len(self._odd) < _MOST_KEPT:
            self._odd[name] = fault[:_MOST_LETTERS]
        else:
            self._more += 1

    def discard(self, name: str) -> None:
        """What is called *name* has become readable, or is gone."""
        self._odd.pop(name, None)

    def report_again(self) -> None:
        """Tell it again at the next opportunity: who was told before may be another."""
        if self._told is not None and self._told.count:
            self._told = None

    def report(self, total: int) -> Skipped | None:
        """Return what is to be told of it, if that has changed. *total* counts the odd ones too."""
        count = self.count
        examples = [f"{name}: {fault}" for name, fault in self._odd.items()][:EXAMPLES]
        told = Skipped(
            scope=self._scope,
            count=count,
            total=max(total, count) if count else 0,
            examples=tuple(examples),
        )
        if told == self._told:
            return None
        self._told = told
        return told


RECORDS_PER_TURN: Final = 50
"""Records that are made before the others of the loop have their turn: some milliseconds."""
T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=AnyRecord)


def unread_section(faults: Iterable[SourceError], skips: SkippedRecords) -> tuple[Facts, ...]:
    """Return the section of a detail that says what is missing in it, where anything is."""
    odd = skips.report(skips.count)
    told = dict.fromkeys([*(one.message for one in faults), *([odd.sentence] if odd else [])])
    facts = tuple(Fact(label="Note", value=one) for one in told)
    return (Facts(title="Not read", facts=facts),) if facts else ()


class ScopeCompleteness:
    """Of one scope: *skips* are the records that cannot be read, *condition* what was told last."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.skipped = SkippedRecords(scope)
        self.condition = Condition.LIVE
        self._faults: dict[str, Sequence[str]] = {}
        self._awaited = ""
        self._holds = False
        self._said = ""
        self._misfits: set[str] = set()

    @property
    def incomplete(self) -> bool:
        """Whether some part of what is shown is not as it is now."""
        return any(self._faults.values())

    @property
    def has_invalid(self) -> bool:
        """Whether there are things that no record can be made of."""
        return bool(self._misfits)

    def report_again(self) -> None:
        """Tell again what is missing: who was told before may be another."""
        self.skipped.report_again()

    def set_errors(self, part: str, errors: Iterable[SourceError], what: str = "") -> None:
        """Take note of why *part* of what is shown is not as it is now; without *faults*, it is.

        *what* names it more closely.
        """
        self._faults[part] = [f"{what or part}: {fault.message}" for fault in errors]

    def set_pending(self, what: str, *, blocks: bool = True) -> None:
        """Take note of *what* is still to be read of what is shown, ``""`` for nothing.

        Where it *holds* up the scope, that is starting until it is there: ``opsboard status``
        waits for it.
        """
        self._awaited, self._holds = what, blocks

    async def build_records(
        self, make: Callable[[T], RecordT], things: Iterable[T], named: Callable[[T], str]
    ) -> list[RecordT]:
        """Return what *make* makes of *things*, but for those that it can make nothing of.

        Others of the loop have their turn in between.
        """
        misfits: set[str] = set()

        def note(thing: T, error: Exception) -> None:
            misfits.add(named(thing))
            self.skipped.add(named(thing), str(error))

        records = await _made(make, things, note)
        for name in self._misfits - misfits:
            self.skipped.discard(name)
        self._misfits = misfits
        return records

    async def rebuild_records(
        self, make: Callable[[T], RecordT], some: Iterable[T]
    ) -> list[RecordT]:
        """Return what *make* makes of *some* things; the odd ones were told of with all others."""
        return await _made(make, some, lambda _thing, _error: None)

    def report(self, shown: int) -> list[Change]:
        """Return what to tell of it behind all else: to tell of records says that all is well.

        *shown* is how many records the scope holds.
        """
        skipped = self.skipped.report(shown + self.skipped.count)
        return [*([skipped] if skipped is not None else []), *self._health()]

    def _health(self) -> list[Change]:
        told = partial_health([fault for faults in self._faults.values() for fault in faults])
        condition = Condition.STARTING if self._awaited and self._holds else Condition.LIVE
        now = told or Health(condition=condition, message=self._awaited)
        is_news = self.condition is not Condition.LIVE or bool(self._said)
        self.condition, self._said = now.condition, now.message
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
    """The records that were made last of what a scope shows: they are made again as that changes.

    *missing* is the shortfall of the scope; what it can make nothing of is tried each time.
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
        """Return the records of *things*; where *state* is as it was, the very list as before."""
        if state != self._state or self._missing.has_invalid:
            self._records = await self._missing.build_records(make, things, named)
            self._state = state
        return self._records


class ScopeDiff:
    """The records of one scope, and what is *missing* in them."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.completeness = ScopeCompleteness(scope)
        self._records: dict[Ref, AnyRecord] = {}
        self._listed = False
        self._told = False

    def report_again(self) -> None:
        """Have the next answer tell everything, since the last one may not have arrived."""
        self._told = False
        self.completeness.report_again()

    def unchanged(self) -> Sequence[Change]:
        """Return what to say when all is as it was."""
        if not self._told:
            return self.replace(tuple(self._records.values()), whole=self._listed)
        return [Fresh(self.scope), *self._missing()]

    def replace(self, records: Sequence[AnyRecord], *, whole: bool = True) -> Sequence[Change]:
        """Hold exactly *records* from now on, and if they are not the *whole*, those known before
        too; return the changes that this makes."""
        before, told = self._records, self._told
        now: dict[Ref, AnyRecord] = {record.ref: record for record in records}
        self._records, self._told = now if whole else {**before, **now}, True
        new = tuple(one for ref, one in self._records.items() if not told or before.get(ref) != one)
        changes: list[Change] = [Upsert(self.scope, new)] if new or not told else []
        if whole and (not told or not self._listed or before.keys() != now.keys()):
            self._listed = True
            changes.append(Complete(self.scope, frozenset(now)))
        elif whole and not changes:
            changes.append(Fresh(self.scope))
        return [*changes, *self._missing()]

    def _missing(self) -> list[Change]:
        return self.completeness.report(len(self._records))
