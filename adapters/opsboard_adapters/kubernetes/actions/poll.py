"""Looking again and again at how something goes on: often while it moves, seldom otherwise."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from opsboard.adapter import Progress
from opsboard_adapters.kubernetes.actions.target import ClusterConnection

SHORTEST: Final = 2.0
LONGEST: Final = 15.0
"""Seconds between two looks."""


async def looked_at(
    site: ClusterConnection, look: Callable[[], Awaitable[Progress]]
) -> AsyncGenerator[Progress, None]:
    """Yield what *look* returns, whenever that is another, up to one with a verdict."""
    told: Progress | None = None
    wait = SHORTEST
    while told is None or told.verdict is None:
        progress = await look()
        if progress != told:
            told, wait = progress, SHORTEST
            yield progress
        if progress.verdict is None:
            await site.pause(wait)
            wait = min(wait * 1.5, LONGEST)
