"""A polling source asks again after a pause, whatever its answer says."""

import asyncio
import math

import pytest

from opsboard.adapter import Complete, Poll, PollingSource, listing
from opsboard.adapter.polling import LEAST_PAUSE
from opsboard.testing import FakeClock, FakeContext


class Hurried(FakeContext):
    """Ends with the first pause."""

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        raise asyncio.CancelledError


class Polled(PollingSource):
    """Answers nothing, and wants to be asked again in so many seconds."""

    again_in = 0.0

    async def poll(self) -> Poll:
        return Poll(listing("all", []), again_in=self.again_in)


@pytest.mark.parametrize(
    ("seconds", "paused"),
    [(0.0, LEAST_PAUSE), (-5.0, LEAST_PAUSE), (math.nan, LEAST_PAUSE), (30.0, 30.0)],
)
async def test_it_never_asks_without_a_pause(seconds: float, paused: float) -> None:
    context = Hurried()
    source = Polled(context)
    source.again_in = seconds
    with pytest.raises(asyncio.CancelledError):
        [change async for change in source.changes()]
    assert context.pauses == [paused]


class Slow(Polled):
    """Takes a minute for its answer."""

    clock: FakeClock

    async def poll(self) -> Poll:
        self.clock.advance(60)
        return await super().poll()


async def test_what_it_has_read_is_as_of_when_it_began_to_ask() -> None:
    clock = FakeClock()
    began = clock.now()
    source = Slow(Hurried(clock=clock))
    source.clock = clock
    changes = aiter(source.changes())
    found = [await anext(changes), await anext(changes)]
    (complete,) = [change for change in found if isinstance(change, Complete)]
    assert complete.read_from == began
