"""Carrying out a plan: once, and only while the world is as it was planned for."""

from opsboard.adapter import NotFound, Permit, Plan, PreconditionFailed, Receipt
from opsboard_adapters.github.actions.base import GitHubAction
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.post import post


async def carry_out(site: GitHubContext, act: GitHubAction, plan: Plan, permit: Permit) -> Receipt:
    """Send what *plan* says. Raises what :meth:`opsboard.adapter.Source.execute` does."""
    with permit.used_for(plan):
        try:
            await act.check(site, plan)
        except NotFound as error:
            raise PreconditionFailed(
                f"{plan.target} is gone: {error.message}", "nothing was done"
            ) from None
        answer = await post(site.api, str(plan.payload["path"]), act.body(plan), permit)
        return act.receipt(site, plan, answer)
