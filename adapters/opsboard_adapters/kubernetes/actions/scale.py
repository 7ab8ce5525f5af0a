"""Scaling a workload, through its scale subresource."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from opsboard.adapter import (
    Difference,
    Finding,
    Form,
    Input,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
)
from opsboard_adapters.kubernetes.actions import findings, rollout_watch
from opsboard_adapters.kubernetes.actions.base import KubernetesDraft, ResourceAttributes
from opsboard_adapters.kubernetes.actions.patch import PatchAction
from opsboard_adapters.kubernetes.actions.specs import SCALE
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.objects import integer
from opsboard_adapters.kubernetes.protocol import FIELD_MANAGER, MERGE_PATCH, ChangeRequest

MAX_REPLICAS: Final = 10_000
"""Replicas that can be asked for: more are a slip of the finger."""


class ScaleWorkload(PatchAction):
    """Another number of replicas."""

    offer = SCALE

    async def form(self, site: ClusterConnection, target: TargetObject, request: Request) -> Form:
        now = str(_replicas(target))
        asked = Input(
            name="replicas",
            label="replicas",
            type="integer",
            default=now,
            required=True,
            least=0,
            most=MAX_REPLICAS,
        )
        return Form(inputs=(asked,))

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        now, wanted = _replicas(target), int(values["replicas"])
        return KubernetesDraft(
            before=f"{now} replicas",
            after=f"{wanted} replicas",
            changes=(
                Difference(group="replicas", name="replicas", before=str(now), after=str(wanted)),
            ),
            findings=tuple(await _cautions(site, target, now, wanted)),
            payload={"replicas": wanted, "before": now},
            patience=rollout_watch.patience(target),
        )

    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        """Return the patch of the scale. The API keeps no annotations of it, so no mark."""
        body = {
            "metadata": {"resourceVersion": target.version},
            "spec": {"replicas": payload["replicas"]},
        }
        return ChangeRequest("PATCH", f"{target.path}/scale", body, MERGE_PATCH)

    def resource_attributes(self, target: TargetObject) -> ResourceAttributes:
        group, plural = target.resource.api_group, target.resource.plural
        return ResourceAttributes("patch", group, plural, "scale", target.name)

    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return rollout_watch.observe(site, plan, _overtaken)

    async def _settled(
        self, site: ClusterConnection, plan: Plan, target: TargetObject
    ) -> ReconcileResult:
        """Tell by the number, and by who the server says has set it last."""
        now, changes = _replicas(target), _changes_since(plan, target)
        same = target.uid == plan.payload["uid"]
        if same and now == plan.payload["replicas"] and _is_ours(target, now, changes):
            receipt = self.receipt(site, plan, target.item)
            return ReconcileResult(
                outcome=ReconcileOutcome.DONE, message=f"{now} replicas are set", receipt=receipt
            )
        if same and not changes:
            return self.not_done(plan, target, f"still {now} replicas are set")
        if same and changes == 1 and now != plan.payload["replicas"]:
            said = f"somebody else has changed it in between, and {now} replicas are set"
            return self.not_done(plan, target, said)
        said = f"{now} replicas are set by somebody else: whether by this in between is not known"
        return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=said)


def _changes_since(plan: Plan, target: TargetObject) -> int:
    """Return how often the spec has changed since *plan* was made."""
    return integer(target.meta, "generation") - int(plan.precondition.get("generation") or 0)


def _is_ours(target: TargetObject, now: int, changes: int) -> bool:
    """Tell whether opsboard has set the number of replicas, as the server notes it.

    A zero is left out of what the server notes: there, that it was the only change has to do.
    """
    return _is_noted(target) or (now == 0 and changes == 1)


def _is_noted(target: TargetObject) -> bool:
    """Tell whether the server notes that opsboard has set the number of replicas."""
    return any(
        field.get("manager") == FIELD_MANAGER
        and field.get("subresource") == "scale"
        and "f:replicas" in ((field.get("fieldsV1") or {}).get("f:spec") or {})
        for field in target.meta.get("managedFields") or ()
    )


def _replicas(target: TargetObject) -> int:
    return integer(target.spec, "replicas", 1)


def _overtaken(plan: Plan, target: TargetObject) -> str:
    now, wanted = _replicas(target), plan.payload["replicas"]
    return "" if now == wanted else f"somebody else, or an autoscaler, has set {now} replicas"


async def _cautions(
    site: ClusterConnection, target: TargetObject, now: int, wanted: int
) -> list[Finding]:
    found: list[Finding] = []
    if now == wanted:
        found.append(findings.blocker(f"{now} replicas are set already"))
    if wanted == 0:
        found.append(findings.warning("0 replicas: nothing of it will run any more"))
    found += findings.managed_by(target)
    found += await findings.autoscalers(site, target, scaling=True)
    if wanted < now:
        labels = dict((target.template.get("metadata") or {}).get("labels") or {})
        found += await findings.disruption_budgets(site, target, labels)
    return found
