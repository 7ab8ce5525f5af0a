"""What gets no service of its own yet, since it may be a part of what a source is going to tell.

A CI server's deployments of a repository and the workload that they were for are one service once
the images are read that join them. Until every source has told what it has, that is not known: so
neither is shown as if it were two, and nothing has to be said to be gone.
"""

from collections.abc import Iterable, Set
from typing import Final, NamedTuple

from opsboard.board.service_parts import ModelKey, Touched
from opsboard.board.source_state import SourceState


class Awaited(NamedTuple):
    """*sources* of which something was never told yet, and those *cached* by an earlier session.

    What an earlier session had joined is known again from its cache.
    """

    sources: frozenset[str] = frozenset()
    cached: frozenset[str] = frozenset()


NOTHING: Final = Awaited()


def awaited_of(states: Iterable[SourceState]) -> Awaited:
    """Return what is awaited of sources that are in *states*."""
    known = tuple(states)
    return Awaited(
        frozenset(one.name for one in known if one.is_unheard),
        frozenset(one.name for one in known if one.from_cache),
    )


class AwaitedServices:
    """Repositories and models that wait for it to be known what they are joined with."""

    def __init__(self) -> None:
        self._awaited = NOTHING
        self._waiting: set[str | ModelKey] = set()
        self._unjoined: set[str] = set()

    def note_workloads(self, id_: str, *, joined: bool) -> None:
        """Note whether the service *id_* of workloads is *joined*: its repository may be any."""
        (self._unjoined.discard if joined else self._unjoined.add)(id_)

    def note_awaited(self, awaited: Awaited, touched: Touched) -> None:
        """Note what is *awaited* now; where that is other than before, touch what waits for it."""
        if awaited != self._awaited:
            self._awaited = awaited
            self.touch(touched)

    def touch(self, touched: Touched) -> None:
        """Touch all that waits."""
        for one in self._waiting:
            if isinstance(one, str):
                touched.repositories.add(one)
            else:
                touched.models.add(one)

    def waits(self, place: str | ModelKey, told: Set[str], *, wanted: bool) -> bool:
        """Tell whether *place*, of which the sources *told* tell, has to wait.

        Only another source can tell of a workload of it, unless one is there whose repository is
        not known. It does not wait where it is not *wanted* anyway.
        """
        awaited = self._awaited
        may_join = not awaited.sources <= told or (self._unjoined and awaited.sources)
        waits = wanted and bool(may_join) and not told & awaited.cached
        (self._waiting.add if waits else self._waiting.discard)(place)
        return waits
