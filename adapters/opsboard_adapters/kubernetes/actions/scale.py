"""Scaling a workload, through its scale subresource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import (
    Difference,
    Finding,
    Form,
    Input,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
)
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, warning
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import (
    PatchAction,
    Planned,
    Reading,
    ResourceAttributes,
    done,
    not_done,
    unknown,
)
from opsboard_adapters.kubernetes.actions.rollout_watch import (
    overtaken,
    rollout_progress,
    rollout_timeout,
    watched_target,
)
from opsboard_adapters.kubernetes.actions.specs import SCALE
from opsboard_adapters.kubernetes.actions.target import TargetObject, TargetPayload
from opsboard_adapters.kubernetes.objects import integer
from opsboard_adapters.kubernetes.protocol import FIELD_MANAGER, MERGE_PATCH, ChangeRequest
from opsboard_adapters.kubernetes.resources import DEPLOYMENTS, STATEFUL_SETS, ApiResource

MAX_REPLICAS: Final = 10_000
"""More than this is taken for a slip of the finger."""


@dataclass(frozen=True, kw_only=True)
class ScalePayload(TargetPayload):
    """A number of *replicas*, and the number *before*."""

    replicas: int
    before: int = 0


class ScaleWorkload(PatchAction[ScalePayload]):
    """Sets the number of replicas of a workload."""

    spec = SCALE
    acts_on = (DEPLOYMENTS, STATEFUL_SETS)
    payload = ScalePayload

    async def form(self, ctx: Reading, request: Request) -> Form:
        target = await ctx.client.find_ref(request.ref)
        replicas = Input(
            name="replicas",
            label="replicas",
            type="integer",
            default=str(_replicas(target)),
            required=True,
            least=0,
            most=MAX_REPLICAS,
        )
        return Form(inputs=(replicas,))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[ScalePayload]:
        target = await ctx.client.find_ref(request.ref)
        now, wanted = _replicas(target), int(values["replicas"])
        change = Difference(group="replicas", name="replicas", before=str(now), after=str(wanted))
        return target.draft(
            ScalePayload(**target.address, replicas=wanted, before=now),
            before=f"{now} replicas",
            after=f"{wanted} replicas",
            changes=(change,),
            findings=tuple(await _findings(target, now, wanted)),
            timeout=rollout_timeout(target),
        )

    async def change_request(
        self, target: TargetObject, payload: ScalePayload, plan_id: str
    ) -> ChangeRequest:
        """Return the patch of the scale, which has no annotations of its own: so no mark."""
        body = {
            "metadata": {"resourceVersion": target.version},
            "spec": {"replicas": payload.replicas},
        }
        return ChangeRequest("PATCH", f"{target.path}/scale", body, MERGE_PATCH)

    def resource_attributes(self, resource: ApiResource, name: str) -> ResourceAttributes:
        return ResourceAttributes("patch", resource.api_group, resource.plural, "scale", name)

    async def observe(self, ctx: Planned, payload: ScalePayload, receipt: Receipt) -> Progress:
        target = await watched_target(ctx, payload)
        if isinstance(target, Progress):
            return target
        if (now := _replicas(target)) != payload.replicas:
            why = f"somebody else, or an autoscaler, has set {now} replicas"
            return overtaken(target, why)
        return await rollout_progress(target)

    async def reconcile_target(
        self, target: TargetObject, payload: ScalePayload, plan: Plan
    ) -> ReconcileResult:
        """Judge by the number, and by the field manager that has set it last."""
        now, changes = _replicas(target), _changes_since(plan, target)
        same = target.uid == payload.uid
        if same and now == payload.replicas and _is_ours(target, now, changes):
            return done(f"{now} replicas are set", self.receipt(target, plan, target.item))
        if same and not changes:
            return not_done(f"still {now} replicas are set")
        if same and changes == 1 and now != payload.replicas:
            said = f"somebody else has changed it in between, and {now} replicas are set"
            return not_done(said)
        return unknown(
            f"{now} replicas are set by somebody else: whether by this in between is not known"
        )


def _replicas(target: TargetObject) -> int:
    return integer(target.spec, "replicas", 1)


def _changes_since(plan: Plan, target: TargetObject) -> int:
    """Return how often the spec has changed since *plan* was made."""
    return integer(target.meta, "generation") - int(plan.precondition.get("generation") or 0)


def _is_ours(target: TargetObject, now: int, changes: int) -> bool:
    """Return whether opsboard has set the number of replicas, by ``managedFields``.

    The server does not record a zero there: then it has to have been the only change.
    """
    return _is_recorded(target) or (now == 0 and changes == 1)


def _is_recorded(target: TargetObject) -> bool:
    return any(
        field.get("manager") == FIELD_MANAGER
        and field.get("subresource") == "scale"
        and "f:replicas" in ((field.get("fieldsV1") or {}).get("f:spec") or {})
        for field in target.meta.get("managedFields") or ()
    )


async def _findings(target: TargetObject, now: int, wanted: int) -> list[Finding]:
    found: list[Finding] = []
    if now == wanted:
        found.append(blocker(f"{now} replicas are set already"))
    if wanted == 0:
        found.append(warning("0 replicas: nothing of it will run any more"))
    found += findings.managed_by(target)
    found += await findings.autoscalers(target, scaling=True)
    if wanted < now:
        found += await findings.disruption_budgets(target, target.pod_labels)
    return found
