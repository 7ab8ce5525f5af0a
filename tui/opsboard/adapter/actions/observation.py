"""Observing something until there is a verdict on it."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter.errors import (
    Misconfigured,
    NotFound,
    NotPermitted,
    SourceError,
    Throttled,
    Unsupported,
)
from opsboard.adapter.plans import LONGEST_TIMEOUT, Progress, Verdict

LONGEST_WAIT: Final = 900.0
"""Seconds that are waited at once where a server says when it may be asked again."""

LEAST_PACE: Final = 0.05
"""Seconds between two looks at least, whatever an action says."""

_LASTING: Final = (Misconfigured, NotPermitted, Unsupported)
"""Errors that asking again does not cure."""


async def poll_until_verdict(
    look: Callable[[], Awaitable[Progress]],
    *,
    now: Callable[[], datetime],
    pause: Callable[[float], Awaitable[None]],
    timeout: float,  # noqa: ASYNC109 - of the whole observation, over many awaits, by an own clock
    pace: Callable[[int], float],
) -> AsyncGenerator[Progress, None]:
    """Yield what *look* returns, whenever it is something new, up to one with a verdict.

    *pace* tells the seconds until the next look, given how many looks in a row saw nothing new.
    A look that fails is told and tried again: a server that cannot be reached for a while, or
    throttles, has nothing to do with what is observed. Only :exc:`NotFound` is a verdict: what is
    gone has failed. After *timeout* seconds the verdict is ``timed out``.
    """
    timeout = min(timeout, LONGEST_TIMEOUT)
    deadline = now() + timedelta(seconds=timeout)
    last: Progress | None = None
    unchanged = 0
    while last is None or last.verdict is None:
        progress, wanted = await _looked(look, now)
        unchanged = unchanged + 1 if progress == last else 0
        if progress != last:
            last = progress
            yield progress.model_copy(update={"at": now()})
        if progress.verdict is None:
            left = (deadline - now()).total_seconds()
            if left <= 0:
                yield _timed_out(progress, timeout, now())
                return
            await pause(min(max(_seconds(pace(unchanged)), wanted), left))


def _seconds(pace: float) -> float:
    """Return *pace*, or the least that is bearable where it is none: not to ask without a pause."""
    return max(pace, LEAST_PACE) if math.isfinite(pace) else LEAST_PACE


async def _looked(
    look: Callable[[], Awaitable[Progress]], now: Callable[[], datetime]
) -> tuple[Progress, float]:
    """Return what is seen, and the seconds that the server wants to be left alone at least."""
    try:
        return (await look()).model_copy(update={"at": None}), 0.0
    except NotFound as error:
        return Progress(message=f"it is gone: {error.message}", verdict=Verdict.FAILED), 0.0
    except _LASTING:
        raise
    except SourceError as error:
        wait = 0.0
        if isinstance(error, Throttled):
            wait = (error.until - now()).total_seconds() if error.until else 60.0
        return Progress(message=f"cannot be read at the moment: {error.message}"), min(
            wait, LONGEST_WAIT
        )


def _timed_out(last: Progress, seconds: float, now: datetime) -> Progress:
    message = f"no verdict within {seconds:.0f} s"
    if last.message:
        message = f"{message}; last: {last.message}"
    return last.model_copy(update={"message": message, "verdict": Verdict.TIMED_OUT, "at": now})
