"""What a screen asks of the ledger: its history, and what was delivered by it."""

from typing import TYPE_CHECKING, Protocol

from opsboard.history.port import HistoryPort

if TYPE_CHECKING:
    from opsboard.adapter import Clock
    from opsboard.board.state import Board
    from opsboard.delivery.read_delivery import DeliveryHistory


class LedgerPort(HistoryPort, Protocol):
    """The history of the sources on the board, with its delivery figures.

    Where the ledger cannot be read, :exc:`~opsboard.adapter.SourceError` says why.
    """

    def of(self, board: "Board", clock: "Clock") -> "LedgerPort":
        """Return the same, asked from *board*, which is of the time that *clock* shows."""

    async def delivery(self) -> "DeliveryHistory":
        """Return what was deployed of all services and models, what failed, and what was seen."""
