"""The share of GitHub's hourly budget that a hundred repositories use, in simulated hours."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from tests.adapters.github.hours import BUDGET, CHANGES_EVERY, Ledger, longest_gap, patient, watch

from bench.harness import BenchOptions
from bench.report import Figure

REPOSITORIES: Final = 100
ACTIVE: Final = (5, 20)
TOO_MANY: Final = 50
"""So many active repositories change more often in an hour than GitHub allows requests."""
SHARES: Final = (0.5, 0.9)


def measure(_options: BenchOptions) -> list[Figure]:
    """Return the figures of an hour in which nothing happens, and of some with active runs."""
    return [
        _idle(asyncio.run(_hours(0, deployed=True))),
        *(_active(asyncio.run(_hours(active)), limit=15) for active in ACTIVE),
        *(_active(asyncio.run(_hours(TOO_MANY, share)), share=share) for share in SHARES),
    ]


def _idle(ledger: Ledger) -> Figure:
    return Figure(
        f"{REPOSITORIES} repositories, nothing changes: of the hourly budget",
        max(ledger.paid.values()) / BUDGET * 100,
        "%",
        limit=10,
        note="two environments each, commits compared; GraphQL queries: "
        f"{max(ledger.queries.values()) / BUDGET * 100:.1f} % of their own",
    )


def _active(ledger: Ledger, *, share: float = 0.5, limit: float | None = None) -> Figure:
    changes = int(len(ledger.active) * 3600 / CHANGES_EVERY)
    return Figure(
        f"{len(ledger.active)} of {REPOSITORIES} have active runs, `budget_share = {share}`: "
        "longest staleness of those",
        max(longest_gap(ledger, repository) for repository in ledger.active),
        "s",
        limit=limit,
        note=f"for {max(ledger.paid.values()) / BUDGET * 100:.0f} % of the hourly budget; "
        f"{changes:,} changes an hour",
    )


async def _hours(active: int, share: float = 0.5, *, deployed: bool = False) -> Ledger:
    with tempfile.TemporaryDirectory() as folder:
        ctx = patient(Path(folder))
        ledger = Ledger(ctx, active=active, deployed=deployed)
        await watch(ledger, ctx, REPOSITORIES, budget_share=share, commits=True)
    return ledger
