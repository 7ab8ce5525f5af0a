"""When a source counts as listed, for whoever holds an adapter to the suite."""

import asyncio
from collections.abc import Iterable

import pytest

from opsboard.adapter import Change, Complete, Condition, Fresh, Health, Report, ScopeRemoved
from opsboard.testing.arrangement import Arrangement
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder

STARTING = Health(condition=Condition.STARTING)
REFUSED = Health(condition=Condition.FORBIDDEN, message="no", hint="ask")
PODS: list[Change] = [Complete("pods", frozenset()), Fresh("pods", streaming=True)]
ANNOUNCED: list[Change] = [Report(STARTING, "pods"), Report(STARTING, "jobs")]


async def told(changes: Iterable[Change]) -> bool:
    """Return whether a source that has said *changes* counts as settled."""
    recorder = Recorder()
    for change in changes:
        await recorder.take(change)
    return Arrangement().settled(recorder, FakeContext())


@pytest.mark.asyncio
class TestSettled:
    async def test_a_scope_that_was_announced_is_waited_for(self) -> None:
        assert not await told([*ANNOUNCED, *PODS])
        assert await told([*ANNOUNCED, *PODS, Complete("jobs", frozenset())])

    @pytest.mark.parametrize("end", [Report(REFUSED, "jobs"), ScopeRemoved("jobs")])
    async def test_not_where_it_is_refused_or_gone(self, end: Change) -> None:
        assert await told([*ANNOUNCED, *PODS, end])

    async def test_nothing_said_is_not_settled(self) -> None:
        assert not await told([])


async def test_what_happens_without_a_word_of_the_source_is_noticed() -> None:
    asked = list[str]()
    waiting = asyncio.ensure_future(Recorder().until(lambda: bool(asked)))
    await asyncio.sleep(0)
    assert not waiting.done()
    asked.append("GET /revisions")
    await waiting
