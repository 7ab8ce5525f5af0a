"""A year by a seed comes to what a slow count of it says, also where nobody looked."""

import random
from itertools import pairwise

import pytest

from opsboard.delivery.figures import DeliveryWindow, LaneFigures
from tests.delivery.recorded_world import BAD, GOING, OK, RecordedWorld, at, sha
from tests.delivery.seeded_year import HOURS, Row, Told, counted, with_gaps, year_of

LANES = ("cart", "checkout", "search")
_HOW = {"live": OK, "bad": BAD, "rolling": GOING}
SEEDS = range(12)


def _world(rows: list[Row], committed: dict[tuple[str, int], float]) -> RecordedWorld:
    world = RecordedWorld()
    for (lane, version), hours in committed.items():
        world.commits(hours, f"{lane}{version}")
    for row in rows:
        head = sha(f"{row.lane}{row.version}")
        world.runs(
            row.hours, f"v{row.version}", _HOW[row.how], name=row.lane, since=row.since, head=head
        )
    return world


def _found(figures: LaneFigures) -> Told:
    return Told(
        figures.deployments,
        figures.attempts,
        figures.rollbacks,
        figures.failed.certain,
        figures.failed.inferred,
        figures.failed.open,
        figures.rework.part,
        [round(one.seconds / 3600, 2) for one in figures.recovery.values if not one.is_open],
        [round(one.seconds / 3600, 2) for one in figures.lead_time.values],
    )


def _compare(rows: list[Row], committed: dict[tuple[str, int], float]) -> list[LaneFigures]:
    history = _world(rows, committed).history(HOURS)
    found = history.figures(DeliveryWindow(at(-1), at(HOURS)))
    assert [one.key.name for one in found] == sorted(LANES)
    for one in found:
        told = counted(rows, one.key.name, committed)
        told.leads = [round(lead, 2) for lead in told.leads]
        assert _found(one) == told, one.key.name
        assert one.failed.part == told.certain + told.inferred + told.open
        assert one.failed.whole == told.deployments + told.attempts
        assert one.rework.whole == told.deployments + told.rollbacks
        assert one.recovery.open_count == one.failed.part - len(told.recoveries)
        assert sum(one.weeks) == told.deployments
    return list(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_that_was_watched(seed: int) -> None:
    found = _compare(*year_of(seed, LANES))
    assert all(one.deployments > 20 for one in found)
    assert any(one.failed.inferred for one in found)
    assert any(one.failed.certain for one in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_with_gaps(seed: int) -> None:
    rows, committed = year_of(seed, LANES)
    rng = random.Random(seed)
    starts = sorted(rng.uniform(100, HOURS - 200) for _ in range(25))
    gaps = [(begun, begun + rng.uniform(1, 60)) for begun in starts]
    gaps = [one for one, after in zip(gaps, [*gaps[1:], (HOURS, 0)], strict=True)
            if one[1] < after[0]]  # fmt: skip
    seen = with_gaps(rows, gaps)
    assert len(seen) < len(rows)
    _compare(seen, committed)


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_add_up_to_the_year(seed: int) -> None:
    rows, committed = year_of(seed, LANES)
    history = _world(rows, committed).history(HOURS)
    (whole, *_) = history.figures(DeliveryWindow(at(-1), at(HOURS)))
    ends = [-1.0, *(30 * 24.0 * month for month in range(1, 12)), HOURS]
    months = [
        history.figures(DeliveryWindow(at(since), at(until)))[0] for since, until in pairwise(ends)
    ]
    assert sum(one.deployments for one in months) == whole.deployments
    assert sum(one.failed.part for one in months) == whole.failed.part
    assert sum(one.lead_time.count for one in months) == whole.lead_time.count
