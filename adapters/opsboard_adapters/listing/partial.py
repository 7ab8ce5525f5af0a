"""Results of several requests, some of which may fail.

A request that fails does not discard the others: their results are kept, and what was known before
stands in for the failed one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from opsboard.adapter import Condition, Health, SourceError, Throttled, Unauthenticated, Unreachable

T = TypeVar("T")
RequestFactory: TypeAlias = Callable[[], Awaitable[T]]
"""Starts a request and returns the awaitable of its result."""

MAX_SILENT: Final = 3
"""Requests in a row without any response after which a server counts as gone."""


HOST_WIDE: Final = (Throttled, Unauthenticated)
"""Errors that concern every request to a host."""


@contextmanager
def collecting_errors(errors: list[SourceError]) -> Iterator[None]:
    """Add source errors raised within to *errors*, except :data:`HOST_WIDE` ones, which are
    raised.
    """
    try:
        yield
    except HOST_WIDE:
        raise
    except SourceError as error:
        errors.append(error)


@dataclass(frozen=True, slots=True)
class PartialList(Generic[T]):
    """The *items* of a listing. With an *error*, those that arrived before it."""

    items: list[T] = field(default_factory=list)
    error: SourceError | None = None


def as_partial_list(answer: PartialList[T] | SourceError) -> PartialList[T]:
    """Return *answer*; an error becomes an empty list with that error."""
    return PartialList(error=answer) if isinstance(answer, SourceError) else answer


async def gather_bounded(
    requests: Sequence[RequestFactory[T]], max_parallel: int
) -> list[T | SourceError]:
    """Return the results of all *requests* in order, with at most *max_parallel* of them under way.

    A request that fails yields its error. Once the server counts as gone or refuses the login, the
    remaining requests are not sent and yield the same error.
    """
    found: list[Any] = [None] * len(requests)
    rest = iter(range(len(requests)))
    silence = _SilenceCounter()

    async def worker() -> None:
        for number in rest:
            if silence.ended is not None:
                found[number] = silence.ended
                continue
            try:
                found[number] = await requests[number]()
                silence.answered()
            except SourceError as error:
                found[number] = error
                silence.failed(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(max_parallel, len(requests))):
            group.create_task(worker())
    return found


class _SilenceCounter:
    """Counts requests in a row without a response. *ended* is the error after which to stop."""

    def __init__(self) -> None:
        self.ended: SourceError | None = None
        self._silent = 0

    def answered(self) -> None:
        self._silent = 0

    def failed(self, error: SourceError) -> None:
        self._silent = self._silent + 1 if _is_no_answer(error) else 0
        if self._silent >= MAX_SILENT or isinstance(error, HOST_WIDE):
            self.ended = error


def _is_no_answer(error: SourceError) -> bool:
    """Tell whether no response arrived. A 5xx is a response: the next request may succeed."""
    return isinstance(error, Unreachable) and error.__context__ is not None


def is_server_error(answer: object) -> bool:
    """Tell whether *answer* is an error of the server's own (5xx), so that a retry may succeed."""
    return isinstance(answer, Unreachable) and not _is_no_answer(answer)


def partial_health(faults: Sequence[str]) -> Health | None:
    """Return the health of a scope that lacks parts for the reasons *faults*, each a sentence."""
    if not faults:
        return None
    first, *others = dict.fromkeys(faults)
    more = f"; and {len(others)} more" if others else ""
    return Health(
        condition=Condition.PARTIAL,
        message=f"{first}{more}",
        hint="what was known before is shown; retried automatically",
    )
