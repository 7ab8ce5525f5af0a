"""The log of what has truly happened in the world, however little of it anybody has seen.

Things are named by the refs that their records have on a board with the demo's own config; their
facts by the fields of these records. So what a board says of a time can be held to the truth.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from opsboard.records import Ref

KEPT: Final = 5_000
"""Changes of one thing that are kept, the latest ones: a demo may run for weeks."""

Facts: TypeAlias = Mapping[str, Any]
"""Values of some fields of a record, by the names of the fields."""


class TrueChange(NamedTuple):
    """From *at* on, *facts* held of *ref*; ``None``: it was gone."""

    at: datetime
    ref: Ref
    facts: Facts | None


class ChangeLog:
    """What was true of each thing since when. Times of one thing never go back."""

    def __init__(self) -> None:
        self._times: dict[Ref, deque[datetime]] = {}
        self._facts: dict[Ref, deque[Facts | None]] = {}

    def note(self, ref: Ref, facts: Facts | None, at: datetime) -> None:
        """Note that *facts* hold of *ref* since *at*, unless they did so before."""
        times = self._times.setdefault(ref, deque(maxlen=KEPT))
        known = self._facts.setdefault(ref, deque(maxlen=KEPT))
        if known and known[-1] == facts:
            return
        times.append(max(at, times[-1]) if times else at)
        known.append(facts)

    def refs(self) -> Iterator[Ref]:
        """Yield everything that anything was ever noted of."""
        return iter(self._times)

    def facts(self, ref: Ref, when: datetime) -> Facts | None:
        """Return what was true of *ref* at *when*; ``None`` where there was no such thing."""
        place = bisect_right(self._times.get(ref, ()), when)
        return self._facts[ref][place - 1] if place else None

    def known_since(self, ref: Ref) -> datetime | None:
        """Return since when the log knows of *ref*; ``None`` for what it never heard of."""
        times = self._times.get(ref)
        return times[0] if times else None

    def changes(self, since: datetime, until: datetime) -> list[TrueChange]:
        """Return what changed after *since*, until *until*, in the order of time."""
        found = [
            TrueChange(at, ref, facts)
            for ref, times in self._times.items()
            for at, facts in zip(times, self._facts[ref], strict=True)
            if since < at <= until
        ]
        return sorted(found, key=lambda change: (change.at, change.ref))
