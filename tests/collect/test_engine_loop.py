"""The engine's loop ends whole: what is handed in runs or is refused, whenever it comes."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any

import anyio
import pytest

from opsboard.adapter import SourceError
from opsboard.collect.engine_loop import EngineLoop
from tests.patience import PATIENCE


@pytest.fixture
def warned(recwarn: pytest.WarningsRecorder) -> pytest.WarningsRecorder:
    """What is warned of from now on: what earlier tests have left is collected before."""
    gc.collect()
    recwarn.clear()
    return recwarn


async def forever() -> None:
    await asyncio.Event().wait()


def begun_by(loop: EngineLoop, begun: list[Future[None]]) -> Future[None]:
    """Wait for the end of *loop*, and return what it has begun."""
    loop._thread.join(PATIENCE)
    assert not loop._thread.is_alive()
    return begun[0]


def ended(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> EngineLoop:
    """Run a loop that *main* ends by itself; return it once its thread has ended."""
    loop = EngineLoop(main)
    loop.start()
    loop._thread.join(PATIENCE)
    assert not loop._thread.is_alive()
    return loop


def test_what_is_begun_in_the_last_step_ends(warned: pytest.WarningsRecorder) -> None:
    begun: list[Future[None]] = []

    async def main(_: asyncio.Event) -> None:
        begun.append(loop.begin(forever()))

    loop = EngineLoop(main)
    loop.start()
    with pytest.raises(CancelledError):
        begun_by(loop, begun).result(PATIENCE)
    gc.collect()
    assert not warned.list


def test_nobody_waits_for_what_is_left_behind() -> None:
    begun: list[Future[None]] = []

    async def stubborn() -> None:
        while True:
            with suppress(asyncio.CancelledError):
                await forever()

    async def main(_: asyncio.Event) -> None:
        begun.append(loop.begin(stubborn()))
        await asyncio.sleep(0)

    loop = EngineLoop(main)
    loop.start()
    with pytest.raises(CancelledError):
        begun_by(loop, begun).result(PATIENCE)


def test_what_comes_later_is_refused(warned: pytest.WarningsRecorder) -> None:
    async def main(_: asyncio.Event) -> None:
        pass

    loop = ended(main)
    with pytest.raises(SourceError, match="closing"):
        loop.begin(forever())
    loop.call_soon(gc.collect)
    loop.stop(within=0)
    gc.collect()
    assert not warned.list


def test_a_loop_that_never_began_refuses_too() -> None:
    async def main(_: asyncio.Event) -> None:
        raise AssertionError("it never runs")

    loop = EngineLoop(main)
    loop.stop(within=0)
    with pytest.raises(SourceError, match="closing"):
        loop.begin(forever())


@pytest.mark.parametrize("generations", [1, 4])
def test_tasks_that_ending_tasks_begin_are_ended(
    generations: int, warned: pytest.WarningsRecorder
) -> None:
    held: list[asyncio.Task[None]] = []

    async def begins_another(left: int) -> None:
        try:
            await forever()
        finally:
            if left:
                held.append(asyncio.create_task(begins_another(left - 1)))

    async def main(_: asyncio.Event) -> None:
        held.append(asyncio.create_task(begins_another(generations)))
        await asyncio.sleep(0)

    ended(main)
    assert all(task.done() for task in held)
    assert len(held) > 1
    held.clear()
    gc.collect()
    assert not warned.list


def test_what_begins_in_the_very_last_step_is_left_behind(
    warned: pytest.WarningsRecorder,
) -> None:
    """As on a busy machine, where what is cancelled is not done in time and goes on connecting."""
    begun: list[asyncio.Task[None]] = []

    def begin_when_all_has_ended() -> None:
        running = asyncio.get_running_loop()
        if not loop._is_closed or asyncio.all_tasks(running):
            running.call_soon(begin_when_all_has_ended)
        else:
            begun.append(running.create_task(forever()))

    async def main(_: asyncio.Event) -> None:
        asyncio.get_running_loop().call_soon(begin_when_all_has_ended)

    loop = EngineLoop(main)
    loop.start()
    loop._thread.join(PATIENCE)
    assert [task.done() for task in begun] == [False]
    begun.clear()
    gc.collect()
    assert not warned.list


@pytest.mark.parametrize("turns", range(6))
def test_what_a_group_begins_while_the_loop_ends_is_awaited(
    turns: int, warned: pytest.WarningsRecorder
) -> None:
    """A task of anyio that is cancelled before its first step never awaits its own coroutine."""
    ends = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []

    async def connects() -> None:
        await ends.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with anyio.create_task_group() as group:
            group.start_soon(forever)

    async def main(_: asyncio.Event) -> None:
        tasks.append(asyncio.create_task(connects()))
        await asyncio.sleep(0)
        ends.set()

    ended(main)
    tasks.clear()
    gc.collect()
    assert not [str(one.message) for one in warned.list]


def test_a_clean_up_that_awaits_is_not_cut_short() -> None:
    told: list[str] = []

    async def tidies() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            await asyncio.create_task(asyncio.sleep(0))
            told.append("tidied")

    async def main(_: asyncio.Event) -> None:
        tasks.append(asyncio.create_task(tidies()))
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[None]] = []
    ended(main)
    assert told == ["tidied"]
