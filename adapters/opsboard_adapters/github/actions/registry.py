"""Acting on GitHub: what a source hands its requests to."""

from collections.abc import AsyncGenerator
from typing import Final

from opsboard.adapter import (
    RETRAIN,
    ActionSpec,
    Form,
    Permit,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
    Unsupported,
)
from opsboard.records import Kind
from opsboard_adapters.github.actions.base import GitHubAction
from opsboard_adapters.github.actions.cancel import CancelRun
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.dispatch import DispatchWorkflow
from opsboard_adapters.github.actions.execute import carry_out
from opsboard_adapters.github.actions.plan import plan_of
from opsboard_adapters.github.actions.rerun import RerunWorkflow
from opsboard_adapters.github.actions.retrain import TrainWithWorkflow
from opsboard_adapters.github.actions.review import ReviewDeployment
from opsboard_adapters.github.actions.rollback import RollbackDeployment
from opsboard_adapters.github.actions.specs import APPROVE, REJECT, RERUN, RERUN_FAILED

_TRAIN: Final = ActionSpec(RETRAIN, "Retrain", "Train the model anew.", frozenset({Kind.MODEL}))
ACTIONS: Final[dict[str, GitHubAction]] = {
    act.offer.id: act
    for act in (
        RerunWorkflow(RERUN, "rerun"),
        RerunWorkflow(RERUN_FAILED, "rerun-failed-jobs", failed_only=True),
        CancelRun(),
        ReviewDeployment(APPROVE, "approved"),
        ReviewDeployment(REJECT, "rejected"),
        DispatchWorkflow(),
        RollbackDeployment(),
        TrainWithWorkflow(_TRAIN),
    )
}


class GitHubActions:
    """Acts on the runs, workflows and deployments of one source."""

    def __init__(self, site: GitHubContext) -> None:
        self._site = site

    async def form(self, request: Request) -> Form:
        return await _act_for(request).form(self._site.again(), request)

    async def plan(self, request: Request) -> Plan:
        return await plan_of(self._site.again(), _act_for(request), request)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        return await carry_out(self._site.again(), _act(plan.action), plan, permit)

    def observe(self, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return _act(plan.action).observe(self._site, plan, receipt)

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        return await _act(plan.action).reconcile(self._site.again(), plan)


def _act_for(request: Request) -> GitHubAction:
    """Return the act that *request* asks for. Raises :exc:`Unsupported`."""
    act = _act(request.action)
    if request.action != RETRAIN and request.ref.kind not in act.offer.kinds:
        raise Unsupported(f"{request.action} is not offered for a {request.ref.kind}")
    return act


def _act(action: str) -> GitHubAction:
    if action not in ACTIONS:
        raise Unsupported(f"GitHub has no action {action!r}")
    return ACTIONS[action]
