"""What could be had of something that takes several requests, and what stood in the way.

One part that fails takes down none of its siblings: theirs is kept, and what was known before of
the failed one stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeAlias, TypeVar

from opsboard.adapter import Condition, Health, SourceError, Throttled, Unauthenticated, Unreachable

T = TypeVar("T")
RequestFactory: TypeAlias = Callable[[], Awaitable[T]]
"""Begins a request, and returns what its answer is waited for by."""

MAX_SILENT: Final = 3
"""Requests in a row without an answer, until a server is taken to be gone."""


HOST_WIDE: Final = (Throttled, Unauthenticated)
"""Errors that concern all that is asked of a host, and no part alone."""


@contextmanager
def collecting_errors(errors: list[SourceError]) -> Iterator[None]:
    """Add to *faults* what goes wrong within, unless it concerns all that is asked of the host."""
    try:
        yield
    except HOST_WIDE:
        raise
    except SourceError as error:
        errors.append(error)


@dataclass(frozen=True, slots=True)
class PartialList(Generic[T]):
    """The *items* of a listing; with a *fault*, those that came before it."""

    items: list[T] = field(default_factory=list)
    error: SourceError | None = None


def as_partial_list(answer: PartialList[T] | SourceError) -> PartialList[T]:
    """Return *answer*, an error as a listing of which nothing came."""
    return PartialList(error=answer) if isinstance(answer, SourceError) else answer


async def gather_bounded(
    requests: Sequence[RequestFactory[T]], max_parallel: int
) -> list[T | SourceError]:
    """Return what all of *work* comes to, in its order, *at_once* of it under way at a time.

    What fails comes to its error. Once it is clear that nothing will be answered (nobody is
    there, or nobody is let in), the rest is not tried, and comes to the same error.
    """
    found: list[Any] = [None] * len(requests)
    rest = iter(range(len(requests)))
    patience = _SilenceCounter()

    async def labour() -> None:
        for number in rest:
            if patience.ended is not None:
                found[number] = patience.ended
                continue
            try:
                found[number] = await requests[number]()
                patience.answered()
            except SourceError as error:
                found[number] = error
                patience.failed(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(max_parallel, len(requests))):
            group.create_task(labour())
    return found


class _SilenceCounter:
    """Ends when a server does not answer again and again. *ended* is why."""

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
    """Tell whether nobody answered. A 5xx is an answer: the next request may fare better."""
    return isinstance(error, Unreachable) and error.__context__ is not None


def is_server_error(answer: object) -> bool:
    """Tell whether *answer* is an error of the server's own: the same may fare better again."""
    return isinstance(answer, Unreachable) and not _is_no_answer(answer)


def partial_health(faults: Sequence[str]) -> Health | None:
    """Return the health of what lacks some of its parts for *faults*, each a sentence."""
    if not faults:
        return None
    first, *others = dict.fromkeys(faults)
    more = f"; and {len(others)} more" if others else ""
    return Health(
        condition=Condition.PARTIAL,
        message=f"{first}{more}",
        hint="what was known before is shown; asked again by itself",
    )
