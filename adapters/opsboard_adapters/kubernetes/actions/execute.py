"""Carrying out a plan: once, and only while the world is as it was planned for."""

from typing import Final

from opsboard.adapter import NotFound, Permit, Plan, PreconditionFailed, Receipt
from opsboard_adapters.kubernetes.actions.base import KubernetesAction
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject, target_of
from opsboard_adapters.kubernetes.protocol import RefusedError

MAX_ATTEMPTS: Final = 5
"""How often a refused request is made anew, where only the status has moved since it was read.

Each names the resource version that it was made for: of those that were refused, nothing was done.
"""


async def execute_plan(
    site: ClusterConnection, act: KubernetesAction, plan: Plan, permit: Permit
) -> Receipt:
    """Send what *plan* says. Raises what :meth:`opsboard.adapter.Source.execute` does."""
    with permit.used_for(plan):
        refused: tuple[str, RefusedError] | None = None
        for _ in range(MAX_ATTEMPTS):
            target = await unchanged_target(site, act, plan)
            if refused is not None and refused[0] == target.version:
                raise refused[1]
            sending = await act.change_request(site, target, plan.payload, plan.id)
            try:
                return act.receipt(site, plan, await site.client.send_change(sending, permit))
            except RefusedError as refusal:
                if (receipt := await act.already_done(site, plan)) is not None:
                    return receipt
                if not refusal.is_conflict:
                    raise
                refused = target.version, refusal
    raise PreconditionFailed(f"{plan.target} changes faster than it can be changed", "try again")


async def unchanged_target(
    site: ClusterConnection, act: KubernetesAction, plan: Plan
) -> TargetObject:
    """Return the target of *plan* as it is now. Raises :exc:`PreconditionFailed` where it is
    another."""
    try:
        target = await target_of(site, plan)
    except NotFound:
        raise PreconditionFailed(f"{plan.target} is gone", "nothing was done") from None
    if moved := act.changed_since(plan, target):
        what = "is another one of that name" if "uid" in moved else "was changed"
        raise PreconditionFailed(f"{plan.target} {what} since the plan was made", "plan it again")
    return target
