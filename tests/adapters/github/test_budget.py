"""A hundred repositories for some hours, on a clock that runs by itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from opsboard_adapters.github.rate_limits import MAX_PER_MINUTE
from opsboard_adapters.github.settings import GitHubSettings
from tests.adapters.github.hours import BUDGET, Ledger, longest_gap, patient, watch
from tests.adapters.github.support import NOW

HOUR = timedelta(hours=1)


async def test_a_hundred_idle_repositories(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx)
    await watch(ledger, ctx)
    assert ledger.paid[0] <= BUDGET * 0.1
    assert ledger.paid[1] == 0
    # Even what is free is asked with measure: the secondary limit counts it.
    assert ledger.asked[1] <= 150 * 12
    assert longest_gap(ledger, "o/r50") <= GitHubSettings(repositories=("o/r",)).poll_idle + 1


@pytest.mark.long
async def test_a_hundred_idle_repositories_whose_commits_are_compared(tmp_path: Path) -> None:
    """What waits between environments is found out within the same tenth of the allowance."""
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, deployed=True)
    await watch(ledger, ctx, commits=True)
    assert max(ledger.paid.values()) <= BUDGET * 0.1
    assert ledger.queries[0] <= BUDGET * 0.01
    assert longest_gap(ledger, "o/r50") <= GitHubSettings(repositories=("o/r",)).poll_idle + 1


@pytest.mark.long
async def test_active_ones_stay_fresh_among_many_idle(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=5)
    await watch(ledger, ctx)
    for repository in ledger.active:
        assert longest_gap(ledger, repository) <= 15
    assert ledger.paid_for_idle[0] <= BUDGET * 0.1
    assert max(ledger.paid.values()) <= BUDGET * 0.5


@pytest.mark.long
async def test_a_fifth_may_be_active_at_once(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=20)
    await watch(ledger, ctx)
    assert max(longest_gap(ledger, repository) for repository in ledger.active) <= 15
    assert max(ledger.paid.values()) <= BUDGET * 0.5


@pytest.mark.parametrize(
    ("share", "longest"), [(0.5, 120), pytest.param(0.9, 60, marks=pytest.mark.long)]
)
async def test_where_too_much_moves_all_of_it_ages_alike(
    tmp_path: Path, share: float, longest: float
) -> None:
    """Fifty that change twice a minute would take 6,000 requests an hour to be seen each time."""
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=50)
    await watch(ledger, ctx, budget_share=share, deployments=False)
    gaps = [longest_gap(ledger, repository) for repository in ledger.active]
    assert max(gaps) <= longest
    assert max(gaps) <= 1.5 * min(gaps)
    assert max(ledger.paid.values()) <= BUDGET * share
    # What stands still is looked at all the same: a run that begins there is seen.
    assert longest_gap(ledger, "o/r99") <= 120


@pytest.mark.long
async def test_what_others_have_left_over_is_shared_with_them(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=20, others=4_000)
    await watch(ledger, ctx)
    assert max(ledger.paid.values()) <= (BUDGET - ledger.others) * 0.5
    assert max(longest_gap(ledger, repository) for repository in ledger.active) <= 300


async def test_after_an_hour_without_allowance_it_goes_on_at_once(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=20, others=BUDGET - 120)
    await watch(ledger, ctx, repositories=20, deployments=False)
    assert ledger.paid[0] <= 120
    seen = [at for times in ledger.seen.values() for at in times]
    assert any(HOUR <= at - NOW < HOUR + timedelta(seconds=30) for at in seen)
    assert {at > NOW + HOUR for at in map(max, ledger.seen.values())} == {True}


@pytest.mark.long
async def test_many_looks_are_no_burst(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=5)
    await watch(ledger, ctx, repositories=800, deployments=False)
    assert max(ledger.asked_by_minute.values()) <= MAX_PER_MINUTE
    # The first of all looks take some minutes; what moves does not wait for them.
    assert max(longest_gap(ledger, repository) for repository in ledger.active) <= 15


@pytest.mark.long
async def test_a_server_that_knows_no_etag_does_not_eat_the_allowance(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, etags=False)
    await watch(ledger, ctx)
    assert max(ledger.paid.values()) <= BUDGET * 0.5
