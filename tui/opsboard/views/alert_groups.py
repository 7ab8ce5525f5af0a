"""The alerts of a board that are of one outage."""

from collections.abc import Iterable

from opsboard.board.state import Board
from opsboard.lineage.outages import Outage
from opsboard.records import Alert, Kind, Ref


def outages_on(board: Board) -> tuple[Outage, ...]:
    """Return the groups of the open alerts on *board*."""
    alerts = board.records(Kind.ALERT).values()
    return board.outages.of(board.lineage, (one for one in alerts if isinstance(one, Alert)))


def others_of(board: Board, refs: Iterable[Ref]) -> list[tuple[Outage, list[Ref]]]:
    """Return the groups that alerts among *refs* lead, each with its members beside these."""
    chosen = set(refs)
    found = [(one, [ref for ref in one.members if ref not in chosen]) for one in outages_on(board)]
    return [(one, others) for one, others in found if one.head in chosen and others]
