"""Rows of a listing that belong below others: a tree in any order of its rows.

But for its name, a row stands where the best of those below it would: the sweep with the best trial
comes first.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Any, Final, TypeAlias

from opsboard.adapter import ListingUpdate
from opsboard.records import ListedObject, Ref, listed_ref
from opsboard.text.numbers import natural_key

DEEPEST: Final = 20
"""Levels that are told apart; servers that say that rows are below each other in a ring are not
followed for ever."""
Key: TypeAlias = Callable[[Any], Any]
_SHIFT: Final = 2
"""Columns by which a row stands to the right of the one that it belongs below."""
_MOST_SHIFT: Final = 10


class ListingNesting:
    """What each row of the listing called *name* belongs below."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parents: dict[Ref, Ref] = {}
        self.round = 0
        """Grows with each change of a row."""

    def __bool__(self) -> bool:
        """Whether any row belongs below another."""
        return bool(self._parents)

    def take(self, source: str, update: ListingUpdate) -> None:
        """Note what the rows of *update* belong below."""
        self.round += 1
        for key in update.removed:
            self._parents.pop(listed_ref(source, self._name, key), None)
        for row in update.rows:
            ref = listed_ref(source, self._name, row.key)
            if row.parent:
                self._parents[ref] = listed_ref(source, self._name, row.parent)
            else:
                self._parents.pop(ref, None)

    def clear(self, source: str) -> None:
        """Forget the rows of *source*."""
        self.round += 1
        self._parents = {ref: to for ref, to in self._parents.items() if ref.source != source}

    def nested(self, records: Mapping[Ref, ListedObject]) -> list[ListedObject]:
        """Return those of *records* that stand elsewhere than they say, as they should be."""
        found = []
        for ref in self._parents:
            record = records.get(ref)
            if record is not None and record.above != (above := self._above(ref, records)):
                found.append(replace(record, above=above))
        return found

    def above(self, refs: Set[Ref], records: Mapping[Ref, ListedObject]) -> set[Ref]:
        """Return the rows that any of *refs* belong below now."""
        if not self._parents:
            return set()
        return {above for ref in refs if (one := records.get(ref)) for above in _line(one)}

    def hanging_on(self, changed: Set[Ref], records: Mapping[Ref, ListedObject]) -> set[Ref]:
        """Return the rows whose place hangs on those that have *changed*: above and below them."""
        found: set[Ref] = set()
        for ref in self._parents:
            record = records.get(ref)
            line = [] if record is None else [*_line(record), ref]
            if not changed.isdisjoint(line):
                found.update(line)
        return {ref for ref in found | changed if ref in records}

    def key(
        self,
        own: Key,
        records: Mapping[Ref, ListedObject],
        *,
        by_best: bool,
        descending: bool = False,
    ) -> Key:
        """Return what to sort by, so that each row comes after the one that it belongs below.

        *own* is what the rows below the same one are sorted by; *by_best* lets a row stand where
        the best of those below it would.
        """
        return _TreeKey(own, records, self if by_best else None, descending=descending)

    def _above(self, ref: Ref, records: Mapping[Ref, ListedObject]) -> tuple[tuple[str, str], ...]:
        """Return name and id of the rows above *ref*; of a ring, none."""
        above: list[tuple[str, str]] = []
        at = self._parents.get(ref)
        while at is not None and (record := records.get(at)) is not None:
            above.append((record.name, record.id))
            at = self._parents.get(at)
            if len(above) > DEEPEST or at == ref:
                return ()
        return tuple(reversed(above))


class _TreeKey:
    """What a row is sorted by: where each row above it stands, then where it stands itself."""

    def __init__(
        self,
        own: Key,
        records: Mapping[Ref, ListedObject],
        nesting: ListingNesting | None,
        *,
        descending: bool,
    ) -> None:
        self._own, self._records, self._nesting = own, records, nesting
        self._better: Callable[[Any, Any], Any] = max if descending else min
        self._end = (1,) if descending else (-1,)
        self._best: dict[Ref, Any] = {}
        self._round = -1

    def __call__(self, record: ListedObject) -> tuple[Any, ...]:
        if self._nesting is not None and self._round != self._nesting.round:
            self._best, self._round = self._best_below(), self._nesting.round
        rows = [self._records.get(ref, record) for ref in _line(record)]
        places = ((0, self._place(one), natural_key(one.name), one.id) for one in (*rows, record))
        return (*places, self._end)

    def _place(self, record: ListedObject) -> Any:
        return self._best.get(record.ref, self._own(record))

    def _best_below(self) -> dict[Ref, Any]:
        """Return the best key of each row that others belong below, its own among them."""
        best: dict[Ref, Any] = {}
        for record in self._records.values():
            value = self._own(record)
            for ref in _line(record):
                above = self._records.get(ref)
                known = best[ref] if ref in best else self._own(above) if above else value
                best[ref] = self._better(known, value)
        return best


def _line(record: ListedObject) -> list[Ref]:
    """Return the rows that *record* belongs below, the topmost first."""
    return [Ref(record.source, record.kind, id_) for _, id_ in record.above]


def nested_name(record: ListedObject) -> str:
    """Return the name, to the right of what the row belongs below."""
    shift = min(_SHIFT * len(record.above), _MOST_SHIFT)
    return f"{' ' * shift}{record.name}"
