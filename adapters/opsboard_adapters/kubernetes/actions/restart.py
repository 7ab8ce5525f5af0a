"""Restarting a workload: its pods are replaced, one after the other, by equal ones.

As ``kubectl rollout restart`` does it: by an annotation of the pod template with the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from opsboard.adapter import Difference, Finding, Plan, Progress, Receipt, Request
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, facts
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import (
    PatchAction,
    Planned,
    Reading,
    merge_patch,
)
from opsboard_adapters.kubernetes.actions.rollout_watch import (
    bears_mark,
    overtaken,
    rollout_progress,
    rollout_timeout,
    watched_target,
)
from opsboard_adapters.kubernetes.actions.specs import RESTART
from opsboard_adapters.kubernetes.actions.target import TargetObject, TargetPayload
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.protocol import ChangeRequest

RESTARTED_AT_ANNOTATION: Final = "kubectl.kubernetes.io/restartedAt"


@dataclass(frozen=True, kw_only=True)
class RestartPayload(TargetPayload):
    """A restart: *at* is the value of the annotation (RFC 3339, to the second)."""

    at: str


class RestartWorkload(PatchAction[RestartPayload]):
    """Replaces the pods of a workload by new ones of the same template."""

    spec = RESTART
    payload = RestartPayload

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[RestartPayload]:
        target = await ctx.client.find_ref(request.ref)
        cluster = target.connection.cluster
        record = parse_workload(cluster, target.resource.kind, target.workload)
        at = ctx.now().astimezone(UTC).isoformat(timespec="seconds")
        change = Difference(
            group="annotations",
            name=RESTARTED_AT_ANNOTATION,
            before=_restarted_at(target),
            after=at,
        )
        return target.draft(
            RestartPayload(**target.address, at=at),
            before=f"revision {record.revision}" if record.revision else "as it is",
            after="the same, with new pods",
            changes=(change,),
            facts=facts(("pods that are replaced", str(record.desired))),
            findings=tuple(await _findings(target)),
            timeout=rollout_timeout(target),
        )

    async def change_request(
        self, target: TargetObject, payload: RestartPayload, plan_id: str
    ) -> ChangeRequest:
        template = {"metadata": {"annotations": {RESTARTED_AT_ANNOTATION: payload.at}}}
        return merge_patch(target, plan_id, spec={"template": template})

    async def is_done(self, target: TargetObject, payload: RestartPayload, plan: Plan) -> bool:
        return _restarted_at(target) == payload.at or await bears_mark(target, plan)

    async def observe(self, ctx: Planned, payload: RestartPayload, receipt: Receipt) -> Progress:
        target = await watched_target(ctx, payload)
        if isinstance(target, Progress):
            return target
        if _restarted_at(target) != payload.at:
            return overtaken(target, "its template was changed again by somebody else")
        return await rollout_progress(target)


def _restarted_at(target: TargetObject) -> str | None:
    annotations = (target.template.get("metadata") or {}).get("annotations") or {}
    at = annotations.get(RESTARTED_AT_ANNOTATION)
    return None if at is None else str(at)


async def _findings(target: TargetObject) -> list[Finding]:
    paused = [blocker("it is paused: resume it first")] if target.spec.get("paused") else []
    return [
        *paused,
        *findings.update_strategy(target),
        *await findings.disruption_budgets(target, target.pod_labels),
        *findings.read_by_new_pods(target.template),
        *await findings.missing_references(target, target.template),
    ]
