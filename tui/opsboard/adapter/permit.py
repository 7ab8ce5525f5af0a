"""Permits: without one, nothing that an adapter sends changes anything.

Only the guard (:mod:`opsboard.acting.guard`) mints permits, after it has judged a plan and written
the intent to the audit trail. A permit is for one plan, and for once. What speaks to servers
refuses every request that may change something unless a permit is open::

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        with permit.used_for(plan):
            await self._api.patch(path, body, permit)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from opsboard.adapter.errors import NotPermitted

if TYPE_CHECKING:
    from opsboard.adapter.plans import Plan

_MINT: Final = object()
_AGAIN: Final = "plan it again"


class Permit:
    """The guard's word that one plan may be carried out, once, and soon.

    Once it has *lapsed*, nothing more is sent: a program that stood still (``SIGSTOP``, a closed
    laptop) would send an hour later what others take for long over.
    """

    __slots__ = ("_asked", "_digest", "_lapsed", "_open", "_spent")

    def __init__(self, digest: str, mint: object, lapsed: Callable[[], bool]) -> None:
        if mint is not _MINT:
            raise NotPermitted("only the guard gives permits")
        self._digest = digest
        self._lapsed = lapsed
        self._asked = False
        self._open = False
        self._spent = False

    @contextmanager
    def used_for(self, plan: "Plan") -> Iterator[None]:
        """Carry out *plan* in this context. Raises :exc:`NotPermitted` for another, or again."""
        if plan.digest != self._digest:
            raise NotPermitted("the permit is for another plan", _AGAIN)
        if self._spent:
            raise NotPermitted("the permit has been used", _AGAIN)
        self._spent = self._open = True
        try:
            yield
        finally:
            self._open = False

    @property
    def is_open(self) -> bool:
        """Whether its plan is being carried out right now. To be asked before each request."""
        is_open = self._open and not self._lapsed()
        self._asked = self._asked or is_open
        return is_open

    @property
    def has_lapsed(self) -> bool:
        """Whether it was open, and is no more since too much time has passed."""
        return self._open and self._lapsed()

    @property
    def was_asked_for(self) -> bool:
        """Whether something may have been sent: until it was asked for, nothing was."""
        return self._asked


def issue_permit(plan: "Plan", lapsed: Callable[[], bool] = lambda: False) -> Permit:
    """Return a permit for *plan*, until it has *lapsed*.

    For the guard alone: a test holds everyone else to that.
    """
    return Permit(plan.digest, _MINT, lapsed)


def require_permit(permit: Permit | None, what: str) -> None:
    """Raise :exc:`NotPermitted` unless *permit* is open. *what* names the request."""
    if permit is not None and permit.has_lapsed:
        raise NotPermitted(f"{what} was not sent: too long after it was confirmed", _AGAIN)
    if permit is None or not permit.is_open:
        raise NotPermitted(f"{what} would change something, and no plan permits it")
