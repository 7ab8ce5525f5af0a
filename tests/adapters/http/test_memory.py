"""Of large answers a few are in memory at a time; small ones pass, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from opsboard.adapter import Unreachable, background
from opsboard_adapters import http
from opsboard_adapters.http import memory
from opsboard_adapters.http.memory import (
    FREE_BYTES,
    MAX_LARGE_RESPONSES,
    RESERVED_FOR_FOREGROUND,
    MemoryReservation,
)
from tests.adapters.http.wire import NOW, answers, drips, get, raw, serving
from tests.patience import PATIENCE

LARGE = FREE_BYTES + 1


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_small_ones_pass_and_a_large_one_waits_for_a_place() -> None:
    holders = [MemoryReservation() for _ in range(MAX_LARGE_RESPONSES)]
    for holder in holders:
        await holder.grow(LARGE)
    waiting, small = MemoryReservation(), MemoryReservation()
    task = asyncio.create_task(waiting.grow(LARGE))
    await _turns()
    assert not task.done()
    await small.grow(FREE_BYTES)
    holders[1].reset()
    await task
    for place in (*holders, waiting):
        place.reset()


async def test_places_are_given_in_the_order_of_asking() -> None:
    holders = [MemoryReservation() for _ in range(MAX_LARGE_RESPONSES)]
    for holder in holders:
        await holder.grow(LARGE)
    order: list[int] = []

    async def ask(number: int) -> None:
        with MemoryReservation() as place:
            await place.grow(LARGE)
            order.append(number)

    tasks = [asyncio.create_task(ask(number)) for number in range(5)]
    await _turns()
    holders[0].reset()
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]
    for holder in holders[1:]:
        holder.reset()


async def test_the_background_never_takes_the_last_place() -> None:
    order: list[str] = []
    released = asyncio.Event()

    async def ask(name: str) -> None:
        with MemoryReservation() as place:
            await place.grow(LARGE)
            order.append(name)
            await released.wait()

    with background():
        tasks = [asyncio.create_task(ask(f"poll {number}")) for number in range(20)]
    await _turns()
    assert len(order) == MAX_LARGE_RESPONSES - RESERVED_FOR_FOREGROUND
    tasks += [asyncio.create_task(ask("detail")) for _ in range(RESERVED_FOR_FOREGROUND)]
    await _turns()
    assert (
        order[MAX_LARGE_RESPONSES - RESERVED_FOR_FOREGROUND :]
        == ["detail"] * RESERVED_FOR_FOREGROUND
    )
    released.set()
    await asyncio.gather(*tasks)
    assert len(order) == 20 + RESERVED_FOR_FOREGROUND


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    holders = [MemoryReservation() for _ in range(MAX_LARGE_RESPONSES)]
    for holder in holders:
        await holder.grow(LARGE)
    gone, next_one = MemoryReservation(), MemoryReservation()
    first = asyncio.create_task(gone.grow(LARGE))
    second = asyncio.create_task(next_one.grow(LARGE))
    await _turns()
    first.cancel()
    await _turns()
    holders[0].reset()
    await second
    for place in (*holders, gone, next_one):
        place.reset()


@asynccontextmanager
async def _slow_ones() -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """Take all places by answers that begin large, and then drip."""
    begin = raw(b"x" * (2 * FREE_BYTES), length=10**7)
    async with AsyncExitStack() as stack:
        tasks = []
        for _ in range(MAX_LARGE_RESPONSES):
            client = await stack.enter_async_context(
                serving(drips(begin), http.ResponseLimits(seconds=60))
            )
            tasks.append(asyncio.create_task(get(client)))
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_drips_loses_its_place_to_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(memory, "MIN_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(memory, "SLOW_BYTES_PER_SECOND", 10**9)
    healthy = answers(raw(b"y" * LARGE))
    async with _slow_ones() as slow, serving(healthy, http.ResponseLimits()) as client:
        held = memory.response_memory()
        async with asyncio.timeout(PATIENCE):
            while len(held) < MAX_LARGE_RESPONSES:  # noqa: ASYNC110 - places tell nobody
                await asyncio.sleep(0.005)
            assert len((await get(client)).content) == LARGE
            done, _ = await asyncio.wait(slow, return_when=asyncio.FIRST_COMPLETED)
        (error,) = {str(task.exception()) for task in done}
        assert "too slowly, and others wait" in error
        assert isinstance(next(iter(done)).exception(), Unreachable)


async def test_a_place_is_held_until_the_answer_has_been_made_use_of() -> None:
    held: list[int] = []

    async def read(response: httpx.Response) -> int:
        held.append(len(memory.response_memory()))
        return len(response.content)

    async with serving(answers(raw(b"y" * LARGE)), http.ResponseLimits()) as client:
        request = client.build_request("GET", "/thing")
        assert await http.fetch(client, request, read, now=lambda: NOW) == LARGE
    assert held == [1]
    assert len(memory.response_memory()) == 0
