"""A stream between two event loops: whole, in order, and without a wake-up for each item."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple

from opsboard.collect.bounded_stream import BoundedStream, Put
from opsboard.collect.engine_loop import EngineLoop

Ts = TypeVarTuple("Ts")


class _CountingLoop(asyncio.SelectorEventLoop):
    """A loop that counts how often other threads wake it."""

    woken = 0

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self.woken += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


async def _until_stopped(stopping: asyncio.Event) -> None:
    await stopping.wait()


def _read(stream: Callable[[EngineLoop], BoundedStream[int]]) -> tuple[list[int], int]:
    """Return what is read, and how often the reader was woken for that."""

    async def read(engine: EngineLoop) -> list[int]:
        return [item async for item in stream(engine).items()]

    engine, loop = EngineLoop(_until_stopped), _CountingLoop()
    engine.start()
    try:
        return loop.run_until_complete(read(engine)), loop.woken
    finally:
        loop.close()
        engine.stop(60)


def test_a_burst_wakes_the_reader_once() -> None:
    async def fill(put: Put[int]) -> None:
        for burst in range(3):
            for number in range(500):
                await put(burst * 500 + number)
            await asyncio.sleep(0)

    items, woken = _read(lambda engine: BoundedStream(engine, fill, 2_000))
    assert items == list(range(1_500))
    assert woken <= 3 + 1  # and for the end


def test_a_burst_that_is_larger_than_the_buffer_comes_whole() -> None:
    async def fill(put: Put[int]) -> None:
        for number in range(1_000):
            await put(number)

    items, woken = _read(lambda engine: BoundedStream(engine, fill, 10))
    assert items == list(range(1_000))
    assert woken <= 1_000 // 5 + 2
