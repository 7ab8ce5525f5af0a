"""What a hundred repositories take off GitHub's hourly allowance: simulated hours."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from tests.adapters.github.hours import BUDGET, Ledger, longest_gap, patient, watch

from bench.figure import Figure
from bench.options import Options

REPOSITORIES: Final = 100
ACTIVE: Final = 5


def measure(_options: Options) -> list[Figure]:
    """Return the figures of an hour in which nothing happens, and of one with active runs."""
    idle, some = (asyncio.run(_hours(active)) for active in (0, ACTIVE))
    stale = max(longest_gap(some, repository) for repository in some.active)
    spent = max(idle.paid.values()) / BUDGET * 100
    return [
        Figure(
            f"{REPOSITORIES} repositories, nothing changes: of the hourly budget",
            spent,
            "%",
            limit=10,
            note=f"{idle.paid[1] / BUDGET * 100:.0f} % in the second hour",
        ),
        Figure(
            f"{ACTIVE} of {REPOSITORIES} have active runs: longest staleness of those",
            stale,
            "s",
            limit=15,
            note=f"for {max(some.paid.values()) / BUDGET * 100:.0f} % of the hourly budget",
        ),
    ]


async def _hours(active: int) -> Ledger:
    with tempfile.TemporaryDirectory() as folder:
        ctx = patient(Path(folder))
        ledger = Ledger(ctx, active=active)
        await watch(ledger, ctx, REPOSITORIES)
    return ledger
