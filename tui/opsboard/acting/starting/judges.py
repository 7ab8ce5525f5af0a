"""What else is asked whether a plan will start, beside the source that has made it."""

from collections.abc import Sequence
from typing import Protocol

from opsboard.adapter import Need, Plan, StartReport


class StartJudge(Protocol):
    """One that is asked of every plan that has to start: the ledger, what the user declares.

    *about* is what is not known where it fails or takes too long.
    """

    about: str

    async def report(self, plan: Plan) -> StartReport:
        """Return what it knows of *plan*; by reading only. Raises SourceError."""

    async def pinned(self, plan: Plan, need: Need) -> Need:
        """Return *need*, with what it was when the destination of *plan* ran, where that is known.

        Never raises, and answers at once where it does not know.
        """


NO_JUDGES: Sequence[StartJudge] = ()
