"""Permits: without one, nothing that an adapter sends changes anything.

Only the guard (:mod:`opsboard.acting.guard`) issues permits, after it has judged a plan and written
the intent to the audit trail. A permit is for one plan, and for once. What speaks to servers
refuses every request that may change something unless a permit is open::

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        with permit.used_for(plan):
            await self._api.patch(path, body, permit)

Why it is so: docs/adr/0005-permit.md.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Protocol

from opsboard.adapter.errors import NotPermitted

if TYPE_CHECKING:
    from opsboard.adapter.plans import Plan

_ISSUER: Final = object()
_AGAIN: Final = "plan it again"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""

_reading: ContextVar[bool] = ContextVar("reading_only", default=False)
_current: ContextVar["Permit | None"] = ContextVar("current_permit", default=None)


class Permit:
    """The guard's word that one plan may be carried out, once, and soon.

    Once it has *lapsed*, nothing more is sent: a program that stood still (``SIGSTOP``, a closed
    laptop) would send an hour later what others take for long over.
    """

    __slots__ = ("_asked", "_digest", "_lapsed", "_open", "_spent")

    def __init__(self, digest: str, issuer: object, lapsed: Callable[[], bool]) -> None:
        if issuer is not _ISSUER:
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
    return Permit(plan.digest, _ISSUER, lapsed)


def require_permit(permit: Permit | None, what: str) -> None:
    """Raise :exc:`NotPermitted` unless *permit* is open. *what* names the request.

    While the toolkit for actions plans or looks (:func:`reading_only`), no permit counts.
    """
    if _reading.get():
        raise NotPermitted(f"{what} would change something, where an action may only read")
    if permit is not None and permit.has_lapsed:
        raise NotPermitted(f"{what} was not sent: too long after it was confirmed", _AGAIN)
    if permit is None or not permit.is_open:
        raise NotPermitted(f"{what} would change something, and no plan permits it")


class OutgoingRequest(Protocol):
    """A request of httpx, as far as it is looked at."""

    @property
    def method(self) -> str: ...

    @property
    def url(self) -> object: ...


async def refuse_unpermitted(request: OutgoingRequest) -> None:
    """Raise :exc:`NotPermitted` for a *request* that may change something and has no permit.

    A hook for ``httpx.AsyncClient(event_hooks={"request": [refuse_unpermitted]})``: then nothing
    but :meth:`opsboard.adapter.actions.Action.send` can change anything. For a client that reads by
    POST, call :func:`require_permit` where it does not.
    """
    if request.method.upper() not in _SAFE_METHODS:
        require_permit(_current.get(), f"{request.method} {request.url}")


@contextmanager
def reading_only() -> Iterator[None]:
    """Let no permit count within, nor in tasks that are made within."""
    reading, permit = _reading.set(True), _current.set(None)
    try:
        yield
    finally:
        _current.reset(permit)
        _reading.reset(reading)


@contextmanager
def sending(permit: Permit) -> Iterator[None]:
    """Let *permit* count within, for :func:`refuse_unpermitted` too."""
    reading, current = _reading.set(False), _current.set(permit)
    try:
        yield
    finally:
        _current.reset(current)
        _reading.reset(reading)
