"""Records that cannot be made are left out and named; what is missing is told, and taken back."""

import asyncio

from opsboard.adapter import Complete, Condition, Fresh, Report, Skipped, Unreachable, Upsert
from opsboard.records import Build
from opsboard_adapters.listing.completeness import RECORDS_PER_TURN, ScopeCompleteness, ScopeDiff
from tests.board import build


def _make(number: int) -> Build:
    return build(number, branch=None if number % 100 == 7 else "main")


def _named(number: int) -> str:
    return f"run {number}"


async def test_what_cannot_be_made_is_named_until_it_can() -> None:
    missing = ScopeCompleteness("runs")
    assert len(await missing.build_records(_make, range(120), _named)) == 118
    (skipped,) = missing.report(118)
    assert isinstance(skipped, Skipped)
    assert (skipped.count, skipped.total) == (2, 120)
    assert skipped.examples[0].startswith("run 7: Build.branch: must be text")
    assert missing.report(118) == [], "it is told once"
    await missing.build_records(_make, range(8, 107), _named)
    (skipped,) = missing.report(99)
    assert isinstance(skipped, Skipped)
    assert skipped.count == 0


async def test_others_have_their_turn_while_records_are_made() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await ScopeCompleteness("runs").build_records(_make, range(10 * RECORDS_PER_TURN), _named)
    counting.cancel()
    assert turns >= 9


def test_what_is_lacking_is_told_for_as_long_as_it_lasts() -> None:
    missing = ScopeCompleteness("runs")
    assert missing.report(5) == []
    missing.set_errors("page 2", [Unreachable("502"), Unreachable("502")])
    assert missing.incomplete
    for _ in range(2):
        (report,) = missing.report(5)
        assert isinstance(report, Report)
        assert report.health.condition is Condition.PARTIAL
        assert report.health.message == "page 2: 502"
    missing.set_errors("page 2", [])
    (report,) = missing.report(5)
    assert isinstance(report, Report)
    assert report.health.condition is Condition.LIVE
    assert missing.report(5) == []


# --- the changes between two listings ------------------------------------------------------------


def test_a_whole_listing_confirms_its_scope_whatever_has_changed() -> None:
    diff = ScopeDiff("runs")
    first, second = build(1, branch="one"), build(1, branch="two")
    listed = Complete("runs", frozenset({first.ref}))

    assert diff.replace([first]) == [Upsert("runs", (first,)), listed]
    assert diff.replace([second]) == [Upsert("runs", (second,)), Fresh("runs")]
    assert diff.replace([second]) == [Fresh("runs")]
    assert diff.replace([]) == [Complete("runs", frozenset())]


def test_a_part_of_a_listing_confirms_nothing() -> None:
    diff = ScopeDiff("runs")
    diff.replace([build(1, branch="one")])
    second = build(1, branch="two")
    assert diff.replace([second], complete=False) == [Upsert("runs", (second,))]
