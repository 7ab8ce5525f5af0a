"""Deleting a pod, so that its controller makes another."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from opsboard.adapter import (
    Fact,
    Finding,
    NotFound,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.adapter.plans import DEFAULT_TIMEOUT
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import (
    KubernetesAction,
    KubernetesDraft,
    ResourceAttributes,
)
from opsboard_adapters.kubernetes.actions.poll import looked_at
from opsboard_adapters.kubernetes.actions.specs import DELETE
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject, target_of
from opsboard_adapters.kubernetes.objects import ApiObject, integer
from opsboard_adapters.kubernetes.parse.pods import diagnose
from opsboard_adapters.kubernetes.protocol import ChangeRequest
from opsboard_adapters.kubernetes.structs import V1Pod, controller_of, find_condition, to_struct


class DeletePod(KubernetesAction):
    """One pod, told by its uid: a pod of the same name that came after it is left alone."""

    offer = DELETE

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        pod = to_struct(target.item, V1Pod)
        _, reason, message = diagnose(pod)
        kind, name = controller_of(pod)
        grace = integer(target.spec, "terminationGracePeriodSeconds", 30)
        told = {
            "status": f"{reason}: {message}" if message else reason,
            "owner": f"{kind}/{name}" if kind else "",
            "node": str(target.spec.get("nodeName") or ""),
            "seconds to end in": str(grace),
        }
        return KubernetesDraft(
            before=reason,
            after="deleted",
            facts=tuple(Fact(label=label, value=value) for label, value in told.items() if value),
            findings=tuple(await _cautions(site, target, kind)),
            patience=DEFAULT_TIMEOUT + grace,
        )

    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        body = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "preconditions": {"uid": target.uid, "resourceVersion": target.version},
        }
        return ChangeRequest("DELETE", target.path, body, parameters={})

    def resource_attributes(self, target: TargetObject) -> ResourceAttributes:
        return ResourceAttributes("delete", "", "pods", name=target.name)

    def precondition(self, target: TargetObject) -> dict[str, str]:
        """Return that it is this very pod, and that it has not become ready since."""
        ready = find_condition(to_struct(target.item, V1Pod).status.conditions, "Ready").holds
        return {"uid": target.uid, "ready": str(ready), "ending": str(_is_ending(target))}

    def receipt(self, site: ClusterConnection, plan: Plan, answer: ApiObject) -> Receipt:
        return Receipt(message=f"{plan.target} was told to end", reference=plan.payload["uid"])

    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return looked_at(site, lambda: _look(site, plan))

    async def reconcile(self, site: ClusterConnection, plan: Plan) -> ReconcileResult:
        try:
            target = await target_of(site, plan)
        except NotFound:
            return _gone(self, site, plan)
        if target.uid != plan.payload["uid"]:
            return _gone(self, site, plan)
        if _is_ending(target):
            receipt = self.receipt(site, plan, target.item)
            return ReconcileResult(
                outcome=ReconcileOutcome.DONE, message="the pod is ending", receipt=receipt
            )
        return self.not_done(plan, target, "the pod is there, and not ending")


def _gone(act: DeletePod, site: ClusterConnection, plan: Plan) -> ReconcileResult:
    said = "the pod is gone; a cluster does not tell who deleted it"
    return ReconcileResult(
        outcome=ReconcileOutcome.DONE, message=said, receipt=act.receipt(site, plan, {})
    )


async def _look(site: ClusterConnection, plan: Plan) -> Progress:
    try:
        target = await target_of(site, plan)
    except NotFound:
        return _ended("the pod is gone")
    except (Unreachable, Throttled) as error:
        return Progress(message=f"cannot be seen just now: {error.message}", total=1)
    if target.uid != plan.payload["uid"]:
        return _ended("the pod is gone, and another one of its name is there")
    said = "the pod is ending" if _is_ending(target) else "the pod is there still"
    return Progress(message=said, total=1)


def _ended(said: str) -> Progress:
    return Progress(message=said, done=1, total=1, verdict=Verdict.SUCCEEDED)


def _is_ending(target: TargetObject) -> bool:
    return bool(target.meta.get("deletionTimestamp"))


async def _cautions(site: ClusterConnection, target: TargetObject, owner: str) -> list[Finding]:
    found: list[Finding] = []
    if _is_ending(target):
        found.append(findings.blocker("the pod is ending already"))
    if not owner:
        found.append(findings.warning("nothing controls it: no other pod will take its place"))
    if owner == "Job":
        found.append(findings.warning("it is a job's: its work is begun anew, or counts as failed"))
    return [
        *found,
        *await findings.disruption_budgets(site, target, dict(target.meta.get("labels") or {})),
    ]
