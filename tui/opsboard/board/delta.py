"""What a batch of events changed on the board: what a screen has to paint again."""

from collections.abc import Mapping, Set
from itertools import chain

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Ref


@frozen_unchecked
class BoardDelta(Frozen):
    """Refs of records that are new or different, and of those that are gone, by kind; source names.

    No ref is both changed and removed. False where nothing is different.
    """

    changed: Mapping[Kind, Set[Ref]]
    removed: Mapping[Kind, Set[Ref]]
    sources: Set[str]

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed or self.sources)

    def touches(self, kind: Kind) -> bool:
        """Tell whether any record of *kind* was changed or removed."""
        return kind in self.changed or kind in self.removed


class DeltaBuilder:
    """Collects the net effect of one batch: changed and then removed is removed, and vice versa."""

    def __init__(self) -> None:
        self._changed: dict[Kind, set[Ref]] = {}
        self._removed: dict[Kind, set[Ref]] = {}
        self.sources: set[str] = set()

    def mark_changed(self, ref: Ref) -> None:
        """Note that *ref* is new or different."""
        self._changed.setdefault(ref.kind, set()).add(ref)
        if removed := self._removed.get(ref.kind):
            removed.discard(ref)

    def mark_removed(self, ref: Ref) -> None:
        """Note that *ref* is gone."""
        self._removed.setdefault(ref.kind, set()).add(ref)
        if changed := self._changed.get(ref.kind):
            changed.discard(ref)

    def add(self, later: BoardDelta) -> None:
        """Note what was noted for *later*, after all of this."""
        for ref in chain.from_iterable(later.changed.values()):
            self.mark_changed(ref)
        for ref in chain.from_iterable(later.removed.values()):
            self.mark_removed(ref)
        self.sources |= later.sources

    def touched(self, kind: Kind) -> tuple[Set[Ref], Set[Ref]]:
        """Return the refs of *kind* that have changed and been removed so far."""
        return self._changed.get(kind, set()), self._removed.get(kind, set())

    def build(self) -> BoardDelta:
        """Return what was noted so far."""
        return BoardDelta(_filled(self._changed), _filled(self._removed), frozenset(self.sources))


def _filled(groups: Mapping[Kind, set[Ref]]) -> dict[Kind, frozenset[Ref]]:
    return {kind: frozenset(refs) for kind, refs in groups.items() if refs}
