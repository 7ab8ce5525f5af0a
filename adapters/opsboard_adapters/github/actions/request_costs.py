"""What acts cost of the allowance of requests, and how often one may look on."""

from typing import Final

from opsboard.adapter import Fact, Finding
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.format import facts, warning

PAID: Final = 2
"""Requests that are paid for by one look at something that moves, at most."""
LOW: Final = 50
SLOWEST: Final = 120.0
_HOUR: Final = 3600.0


def cost(site: GitHubContext, reads: int) -> tuple[Fact, ...]:
    """Return the fact that says what it costs: *reads* to look again, and one to do it."""
    budget = site.api.limits.budget
    left = f"; {budget.remaining} of {budget.limit} left this hour" if budget else ""
    pace = f"up to {PAID} every {rhythm(site):.0f} s to follow it"
    return facts(("requests", f"{reads + 1} to do it, {pace}{left}"))


def cautions_of(site: GitHubContext) -> tuple[Finding, ...]:
    """Return a warning where little is left of the allowance."""
    budget = site.api.limits.budget
    if budget is None or budget.remaining >= LOW:
        return ()
    return (warning(f"only {budget.remaining} requests are left until the allowance is renewed"),)


def rhythm(site: GitHubContext) -> float:
    """Return the seconds between two looks that the allowance can bear."""
    budget, wanted = site.api.limits.budget, site.settings.poll_active
    if budget is None:
        return wanted
    seconds = _HOUR
    if budget.resets_at is not None:
        seconds = max((budget.resets_at - site.now).total_seconds(), 60.0)
    reserve = budget.limit * (1.0 - site.settings.budget_share)
    left = max(budget.remaining - reserve, 1.0)
    return min(max(wanted, PAID * seconds / left), max(SLOWEST, wanted))
