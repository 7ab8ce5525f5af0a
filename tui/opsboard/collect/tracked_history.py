"""What the recorder of the history knows of one source, and what it has to write."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from opsboard.adapter import Past
from opsboard.collect.scope_watch import ScopeWatch
from opsboard.history.model import OWN_SCOPE, Gap
from opsboard.records import Record, Ref

MAX_PAST: Final = 20_000
"""Records of a source's own memory that wait for its scopes to be recorded."""


class Known(NamedTuple):
    """What the ledger has of a record: as it is, and in which scope; and since when at the latest.

    *fields* are those that the program had which wrote it; ``None`` for all.
    """

    record: Record
    scope: str
    at: datetime
    fields: frozenset[str] | None = None


class NewGap(NamedTuple):
    """A stretch to be written. *source* is the number that the ledger has given."""

    source: int
    gap: Gap


class Move(NamedTuple):
    """The record *ref* of *source*, a number, is in *scope* from now on."""

    source: int
    scope: str
    ref: Ref


class TrackedHistory:
    """One source: its number in the ledger, its scopes, and what the ledger has of its records."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        """That of the ledger; 0 as long as it is not known whose history it is."""
        self.scopes: dict[str, ScopeWatch] = {}
        self.known: dict[Ref, Known] = {}
        self.past: list[tuple[Past, datetime]] = []
        self.told: datetime | None = None
        """The latest time at which something began, as the server tells: no clock of this machine
        is behind that for long."""
        self.misled = False
        """Whether the clock was found to be far behind what the ledger has of it."""
        own = self.scope(OWN_SCOPE)
        own.listed = True
        own.set_streaming(streams=True)

    def scope(self, name: str) -> ScopeWatch:
        """Return the scope called *name*; a new one that nobody holds, if it is unknown."""
        scope = self.scopes.get(name)
        if scope is None:
            scope = self.scopes[name] = ScopeWatch(name)
        return scope

    def keep_past(self, change: Past, at: datetime) -> None:
        """Keep *change* until it is known who records its scope."""
        if sum(len(kept.records) for kept, _ in self.past) <= MAX_PAST:
            self.past.append((change, at))

    def known_in(self, scope: str) -> Iterator[Ref]:
        """Yield what the ledger has in *scope*."""
        return (ref for ref, known in self.known.items() if known.scope == scope)
