"""What the ledger says of a plan, and how long it usually takes."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from opsboard.acting.starting.durations import (
    against_usual,
    duration_text,
    percentile,
    range_text,
    usual_text,
)
from opsboard.acting.starting.roll_out_history import PastJudge
from opsboard.adapter import Need, Plan, Request, Severity, SourceError, StartReport
from opsboard.history.roll_outs import RollOut
from opsboard.records import Identity, Ref
from opsboard.records.claims import IMAGE_TAG
from tests.acting.lever import REF, LeverSource
from tests.board import NOW

DIGEST = f"sha256:{'a' * 64}"
NEED = Need("image shop/web:1", Identity(IMAGE_TAG, "r.example/shop/web", "1"))


def _judge(*found: RollOut, error: SourceError | None = None) -> PastJudge:
    async def read(ref: Ref) -> Sequence[RollOut]:
        assert ref == REF
        if error is not None:
            raise error
        return found

    return PastJudge(read, lambda: NOW)


async def _plan() -> Plan:
    lever = LeverSource()
    lever.numbered = True
    return await lever.plan(Request(action="rollback", ref=REF, values={"to": "6"}))


async def _told(judge: PastJudge) -> StartReport:
    (check,) = judge.checks(await _plan())
    return await check.look()


def _went(revision: str, minutes: float, took: float | None = None, **more: object) -> RollOut:
    seconds = None if took is None else timedelta(seconds=took)
    at = NOW - timedelta(minutes=minutes)
    return RollOut(revision, at, seconds, **more)  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_revision_that_failed_here_and_was_left_is_a_warning() -> None:
    bad = _went("6", 90, failed_at=NOW - timedelta(minutes=80), why="CrashLoopBackOff",
                left_for="7", left_at=NOW - timedelta(minutes=70))  # fmt: skip
    (found,) = (await _told(_judge(bad, _went("7", 70, 60)))).findings
    assert found.severity is Severity.WARNING
    assert found.text.startswith("revision 6 failed here at ")
    assert "(CrashLoopBackOff), and was left for revision 7 at " in found.text
    assert (found.subject, found.at) == ("ledger", bad.failed_at)


@pytest.mark.asyncio
async def test_the_last_time_counts_and_what_came_up_is_a_note() -> None:
    bad = _went("6", 90, failed_at=NOW, left_for="7")
    report = await _told(_judge(bad, _went("6", 50, 120), _went("7", 40, 60)))
    assert [one.severity for one in report.findings] == [Severity.NOTE]
    assert report.durations == (60, 120)


@pytest.mark.asyncio
async def test_of_what_never_ran_here_nothing_is_said() -> None:
    assert not (await _told(_judge(_went("5", 9, 60)))).findings


@pytest.mark.asyncio
async def test_the_tag_of_an_image_is_known_by_what_ran_under_it() -> None:
    plan, own = await _plan(), ("r.example/shop/web:1",)
    one = _went("6", 9, digests=(DIGEST,), images=own)
    assert (await _judge(one).pinned(plan, NEED)).pinned == DIGEST
    two = _went("6", 9, digests=(DIGEST, "sha256:b"), images=own)
    assert not (await _judge(two).pinned(plan, NEED)).pinned
    beside = _went("6", 9, digests=(DIGEST,), images=(*own, "r.example/mesh/proxy:3"))
    assert not (await _judge(beside).pinned(plan, NEED)).pinned
    before = Need("image shop/migrate:1", Identity(IMAGE_TAG, "r.example/shop/migrate", "1"))
    assert not (await _judge(one).pinned(plan, before)).pinned
    assert not (await _judge(error=SourceError("no")).pinned(plan, NEED)).pinned


# --- figures -------------------------------------------------------------------------------------


def test_below_three_there_is_no_figure_but_a_list() -> None:
    assert not usual_text([])
    assert usual_text([130.0, 60.0]) == "2m10s, 1m (2 earlier: too few for a figure)"
    assert not range_text([130.0, 60.0])
    assert not against_usual([130.0, 60.0], 10)


def test_figures_are_of_ranks_and_say_of_how_many() -> None:
    took = [100.0, 110.0, 120.0, 130.0, 300.0]
    assert (percentile(took, 0.5), percentile(took, 0.9)) == (120.0, 300.0)
    assert usual_text(took) == "p50 2m, p90 5m (5 earlier)"
    assert against_usual(took, 130) == "2m10s so far, usually 1m40s to 5m"
    assert range_text([60.0] * 3) == "usually 1m"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0s"), (59.4, "59s"), (60, "1m"), (130, "2m10s"), (3_599.6, "1h00m"), (3_900, "1h05m")],
)
def test_durations_are_as_people_say_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
