"""A hundred repositories for some hours, on a clock that runs by itself."""

from pathlib import Path

from opsboard_adapters.github.settings import GitHubSettings
from tests.adapters.github.hours import BUDGET, Ledger, longest_gap, patient, watch


async def test_a_hundred_idle_repositories(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx)
    await watch(ledger, ctx)
    assert ledger.paid[0] <= BUDGET * 0.1
    assert ledger.paid[1] == 0
    # Even what is free is asked with measure: the secondary limit counts it.
    assert ledger.asked[1] <= 150 * 30
    assert longest_gap(ledger, "o/r50") <= GitHubSettings(repositories=("o/r",)).poll_idle + 1


async def test_active_ones_stay_fresh_among_many_idle(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, active=5)
    await watch(ledger, ctx)
    for repository in ledger.active:
        assert longest_gap(ledger, repository) <= 15
    assert ledger.paid_for_idle[0] <= BUDGET * 0.1
    assert max(ledger.paid.values()) <= BUDGET * 0.5


async def test_a_server_that_knows_no_etag_does_not_eat_the_allowance(tmp_path: Path) -> None:
    ctx = patient(tmp_path)
    ledger = Ledger(ctx, etags=False)
    await watch(ledger, ctx)
    assert max(ledger.paid.values()) <= BUDGET * 0.5
