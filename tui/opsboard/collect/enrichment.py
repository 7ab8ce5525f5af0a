"""Passes identities from the sources that state them to those that know more of them.

Adapters know nothing of each other: a cluster states which images run, and a host of repositories
is told so, since it may have attestations of them. Only what is *in use* is passed on: what the
record of something that runs is made of, and what that is made of in turn, one step on. A registry
that lists a thousand images of which two run has nobody asked about the others.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from opsboard.adapter import Change, Upsert
from opsboard.kinds.registry import KINDS
from opsboard.records import Record
from opsboard.records.claims import Claim, Identity, Strength

Deliver: TypeAlias = Callable[[frozenset[Identity]], None]

MAX_IN_USE: Final = 1_000
"""Identities that are remembered as in use; the one stated longest ago goes first."""

MAX_PARTS: Final = 10_000
"""Identities of which it is remembered what they are made of."""


class Enrichment:
    """Identities in use, and the sources that want to know of them.

    Memory is bounded by the number of things, not of records: 50,000 pods of a hundred images are
    a hundred identities.
    """

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[frozenset[str], Deliver]] = {}
        self._in_use: OrderedDict[Identity, frozenset[str]] = OrderedDict()
        self._parts: OrderedDict[Identity, frozenset[Identity]] = OrderedDict()
        self._delivered: dict[str, frozenset[Identity]] = {}
        self._changed = False

    def add(self, source: str, types: frozenset[str], deliver: Deliver) -> None:
        """Let *deliver* be called with the identities of *types* that others than *source* state.

        Called again for a source that was connected again: it is told all of them once more.
        """
        if types:
            self._wanted[source] = (types, deliver)
            self._delivered.pop(source, None)
            self._changed = True

    def remove(self, source: str) -> None:
        """Let *source* be told nothing any more."""
        self._wanted.pop(source, None)
        self._delivered.pop(source, None)

    def note(self, source: str, change: Change) -> bool:
        """Take in a *change* of *source*; return whether :meth:`deliver` has something to do."""
        if self._wanted and isinstance(change, Upsert):
            for record in change.records:
                if record.inputs or record.outputs:
                    self._note_record(source, record)
        return self._changed

    def _note_record(self, source: str, record: Record) -> None:
        inputs = frozenset(_solid(record.inputs))
        kind = KINDS.of(record)
        if kind is not None and kind.in_use:
            for identity in inputs:
                self._use(source, identity)
            return
        outputs = frozenset(_solid(record.outputs))
        for identity in outputs:
            self._made_of(identity, (inputs | outputs) - {identity})

    def _use(self, source: str, identity: Identity) -> None:
        known = self._in_use.get(identity, frozenset())
        if source not in known:
            self._in_use[identity] = known | {source}
            self._changed = True
        self._in_use.move_to_end(identity)
        while len(self._in_use) > MAX_IN_USE:
            self._in_use.popitem(last=False)

    def _made_of(self, identity: Identity, parts: frozenset[Identity]) -> None:
        known = self._parts.get(identity, frozenset())
        if not parts <= known:
            self._parts[identity] = known | parts
            self._changed = self._changed or identity in self._in_use
        while len(self._parts) > MAX_PARTS:
            self._parts.popitem(last=False)

    def deliver(self) -> None:
        """Tell each source what it wants to know, where that has changed."""
        self._changed = False
        for source, (types, deliver) in self._wanted.items():
            found = frozenset(one for one in self._used_beside(source) if one.type in types)
            if found != self._delivered.get(source, frozenset()):
                self._delivered[source] = found
                deliver(found)

    def _used_beside(self, source: str) -> Iterator[Identity]:
        for identity, stated_by in self._in_use.items():
            if stated_by - {source}:
                yield identity
                yield from self._parts.get(identity, ())


def _solid(claims: Iterable[Claim]) -> Iterator[Identity]:
    return (one.identity for one in claims if one.strength is not Strength.CANDIDATE)
