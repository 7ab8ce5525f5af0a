"""A collector outlives whatever its source does."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Report,
    Source,
    SourceError,
    Throttled,
    Unreachable,
    Upsert,
    is_background,
    listing,
)
from opsboard.collect.collector import STABLE_AFTER, Collector
from opsboard.collect.redact import Redactor
from opsboard.collect.schedule import BASE, MAX_BACKOFF, MIN_WAIT, Backoff
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Kind, Ref
from opsboard.testing import FakeClock
from tests.board import build, builds
from tests.collect import (
    ScriptedSource,
    context_for,
    eventually,
    resolved,
    run_while,
    sources_of,
)


class _Bench:
    """A collector on a clock that stands still, and what it has emitted."""

    def __init__(self, source: ResolvedSource) -> None:
        self.clock = FakeClock()
        self.emitted: list[Change] = []
        redactor = Redactor()
        self.context = context_for(source, self.clock, redactor)
        backoff = Backoff(draw=lambda _, ceiling: ceiling)
        self.collector = Collector(source, self.context, self.emitted.append, redactor, backoff)

    def healths(self) -> list[Health]:
        reports = (change for change in self.emitted if isinstance(change, Report))
        return [report.health for report in reports if report.scope is None]

    def conditions(self) -> list[Condition]:
        return [health.condition for health in self.healths()]

    def _waits_after_failure(self, number: int) -> bool:
        well = {Condition.STARTING, Condition.LIVE}
        failures = [condition for condition in self.conditions() if condition not in well]
        return len(failures) == number and bool(self.clock.sleeping)

    async def fail_and_wait(self, times: int) -> list[float]:
        """Let the source fail *times*; return how long each wait was."""
        waits = []
        for number in range(1, times + 1):
            await eventually(lambda n=number: self._failures() == n and self.clock.sleeping)  # type: ignore[misc]
            (seconds,) = self.clock.sleeping
            waits.append(seconds)
            self.clock.advance(seconds)
        return waits

    def _failures(self) -> int:
        fine = {Condition.STARTING, Condition.LIVE}
        return len([condition for condition in self.conditions() if condition not in fine])


async def _always_failing(_: ScriptedSource) -> AsyncIterator[Change]:
    raise Unreachable("no route to host")
    yield  # what makes this an async generator


async def test_all_that_a_source_yields_is_passed_on_after_its_start() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        for change in listing("web", builds(2)):
            yield change
        await source.context.pause(30)

    bench = _Bench(resolved(script))

    async def body() -> None:
        await eventually(lambda: bench.clock.sleeping)

    await run_while(bench.collector.run(), body)
    assert bench.conditions() == [Condition.STARTING, Condition.LIVE]
    emitted = [c for c in bench.emitted if not isinstance(c, Report)]
    assert emitted == [*listing("web", builds(2)), Due("web", 30)]


async def test_it_backs_off_further_and_further_up_to_a_cap_on_one_connection() -> None:
    source = resolved(_always_failing)
    bench = _Bench(source)

    async def body() -> None:
        waits = await bench.fail_and_wait(9)
        assert waits == [min(MAX_BACKOFF, BASE * 2**n) for n in range(9)]

    await run_while(bench.collector.run(), body)
    assert len(sources_of(source)) == 1
    health = bench.healths()[1]
    assert health.condition is Condition.UNREACHABLE
    assert health.message == "no route to host"
    assert health.until is not None, "say when it is tried again"


async def test_success_that_lasted_starts_the_back_off_anew() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        if source.runs == 3:
            yield Fresh("web")
            await source.context.pause(STABLE_AFTER.total_seconds())
        raise Unreachable("gone")

    bench = _Bench(resolved(script))

    async def body() -> None:
        assert await bench.fail_and_wait(2) == [1, 2]
        pausing = (STABLE_AFTER.total_seconds(),)
        await eventually(lambda: bench.clock.sleeping == pausing)
        bench.clock.advance(STABLE_AFTER.total_seconds())
        await eventually(lambda: len(bench.conditions()) == 5 and bench.clock.sleeping)
        assert bench.clock.sleeping == (BASE,)

    await run_while(bench.collector.run(), body)


async def test_a_success_that_fails_at_once_does_not_hammer() -> None:
    async def script(_: ScriptedSource) -> AsyncIterator[Change]:
        yield Fresh("web")
        raise Unreachable("the watch fails each time")

    bench = _Bench(resolved(script))

    async def body() -> None:
        assert await bench.fail_and_wait(4) == [1, 2, 4, 8]

    await run_while(bench.collector.run(), body)


async def test_until_is_honoured_and_no_refresh_shortens_it() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        raise Throttled("slow down", until=source.context.now() + timedelta(seconds=90))
        yield  # what makes this an async generator

    bench = _Bench(resolved(script))

    async def body() -> None:
        await eventually(lambda: bench.clock.sleeping)
        (seconds,) = bench.clock.sleeping
        assert seconds >= 90
        bench.context.refresh()
        bench.clock.advance(89)
        await asyncio.sleep(0)
        assert bench.clock.sleeping
        bench.clock.advance(seconds - 89)
        await eventually(lambda: len(bench.conditions()) == 3)

    await run_while(bench.collector.run(), body)


async def test_refresh_cuts_a_back_off_short() -> None:
    source = resolved(_always_failing)
    bench = _Bench(source)

    async def body() -> None:
        await eventually(lambda: bench.clock.sleeping)
        bench.context.refresh()
        await eventually(lambda: sources_of(source)[0].runs == 2)

    await run_while(bench.collector.run(), body)


async def _crash(_: ScriptedSource) -> AsyncIterator[Change]:
    yield Fresh("web")
    raise KeyError("hunter2-hunter2")


async def _exit(_: ScriptedSource) -> AsyncIterator[Change]:
    yield Fresh("web")
    sys.exit(3)


async def _cancel(_: ScriptedSource) -> AsyncIterator[Change]:
    yield Fresh("web")
    raise asyncio.CancelledError


async def _end(_: ScriptedSource) -> AsyncIterator[Change]:
    yield Fresh("web")


async def _foreign(_: ScriptedSource) -> AsyncIterator[Change]:
    yield Upsert("web", [build(1, source="somebody else")])


@pytest.mark.parametrize("script", [_crash, _exit, _cancel, _end, _foreign])
async def test_a_bug_is_said_to_be_one_and_the_source_is_tried_again(
    script: "type[object]",
) -> None:
    source = resolved(script)  # type: ignore[arg-type]
    bench = _Bench(source)

    async def body() -> None:
        await bench.fail_and_wait(2)

    await run_while(bench.collector.run(), body)
    health = bench.healths()[-1]
    assert health.condition is Condition.BROKEN
    assert "adapter" in health.hint
    assert "hunter2" not in repr(bench.emitted)
    assert not [c for c in bench.emitted if isinstance(c, Upsert)]


async def test_after_a_crash_the_source_is_connected_anew() -> None:
    source = resolved(_crash)
    bench = _Bench(source)

    async def body() -> None:
        await bench.fail_and_wait(2)

    await run_while(bench.collector.run(), body)
    assert len(sources_of(source)) >= 2


async def test_a_task_group_that_fails_is_unpacked() -> None:
    async def script(_: ScriptedSource) -> AsyncIterator[Change]:
        yield Fresh("web")
        async with asyncio.TaskGroup() as group:
            group.create_task(_raise(Unreachable("no route")))

    bench = _Bench(resolved(script))

    async def body() -> None:
        await bench.fail_and_wait(1)

    await run_while(bench.collector.run(), body)
    assert Condition.UNREACHABLE in bench.conditions()


async def _raise(error: Exception) -> None:
    raise error


async def test_it_is_live_again_after_trouble_but_never_overrules_the_source() -> None:
    stale = Report(Health(condition=Condition.STALE, message="paused on purpose"))

    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        if source.runs == 1:
            raise Unreachable("gone")
        yield Complete("web", frozenset())
        yield stale
        yield Fresh("web")
        await source.context.pause(30)

    bench = _Bench(resolved(script))

    async def body() -> None:
        await bench.fail_and_wait(1)
        await eventually(lambda: bench.emitted[-2:] == [Fresh("web"), Due("web", 30)])

    await run_while(bench.collector.run(), body)
    assert bench.conditions() == [
        Condition.STARTING,
        Condition.UNREACHABLE,
        Condition.LIVE,
        Condition.STALE,
    ]


async def test_reports_are_redacted() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        health = Health(condition=Condition.FORBIDDEN, message="https://u:p@h hunter2-hunter2")
        yield Report(health, "web")
        await source.context.pause(30)

    bench = _Bench(resolved(script))

    async def body() -> None:
        await eventually(lambda: bench.clock.sleeping)

    await run_while(bench.collector.run(), body)
    (report,) = (c for c in bench.emitted if isinstance(c, Report) and c.scope)
    assert report.health.message == "https://***@h ***"


async def test_answers_raise_nothing_but_source_errors() -> None:
    bench = _Bench(resolved(_always_failing))
    ref = Ref("ci", Kind.BUILD, "crash")

    async def body() -> None:
        with pytest.raises(SourceError, match=r"ValueError: token \*\*\*"):
            await bench.collector.ask(lambda source: source.detail(ref))

    await run_while(bench.collector.run(), body)


async def test_a_pause_says_when_what_was_looked_at_is_looked_at_again() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        context = source.context
        yield Fresh("polled")
        yield Fresh("streamed", streaming=True)
        yield Fresh("own")
        yield Due("own", 7.0)
        await asyncio.create_task(context.pause(1))  # of a helper, which says nothing of the look
        await context.pause(30)
        yield Fresh("polled")
        await context.pause(30)
        yield Fresh("polled")
        yield Fresh("own")
        await context.pause(45)
        raise Unreachable("gone")

    bench = _Bench(resolved(script))

    async def body() -> None:
        for seconds in (1, 30, 30, 45):
            await eventually(lambda s=seconds: bench.clock.sleeping == (s,))  # type: ignore[misc]
            bench.clock.advance(seconds)
        await bench.fail_and_wait(1)

    await run_while(bench.collector.run(), body)
    due = [change for change in bench.emitted if isinstance(change, Due)]
    assert due == [Due("own", 7), Due("polled", 30), Due("polled", 45)]


def test_back_off_is_jittered_over_the_full_range() -> None:
    seen = [Backoff().next() for _ in range(200)]
    assert all(MIN_WAIT <= wait <= BASE for wait in seen)
    assert len(set(seen)) > 10


async def test_what_a_person_asks_for_is_told_from_the_background() -> None:
    told: dict[str, bool] = {}
    made: list[asyncio.Task[bool]] = []

    async def in_a_task() -> bool:
        return is_background()

    async def script(_: ScriptedSource) -> AsyncIterator[Change]:
        told["changes"] = is_background()
        made.append(asyncio.create_task(in_a_task()))
        yield Fresh("a")
        await asyncio.Event().wait()

    async def question(_: Source) -> None:
        told["ask"] = is_background()

    bench = _Bench(resolved(script))

    async def body() -> None:
        await eventually(lambda: made)
        await bench.collector.ask(question)
        assert await made[0]

    await run_while(bench.collector.run(), body)
    assert told == {"changes": True, "ask": False}
    assert not is_background()
