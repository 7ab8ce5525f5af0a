"""Notices tasks, sockets and streams that were left behind."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TURNS = 200
"""How often to look again whether a task has ended."""


@asynccontextmanager
async def no_leaks() -> AsyncIterator[None]:
    """Fail if the body leaves a task running or something unclosed.

    A task that was cancelled gets a few turns of the loop to end. What the garbage collector
    finds from before is not held against the body.
    """
    gc.collect()
    before = asyncio.all_tasks()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        yield
        left = await _left_over(before)
        gc.collect()
    unclosed = [str(one.message) for one in caught if one.category is ResourceWarning]
    assert not left, f"tasks left behind: {left}"
    assert not unclosed, f"left unclosed: {unclosed}"


async def _left_over(before: set[asyncio.Task[object]]) -> list[str]:
    for _ in range(TURNS):
        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        if not left:
            return []
        await asyncio.sleep(0.005)
    return [task.get_name() for task in left]
