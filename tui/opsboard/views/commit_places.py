"""Where a commit is: built, in which images, live since when, and not yet where.

Only joins that are no guesses count. That something newer, which contains the commit, runs
somewhere is not known here: such an environment is named with what it runs.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.lineage import LineageIndex, Node, chain
from opsboard.lineage.index import represents
from opsboard.records import Identity, Kind, Record, Ref, Service
from opsboard.records.claims import COMMIT, IMAGE, RUN, WORKLOAD

if TYPE_CHECKING:
    from opsboard.board.state import Board

LEAST_DIGITS: Final = 4
"""Digits of a SHA that are looked for at least, as git does."""
_DIGITS: Final = frozenset("0123456789abcdef")


@frozen_unchecked
class LivePlace(Frozen):
    """Something of the commit that runs: *record*, in its environment, *since* so long."""

    record: Record
    since: datetime | None


@frozen_unchecked
class OtherPlace(Frozen):
    """An environment of *service* in which the commit is not known to be: it runs *version*."""

    service: Service
    environment: str
    version: str


@frozen_unchecked
class CommitPlaces(Frozen):
    """Where *commit* is. *perhaps* are the nodes that only a guess joins to it."""

    commit: Identity
    builds: tuple[Record, ...]
    images: tuple[Node, ...]
    live: tuple[LivePlace, ...]
    others: tuple[Record, ...]
    not_yet: tuple[OtherPlace, ...]
    perhaps: tuple[Node, ...]


def commits_like(index: LineageIndex, text: str) -> list[Identity]:
    """Return the commits whose SHA begins with *text*, each with its repository, in their order.

    The same commit without a repository is left out where one with a repository is known.
    """
    start = text.strip().lower()
    if len(start) < LEAST_DIGITS or not set(start) <= _DIGITS:
        return []
    found = {
        claim.identity
        for record in index.records()
        for claim in (*record.inputs, *record.outputs)
        if claim.type == COMMIT and claim.value.startswith(start)
    }
    placed = {one.value for one in found if one.scope}
    return sorted(one for one in found if one.scope or one.value not in placed)


def commit_places(board: "Board", commit: Identity) -> CommitPlaces:
    """Return where *commit* is, by what the board knows."""
    joined = chain(board.lineage, commit)
    below = [node for node in joined.nodes if node in joined.solid and node != joined.start]
    records = [record for node in below if (record := _record(board, node)) is not None]
    live = [one for one in records if _makes(one, WORKLOAD)]
    builds = [one for one in records if _makes(one, RUN) and one not in live]
    images = [node for node in below if _is_image(node)]
    known = {id(one) for one in (*live, *builds)}
    rest = [one for one in records if id(one) not in known and one.ref not in images]
    return CommitPlaces(
        commit,
        tuple(builds),
        tuple(images),
        tuple(LivePlace(one, one.updated_at or one.created_at) for one in live),
        tuple(rest),
        tuple(_not_yet(board, commit, live)),
        tuple(node for node in joined.nodes if node not in joined.solid),
    )


def _record(board: "Board", node: Node) -> Record | None:
    return board.get(node) if isinstance(node, Ref) else None


def _is_image(node: Node) -> bool:
    return represents(node.kind, IMAGE) if isinstance(node, Ref) else node.type == IMAGE


def _makes(record: Record, type_: str) -> bool:
    """Tell whether *record* is a thing of *type_*, or makes one: a workload, a run."""
    return any(claim.type == type_ for claim in record.outputs)


def _not_yet(board: "Board", commit: Identity, live: Sequence[Record]) -> Iterable[OtherPlace]:
    refs = {one.ref for one in live}
    for service in board.records(Kind.SERVICE).values():
        if not isinstance(service, Service) or not _is_about(service, commit, refs):
            continue
        for state in service.environments:
            if commit.value in state.commits:
                continue
            runs = {witness.ref for witness in state.witnesses}
            if not runs & refs:
                yield OtherPlace(service, state.environment, state.version)


def _is_about(service: Service, commit: Identity, refs: set[Ref]) -> bool:
    """Tell whether *commit* is of the repository of *service*, or runs as a part of it."""
    if commit.scope and service.repository == commit.scope:
        return True
    return any(target.ref in refs for target in service.targets)
