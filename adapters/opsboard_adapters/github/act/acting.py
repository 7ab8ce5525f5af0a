"""Acting on GitHub: what a source hands its requests to."""

from collections.abc import AsyncGenerator
from typing import Final

from opsboard.adapter import (
    RETRAIN,
    Form,
    Offer,
    Permit,
    Plan,
    Progress,
    Receipt,
    Request,
    Settlement,
    Unsupported,
)
from opsboard.records import Kind
from opsboard_adapters.github.act.act import Act
from opsboard_adapters.github.act.cancelling import Cancel
from opsboard_adapters.github.act.carrying import carry_out
from opsboard_adapters.github.act.dispatching import Dispatch
from opsboard_adapters.github.act.offers import APPROVE, REJECT, RERUN, RERUN_FAILED
from opsboard_adapters.github.act.planning import plan_of
from opsboard_adapters.github.act.reruns import Rerun
from opsboard_adapters.github.act.reviews import Review
from opsboard_adapters.github.act.rollback import Rollback
from opsboard_adapters.github.act.site import Site
from opsboard_adapters.github.act.training import Train

_TRAIN: Final = Offer(RETRAIN, "Retrain", "Train the model anew.", frozenset({Kind.MODEL}))
ACTS: Final[dict[str, Act]] = {
    act.offer.id: act
    for act in (
        Rerun(RERUN, "rerun"),
        Rerun(RERUN_FAILED, "rerun-failed-jobs", failed_only=True),
        Cancel(),
        Review(APPROVE, "approved"),
        Review(REJECT, "rejected"),
        Dispatch(),
        Rollback(),
        Train(_TRAIN),
    )
}


class Acting:
    """Acts on the runs, workflows and deployments of one source."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def form(self, request: Request) -> Form:
        return await _act_for(request).form(self._site, request)

    async def plan(self, request: Request) -> Plan:
        return await plan_of(self._site, _act_for(request), request)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        return await carry_out(self._site, _act(plan.action), plan, permit)

    def follow(self, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return _act(plan.action).follow(self._site, plan, receipt)

    async def settle(self, plan: Plan) -> Settlement:
        return await _act(plan.action).settle(self._site, plan)


def _act_for(request: Request) -> Act:
    """Return the act that *request* asks for. Raises :exc:`Unsupported`."""
    act = _act(request.action)
    if request.action != RETRAIN and request.ref.kind not in act.offer.kinds:
        raise Unsupported(f"{request.action} is not offered for a {request.ref.kind}")
    return act


def _act(action: str) -> Act:
    if action not in ACTS:
        raise Unsupported(f"GitHub has no action {action!r}")
    return ACTS[action]
