"""Waiting and reading in a way that leaves nothing behind: no task, no open stream."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


async def first_of(*waits: Awaitable[object]) -> None:
    """Wait until one of *waits* is over; end the others, and wait until they have ended."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close *stream* at the end, if it can be closed.

    As :func:`contextlib.aclosing` does for generators. The contract of a source promises an
    iterator only: one of a third party need not have ``aclose``.
    """
    try:
        yield stream
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()
