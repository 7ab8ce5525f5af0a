"""Records that stay sorted, in either direction, with equals always in the order of their names.

Keys are kept beside the refs rather than in tuples with them: fifty thousand new tuples cost more
in garbage collection than all the sorting.
"""

from collections.abc import Callable, Mapping
from typing import Any

from opsboard.kinds.registry import KINDS
from opsboard.records import Record, Ref
from opsboard.text.numbers import natural_key


class Order:
    """Some records of one kind, sorted by a key and then by name."""

    def __init__(self) -> None:
        self.refs: list[Ref] = []
        self.records: dict[Ref, Record] = {}
        self._keys: dict[Ref, Any] = {}
        self.ties: dict[Ref, str] = {}
        """The name of each, with what makes it unique."""
        self._by_tie: list[Ref] = []
        self._key: Callable[[Any], Any] = tie_of
        self._descending = False

    def fill(self, records: Mapping[Ref, Record]) -> None:
        """Let *records* be all there are, in no order until they are sorted."""
        known, ties = self.records, self.ties
        self.ties = {
            ref: ties[ref] if known.get(ref) is record else tie_of(record)
            for ref, record in records.items()
        }
        self.records = dict(records)
        self._by_tie = []

    def sort(self, key: Callable[[Any], Any], *, descending: bool) -> None:
        """Sort by *key*: in two stable passes, so that equals do not turn round with the rest."""
        self._key, self._descending = key, descending
        self._keys = {ref: key(record) for ref, record in self.records.items()}
        if not self._by_tie:
            self._by_tie = sorted(self.records, key=self.ties.__getitem__)
        self.refs = sorted(self._by_tie, key=self._keys.__getitem__, reverse=descending)

    def show(self, refs: list[Ref], records: dict[Ref, Record]) -> None:
        """Hold no more than *refs*, in their order, of what was sorted last, as *records*."""
        self.refs, self.records = refs, records
        self._by_tie = []

    def find(self, ref: Ref) -> int | None:
        """Return where *ref* is, if it is here."""
        return self._position(self._keys[ref], self.ties[ref]) if ref in self.records else None

    def put(self, ref: Ref, record: Record) -> bool:
        """Take in *record*, new or changed; return whether it has moved."""
        key, tie = self._key(record), tie_of(record)
        if ref in self.records and self._keys[ref] == key and self.ties[ref] == tie:
            self.records[ref] = record
            return False
        self.drop(ref)
        self._by_tie = []
        self.refs.insert(self._position(key, tie), ref)
        self.records[ref], self._keys[ref], self.ties[ref] = record, key, tie
        return True

    def drop(self, ref: Ref) -> bool:
        """Let *ref* go; return whether it was here."""
        at = self.find(ref)
        if at is None:
            return False
        self._by_tie = []
        del self.refs[at], self.records[ref], self._keys[ref], self.ties[ref]
        return True

    def _position(self, key: Any, tie: str) -> int:
        """Return where the record with *key* and *tie* is, or belongs."""
        low, high = 0, len(self.refs)
        while low < high:
            middle = (low + high) // 2
            if self._is_before(self.refs[middle], key, tie):
                low = middle + 1
            else:
                high = middle
        return low

    def _is_before(self, ref: Ref, key: Any, tie: str) -> bool:
        other = self._keys[ref]
        if other == key:
            return self.ties[ref] < tie
        return bool(other > key if self._descending else other < key)


def tie_of(record: Record) -> str:
    """Return the name of *record* with what makes it unique, as one string: quick to compare.

    Numbers count as such only where people gave them (:attr:`RecordKind.natural`): the digits of
    pods are hashes, and there are tens of thousands of those.
    """
    kind = KINDS.of(record)
    name = natural_key(record.name) if kind is not None and kind.natural else record.name
    return f"{name}\0{record.source}\0{record.id}"
