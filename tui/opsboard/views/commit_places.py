"""Where a commit is: built, in which images, live since when, and not yet where.

Only joins that are no guesses count; by what each is known is told with it.
"""

from typing import TYPE_CHECKING

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.lineage.chain import chain
from opsboard.lineage.graph import Node
from opsboard.lineage.where import CommitPlace, Presence, whereabouts
from opsboard.records import Identity, Kind, Record, Ref, Service

if TYPE_CHECKING:
    from opsboard.board.state import Board


@frozen_unchecked
class CommitPlaces(Frozen):
    """Where *commit* is. *perhaps* are the nodes that only a guess joins to it.

    *places* are those in which it is live, is being rolled out, is not yet, or is not known to be.
    """

    commit: Identity
    builds: tuple[Record, ...]
    images: tuple[Node, ...]
    places: tuple[CommitPlace, ...]
    others: tuple[Record, ...]
    perhaps: tuple[Node, ...]

    def where(self, *presences: Presence) -> list[CommitPlace]:
        """Return the places in which it is so."""
        return [one for one in self.places if one.presence in presences]


def commit_places(board: "Board", commit: Identity) -> CommitPlaces:
    """Return where *commit* is, by what the board knows."""
    services = [one for one in board.records(Kind.SERVICE).values() if isinstance(one, Service)]
    found = whereabouts(board.lineage, board.containment, commit, services)
    joined = chain(board.lineage, commit)
    below = [node for node in joined.nodes if node in joined.solid and node != joined.start]
    shown = {*found.builds, *found.images, *(place.ref for place in found.places)}
    records = [board.get(node) for node in below if isinstance(node, Ref) and node not in shown]
    return CommitPlaces(
        commit,
        tuple(record for ref in found.builds if (record := board.get(ref)) is not None),
        found.images,
        found.places,
        tuple(record for record in records if record is not None),
        tuple(node for node in joined.nodes if node not in joined.solid),
    )
