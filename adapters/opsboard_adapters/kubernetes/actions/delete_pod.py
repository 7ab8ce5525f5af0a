"""Deleting a pod, so that its controller makes another."""

from collections.abc import Mapping

from opsboard.adapter import (
    Finding,
    NotFound,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
    Verdict,
)
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, facts, warning
from opsboard.adapter.plans import DEFAULT_TIMEOUT
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import (
    KubernetesAction,
    Planned,
    Reading,
    ResourceAttributes,
    done,
    not_done,
)
from opsboard_adapters.kubernetes.actions.specs import DELETE
from opsboard_adapters.kubernetes.actions.target import TargetObject, TargetPayload
from opsboard_adapters.kubernetes.objects import ApiObject, integer
from opsboard_adapters.kubernetes.parse.pods import diagnose
from opsboard_adapters.kubernetes.protocol import ChangeRequest
from opsboard_adapters.kubernetes.resources import PODS, ApiResource
from opsboard_adapters.kubernetes.structs import V1Pod, controller_of, find_condition, to_struct


class DeletePod(KubernetesAction[TargetPayload]):
    """Deletes one pod, by its uid: a later pod of the same name is left alone."""

    spec = DELETE
    acts_on = (PODS,)
    payload = TargetPayload

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[TargetPayload]:
        target = await ctx.client.find_ref(request.ref)
        pod = to_struct(target.item, V1Pod)
        _, reason, message = diagnose(pod)
        kind, name = controller_of(pod)
        grace = integer(target.spec, "terminationGracePeriodSeconds", 30)
        return target.draft(
            TargetPayload(**target.address),
            before=reason,
            after="deleted",
            facts=facts(
                ("status", f"{reason}: {message}" if message else reason),
                ("owner", f"{kind}/{name}" if kind else ""),
                ("node", str(target.spec.get("nodeName") or "")),
                ("grace period (s)", str(grace)),
            ),
            findings=tuple(await _findings(target, kind)),
            timeout=DEFAULT_TIMEOUT + grace,
        )

    async def change_request(
        self, target: TargetObject, payload: TargetPayload, plan_id: str
    ) -> ChangeRequest:
        body = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "preconditions": {"uid": target.uid, "resourceVersion": target.version},
        }
        return ChangeRequest("DELETE", target.path, body, parameters={})

    def resource_attributes(self, resource: ApiResource, name: str) -> ResourceAttributes:
        return ResourceAttributes("delete", resource.api_group, resource.plural, name=name)

    def precondition_of(self, target: TargetObject) -> dict[str, str]:
        """Return that it is this pod, and that it has not become ready since."""
        ready = find_condition(to_struct(target.item, V1Pod).status.conditions, "Ready").holds
        return {"uid": target.uid, "ready": str(ready), "ending": str(_is_terminating(target))}

    def receipt(self, target: TargetObject, plan: Plan, answer: ApiObject) -> Receipt:
        return _receipt(plan, target.uid)

    async def observe(self, ctx: Planned, payload: TargetPayload, receipt: Receipt) -> Progress:
        try:
            target = await ctx.client.find(payload)
        except NotFound:
            return _succeeded("the pod is gone")
        if target.uid != payload.uid:
            return _succeeded("the pod is gone, and another one of its name is there")
        terminating = _is_terminating(target)
        said = "the pod is terminating" if terminating else "the pod is there still"
        return Progress(message=said, total=1)

    async def reconcile(self, ctx: Planned, payload: TargetPayload) -> ReconcileResult:
        gone = "the pod is gone; a cluster does not record who deleted it"
        receipt = _receipt(ctx.plan, payload.uid)
        try:
            target = await ctx.client.find(payload)
        except NotFound:
            return done(gone, receipt)
        if target.uid != payload.uid:
            return done(gone, receipt)
        if _is_terminating(target):
            return done("the pod is terminating", receipt)
        return not_done("the pod is there, and not ending")


def _receipt(plan: Plan, uid: str) -> Receipt:
    return Receipt(message=f"{plan.target} is being deleted", reference=uid)


def _succeeded(message: str) -> Progress:
    return Progress(message=message, done=1, total=1, verdict=Verdict.SUCCEEDED)


def _is_terminating(target: TargetObject) -> bool:
    return bool(target.meta.get("deletionTimestamp"))


async def _findings(target: TargetObject, owner: str) -> list[Finding]:
    found: list[Finding] = []
    if _is_terminating(target):
        found.append(blocker("the pod is terminating already"))
    if not owner:
        found.append(warning("nothing controls it: no other pod will take its place"))
    if owner == "Job":
        found.append(warning("it is a job's: its work starts again, or counts as failed"))
    labels = dict(target.meta.get("labels") or {})
    return [*found, *await findings.disruption_budgets(target, labels)]
