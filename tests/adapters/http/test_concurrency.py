"""A bounded number of requests at once, and a person's before those of the background."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import background, is_background
from opsboard_adapters.http.concurrency import RequestSlots
from tests.patience import PATIENCE


class _Server:
    """Begins to serve whom the slots let in, and answers when it is told to."""

    def __init__(self, total: int) -> None:
        self.slots = RequestSlots(total)
        self.begun: list[str] = []
        self.under_way: dict[str, asyncio.Event] = {}
        self.most = 0
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def ask(self, name: str, *, by_person: bool = False) -> None:
        if by_person:
            self.tasks[name] = asyncio.create_task(self._request(name))
            return
        with background():
            self.tasks[name] = asyncio.create_task(self._request(name))

    async def _request(self, name: str) -> None:
        async with self.slots.slot():
            self.begun.append(name)
            self.under_way[name] = asyncio.Event()
            self.most = max(self.most, len(self.under_way))
            try:
                await self.under_way[name].wait()
            finally:
                del self.under_way[name]

    async def answer(self, name: str) -> None:
        self.under_way[name].set()
        await self.tasks[name]
        await self.settle()

    async def call_off(self, name: str) -> None:
        self.tasks[name].cancel()
        with suppress(asyncio.CancelledError):
            await self.tasks[name]
        await self.settle()

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    async def end(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


@asynccontextmanager
async def _serving(total: int) -> "asyncio.AsyncIterator[_Server]":  # type: ignore[name-defined]
    server = _Server(total)
    try:
        yield server
    finally:
        await server.end()


async def test_a_person_is_served_at_once_while_hundreds_wait() -> None:
    async with _serving(4) as server:
        for number in range(200):
            server.ask(f"poll {number}")
        await server.settle()
        assert server.begun == ["poll 0", "poll 1", "poll 2"]
        server.ask("detail", by_person=True)
        await server.settle()
        assert server.begun[3:] == ["detail"]


async def test_who_comes_when_all_is_taken_is_the_next() -> None:
    async with _serving(2) as server:
        for number in range(200):
            server.ask(f"poll {number}")
        for name in ("detail", "plan", "act"):
            server.ask(name, by_person=True)
        await server.settle()
        assert server.begun == ["poll 0", "detail"]
        await server.answer("poll 0")
        assert server.begun[2:] == ["plan"]
        await server.answer("plan")
        assert server.begun[3:] == ["act"]
        await server.answer("detail")
        assert server.begun[4:] == []  # the last slot is not the background's
        await server.answer("act")
        assert server.begun[4:] == ["poll 1"]


async def test_a_single_slot_is_the_background_s_and_a_person_has_one_beside_it() -> None:
    async with _serving(1) as server:
        for number in range(200):
            server.ask(f"poll {number}")
        server.ask("detail", by_person=True)
        await server.settle()
        assert server.begun == ["poll 0", "detail"]
        server.ask("plan", by_person=True)
        await server.answer("poll 0")
        assert server.begun[2:] == ["plan"]


async def test_what_is_called_off_leaves_its_place() -> None:
    async with _serving(2) as server:
        for number in range(3):
            server.ask(f"poll {number}")
        await server.settle()
        await server.call_off("poll 1")
        await server.call_off("poll 0")
        assert server.begun == ["poll 0", "poll 2"]


async def test_what_is_called_off_as_it_is_let_in_gives_its_slot_back() -> None:
    slots = RequestSlots(2)

    async def hold() -> None:
        async with slots.slot():
            await asyncio.sleep(0)

    async with slots.slot(), slots.slot():
        waiting = asyncio.create_task(hold())
        await asyncio.sleep(0)
    waiting.cancel()  # it has been let in, and has not run since
    with suppress(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(PATIENCE):
        await hold()


async def test_a_task_keeps_the_mark_of_where_it_was_made() -> None:
    async def told() -> bool:
        return is_background()

    with background():
        inside = asyncio.create_task(told())
    outside = asyncio.create_task(told())
    assert await inside
    assert not await outside


Steps = Sequence[tuple[str, int]]
_STEPS = st.lists(
    st.tuples(st.sampled_from(["poll", "person", "answer", "call off"]), st.integers(0, 30)),
    max_size=60,
)


@pytest.mark.parametrize("total", [1, 2, 4, 8])
@given(steps=_STEPS)
def test_whatever_comes_and_goes_the_bounds_hold_and_nobody_is_forgotten(
    total: int, steps: Steps
) -> None:
    asyncio.run(_play(total, steps))


async def _play(total: int, steps: Steps) -> None:
    async with _serving(total) as server:
        for number, (what, which) in enumerate(steps):
            await _step(server, what, which, number)
            polls = [name for name in server.under_way if name.startswith("poll")]
            assert len(server.under_way) <= max(total, 2)
            assert len(polls) <= max(total - server.slots.kept, 1)
        while server.under_way:
            await server.answer(next(iter(server.under_way)))
        assert all(task.done() for task in server.tasks.values())


async def _step(server: _Server, what: str, which: int, number: int) -> None:
    if what in {"poll", "person"}:
        server.ask(f"{what} {number}", by_person=what == "person")
    elif what == "answer" and server.under_way:
        await server.answer(list(server.under_way)[which % len(server.under_way)])
    elif what == "call off" and (open_ := [n for n, t in server.tasks.items() if not t.done()]):
        await server.call_off(open_[which % len(open_)])
    await server.settle()
