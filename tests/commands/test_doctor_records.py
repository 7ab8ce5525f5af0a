"""``opsboard doctor`` reads what a source has, and says what of it is odd."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from opsboard.adapter import (
    Change,
    Check,
    Complete,
    Condition,
    Health,
    Report,
    Skipped,
    Upsert,
    listing,
)
from opsboard.commands import doctor, doctor_records
from opsboard.commands.doctor_records import MOST, check_records
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Status
from opsboard.testing import FakeClock
from tests.board import build, builds
from tests.collect import ScriptedSource, context_for, resolved


async def _checks(script: object) -> list[Check]:
    it = resolved(script)  # type: ignore[arg-type]
    context = context_for(it, FakeClock())
    async with it.adapter.connect(it.settings, context) as source:
        return [check async for check in check_records(source, context)]


async def test_all_that_is_read_is_counted() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        for change in listing("web", builds(3)):
            yield change
        await source.context.pause(30)

    assert await _checks(script) == [Check("records", Status.OK, "3 read")]


async def test_what_is_odd_is_named() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        yield Upsert("web", [*builds(2), build(7, source="somebody else")])
        yield Complete("web", frozenset())
        yield Skipped(scope="api", count=3, total=120, examples=("#9: no name",))
        for change in listing("api", []):
            yield change
        await source.context.pause(30)

    told = await _checks(script)
    assert [(check.subject, check.status) for check in told] == [
        ("records of web", Status.WARNING),
        ("records of api", Status.WARNING),
    ]
    assert told[0].message.startswith("1 of 3 records could not be read: 7 is of")
    assert told[1].message == "3 of 120 records could not be read: #9: no name"
    assert all(check.hint for check in told)


async def test_no_more_parts_are_told_than_anybody_reads() -> None:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        for number in range(MOST + 2):
            yield Skipped(scope=f"s{number}", count=1, total=1)
            yield Complete(f"s{number}", frozenset())
        await source.context.pause(30)

    told = await _checks(script)
    assert len(told) == MOST + 1
    assert told[-1].message == "2 more parts have odd ones"


async def test_who_does_not_come_to_an_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    now, passed = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: now() + passed)

    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        nonlocal passed
        yield Report(Health(condition=Condition.STARTING), "api")
        yield Upsert("web", builds(2))
        passed = doctor_records.PATIENCE
        await source.context.pause(30)

    (told,) = await _checks(script)
    assert told.status is Status.UNKNOWN
    assert "2 read in" in told.message


async def test_what_nobody_expected_is_a_sentence_with_a_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def script(_: ScriptedSource) -> AsyncIterator[Change]:
        raise ImportError("No module named 'socksio' \x1b[31mhunter2-hunter2")
        yield

    assert not await doctor._examine(resolved(script), EnvironmentRules({}))
    said = capsys.readouterr().out
    assert "failed   connect: ci broke: ImportError: No module named 'socksio' ***" in said
    assert "hint: install what is missing" in said
    assert "\x1b" not in said
