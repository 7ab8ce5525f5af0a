"""The scope: the namespaces and clusters that all panes are narrowed to.

Where a record is, its kind declares (:class:`opsboard.kinds.RecordKind`, *place*); what stands for
others, as an alert does, is where those are. What is in no namespace, as a node, a build or a
model, is not narrowed by one, nor does it tell where what it belongs to is: a service is where its
workloads are, wherever its repository is built. What nobody knows the place of is always shown.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.names import Place, place_of_fields
from opsboard.kinds.registry import KINDS
from opsboard.records import Alert, Kind, Record, Ref

if TYPE_CHECKING:
    from opsboard.board.state import Board

ALL: Final = "all"
"""The word after ``:ns`` and ``:ctx`` that takes the scope away."""
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DEPTH: Final = 3
"""How far records are followed that stand for others."""

Lookup = Callable[[Ref], Record | None]


@frozen_unchecked
class Scope(Frozen):
    """What is shown: of these *namespaces* and of these *clusters*, each of all where empty."""

    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.namespaces or self.clusters)

    @property
    def text(self) -> str:
        """The scope as the commands spell it: ``ctx prod-eu ns shop,infra``."""
        return " ".join(f"{word} {','.join(names)}" for word, names in self.parts if names)

    @property
    def parts(self) -> Sequence[tuple[str, Sequence[str]]]:
        """The commands, each with the names that were chosen by it."""
        return (("ctx", self.clusters), ("ns", self.namespaces))

    def admits(self, record: Record, lookup: Lookup) -> bool:
        """Tell whether *record* is within it; *lookup* returns the record that another is about."""
        return not self or self._holds(record, lookup, _DEPTH) is not False

    def _holds(self, record: Record, lookup: Lookup, depth: int) -> bool | None:
        """Tell whether it holds *record*; ``None`` where it narrows nothing that *record* has."""
        if (kind := KINDS.of(record)) is None:
            return None
        if kind.stands_for is not None:
            refs = kind.stands_for(record) if depth > 0 else ()
            parts = (self._holds(part, lookup, depth - 1) for part in map(lookup, refs) if part)
            told = [held for held in parts if held is not None]
            return any(told) if told else None
        if kind.place is None:
            return None
        cluster, namespace = kind.place(record)
        narrowed = [
            value in names
            for names, value in ((self.clusters, cluster), (self.namespaces, namespace))
            if names and value
        ]
        return all(narrowed) if narrowed else None


EVERYWHERE: Final = Scope()


def parse_names(text: str) -> tuple[str, ...]:
    """Return the names of ``shop`` or ``shop,infra``; none for :data:`ALL`."""
    names = dict.fromkeys(filter(None, (part.strip() for part in text.split(","))))
    return () if ALL in names else tuple(names)


def known_namespaces(board: "Board") -> Sequence[str]:
    """Return the namespaces that records of *board* are in, sorted."""
    return sorted({place.namespace for place in _places(board)} - {""})


def known_clusters(board: "Board") -> Sequence[str]:
    """Return the clusters that records of *board* are in, sorted."""
    return sorted({place.cluster for place in _places(board)} - {""})


def namespace_fault(name: str) -> str:
    """Return why *name* cannot be a namespace (a label of RFC 1123), or ``""``."""
    if _LABEL.fullmatch(name):
        return ""
    if len(words := name.split()) > 1 and all(map(_LABEL.fullmatch, words)):
        return f"{name!r} is no namespace; several are written with commas: {','.join(words)}"
    return (
        f"{name!r} is no namespace: those are of at most 63 lower-case letters, digits and -, "
        "the first and the last no -"
    )


def _places(board: "Board") -> Iterator[Place]:
    for kind in KINDS:
        if kind.place is not None:
            yield from map(kind.place, board.records(kind.name).values())


def clusters_of(
    record: Record, environments: Collection[str], lookup: Lookup, depth: int = _DEPTH
) -> Iterator[str]:
    """Yield the clusters that *record* is in, if it is of *environments* or of none that is known.

    What stands for others, as a service or an alert, is where those of them are that are.
    """
    kind = KINDS.of(record)
    if kind is not None and kind.stands_for is not None:
        for part in map(lookup, kind.stands_for(record) if depth > 0 else ()):
            if part is not None:
                yield from clusters_of(part, environments, lookup, depth - 1)
    elif not record.environment or record.environment in environments:
        place = place_of_fields if kind is None else kind.place
        if place is not None and (cluster := place(record).cluster):
            yield cluster


def alerts_outside(board: "Board", scope: Scope) -> Sequence[Alert]:
    """Return the open alerts that *scope* hides in the panes, and that have to be told."""
    if not scope:
        return ()
    return [one for one in _open_alerts(board) if not scope.admits(one, board.get)]


def _open_alerts(board: "Board") -> Iterable[Alert]:
    for record in board.records(Kind.ALERT).values():
        if isinstance(record, Alert) and not record.state.is_quiet:
            yield record
