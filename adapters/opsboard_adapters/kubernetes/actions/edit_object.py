"""Editing a pod or a workload as a document: the result is a plan with its difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsboard.adapter import (
    Finding,
    Form,
    Input,
    Plan,
    Progress,
    Receipt,
    Request,
    Verdict,
)
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import unchanged
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import PatchAction, Planned, Reading
from opsboard_adapters.kubernetes.actions.edited_document import (
    PatchOperation,
    as_sent,
    changes_in,
    difference,
    digest,
    document_of,
)
from opsboard_adapters.kubernetes.actions.rollout_watch import (
    bears_mark,
    rollout_progress,
    rollout_timeout,
    watched_target,
)
from opsboard_adapters.kubernetes.actions.specs import EDIT_SPEC
from opsboard_adapters.kubernetes.actions.target import TargetObject, TargetPayload
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.protocol import JSON_PATCH, ChangeRequest
from opsboard_adapters.kubernetes.resources import PODS, WORKLOADS


@dataclass(frozen=True, kw_only=True)
class EditPayload(TargetPayload):
    """The *changes*: op, path and value of each operation of a JSON Patch."""

    changes: tuple[tuple[str, tuple[str | int, ...], Any], ...]


class EditObject(PatchAction[EditPayload]):
    """Changes what somebody has changed in the document of an object, and nothing else."""

    spec = EDIT_SPEC
    acts_on = (PODS, *WORKLOADS.values())
    payload = EditPayload

    async def form(self, ctx: Reading, request: Request) -> Form:
        target = await ctx.client.find_ref(request.ref)
        document = Input(
            name="document",
            label="document",
            document=".yaml",
            default=document_of(target.item),
            required=True,
        )
        return Form(inputs=(document,))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[EditPayload]:
        target = await ctx.client.find_ref(request.ref)
        found = changes_in(values["document"], target.item)
        rolls = any(one.path[:2] == ("spec", "template") for one in found)
        return target.draft(
            EditPayload(**target.address, changes=tuple(tuple(one) for one in found)),
            before="as it is",
            after=f"{len(found)} {'field' if len(found) == 1 else 'fields'} changed",
            changes=tuple(difference(one, target.item) for one in found),
            findings=tuple(await _findings(target, rolls=rolls, changed=bool(found))),
            **({} if target.resource is PODS else {"timeout": rollout_timeout(target)}),
        )

    async def change_request(
        self, target: TargetObject, payload: EditPayload, plan_id: str
    ) -> ChangeRequest:
        operations = [PatchOperation(*one) for one in payload.changes]
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": target.uid},
            {"op": "test", "path": "/metadata/resourceVersion", "value": target.version},
            *(as_sent(one, target.item) for one in operations),
            *_mark(target, operations, plan_id),
        ]
        return ChangeRequest("PATCH", target.path, patch, JSON_PATCH)

    def precondition_of(self, target: TargetObject) -> dict[str, str]:
        """Return that it is this object, and that nothing that can be edited has changed."""
        return {"uid": target.uid, "document": digest(target.item)}

    async def is_done(self, target: TargetObject, payload: EditPayload, plan: Plan) -> bool:
        return await bears_mark(target, plan) if target.resource is not PODS else (
            target.mark == plan.id
        )  # fmt: skip

    async def observe(self, ctx: Planned, payload: EditPayload, receipt: Receipt) -> Progress:
        target = await watched_target(ctx, payload)
        if isinstance(target, Progress):
            return target
        if target.resource is PODS:
            said = "the pod is changed"
            return Progress(message=said, verdict=Verdict.SUCCEEDED, produced=target.ref)
        return await rollout_progress(target)


def _mark(
    target: TargetObject, operations: list[PatchOperation], plan_id: str
) -> list[dict[str, Any]]:
    """Return what leaves the id of the plan on the object, whatever is done to its annotations."""
    path = "/metadata/annotations"
    gone = any(one.op == "remove" and one.path == ("metadata", "annotations") for one in operations)
    added = any(one.op == "add" and one.path == ("metadata", "annotations") for one in operations)
    if added or (target.meta.get("annotations") and not gone):
        pointer = PatchOperation("add", ("metadata", "annotations", PLAN_ANNOTATION)).pointer
        return [{"op": "add", "path": pointer, "value": plan_id}]
    return [{"op": "add", "path": path, "value": {PLAN_ANNOTATION: plan_id}}]


async def _findings(target: TargetObject, *, rolls: bool, changed: bool) -> list[Finding]:
    if not changed:
        return [unchanged("the document is as it was")]
    if not rolls or target.resource is PODS:
        return []
    return [
        *findings.update_strategy(target),
        *await findings.disruption_budgets(target, target.pod_labels),
    ]
