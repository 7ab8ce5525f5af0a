"""Looking again and again, by an own clock, until there is a verdict."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from opsboard.adapter import (
    NotFound,
    NotPermitted,
    Progress,
    SourceError,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.adapter.actions import poll_until_verdict
from tests.adapter.lamps import QuickContext

DONE = Progress(message="done", verdict=Verdict.SUCCEEDED)
GOING = Progress(message="going")


async def observed(
    context: QuickContext, looks: Sequence[Progress | SourceError], seconds: float = 100.0
) -> list[Progress]:
    """Return what is told of *looks*; the last one is seen for ever."""
    left = list(looks)

    async def look() -> Progress:
        seen = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(seen, SourceError):
            raise seen
        return seen

    steps = poll_until_verdict(
        look, now=context.now, pause=context.pause, timeout=seconds, pace=lambda n: 2.0 + n
    )
    return [progress async for progress in steps]


async def test_only_what_is_new_is_told_up_to_the_verdict() -> None:
    context = QuickContext()
    told = await observed(context, [GOING, GOING, GOING, DONE])
    assert [(one.message, one.verdict) for one in told] == [
        ("going", None), ("done", Verdict.SUCCEEDED)
    ]  # fmt: skip
    assert context.pauses == [2.0, 3.0, 4.0], "less and less often while nothing changes"
    assert all(one.at for one in told)


async def test_a_server_that_is_away_ends_nothing() -> None:
    told = await observed(QuickContext(), [GOING, Unreachable("away"), Unreachable("away"), DONE])
    assert [one.message for one in told] == ["going", "cannot be read at the moment: away", "done"]


async def test_a_server_that_throttles_is_left_alone_until_it_says() -> None:
    context = QuickContext()
    until = context.now() + timedelta(seconds=50)
    await observed(context, [Throttled("too much", until=until), DONE])
    assert context.pauses == [50.0]


async def test_what_is_gone_has_failed() -> None:
    told = await observed(QuickContext(), [GOING, NotFound("no such run")])
    assert told[-1].verdict is Verdict.FAILED
    assert told[-1].message == "it is gone: no such run"


async def test_without_a_verdict_the_time_is_up_in_the_end() -> None:
    context = QuickContext()
    told = await observed(context, [GOING], seconds=30)
    assert [one.verdict for one in told] == [None, Verdict.TIMED_OUT]
    assert told[-1].message == "no verdict within 30 s; last: going"
    assert sum(context.pauses) == 30


async def test_what_asking_again_does_not_cure_is_raised() -> None:
    with pytest.raises(NotPermitted):
        await observed(QuickContext(), [NotPermitted("no")])
