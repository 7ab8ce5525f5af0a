"""What else is asked whether a plan will start, beside the source that has made it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from opsboard.adapter import Need, Plan, StartCheck
from opsboard.config.settings import Settings


class StartJudge(Protocol):
    """One that is asked of every plan that has to start: the ledger, what the user declares.

    What it finds is told under its name, *source*.
    """

    source: str

    def checks(self, plan: Plan) -> Sequence[StartCheck]:
        """Return what can be checked of *plan*, by reading only. A check may raise SourceError."""

    async def pinned(self, plan: Plan, need: Need) -> Need:
        """Return *need*, with what it was when the destination of *plan* ran, where that is known.

        Never raises, and answers at once where it does not know.
        """


JudgesOf = Callable[[Settings], Sequence[StartJudge]]
"""Returns who is asked, by the settings of the config."""


def no_judges(settings: Settings) -> Sequence[StartJudge]:
    """Return none: only the source of a plan is asked."""
    return ()
