"""Rolling a workload back to one of its revisions, with the result of ``kubectl rollout undo``.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollback.go`` (1.36).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import (
    Fact,
    Finding,
    Form,
    Input,
    NotFound,
    Option,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    Request,
    SourceError,
    StartCheck,
    Unsupported,
)
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import (
    blocker,
    destination_failing,
    destination_not_known,
    facts,
    note,
)
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import PatchAction, Planned, Reading
from opsboard_adapters.kubernetes.actions.pod_template import differences, template_digest
from opsboard_adapters.kubernetes.actions.rollout_watch import (
    bears_mark,
    overtaken,
    rollout_progress,
    rollout_timeout,
    watched_target,
)
from opsboard_adapters.kubernetes.actions.specs import ROLLBACK
from opsboard_adapters.kubernetes.actions.target import (
    TargetObject,
    TargetPayload,
)
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION, commit_of
from opsboard_adapters.kubernetes.parse.workloads import parse_workload, rollout_status
from opsboard_adapters.kubernetes.protocol import JSON_PATCH, STRATEGIC_PATCH, ChangeRequest
from opsboard_adapters.kubernetes.revisions import (
    REVISION_HISTORY_ANNOTATION,
    RevisionHealth,
    WorkloadRevision,
    last_healthy,
    list_revisions,
    list_revisions_with_health,
)
from opsboard_adapters.kubernetes.starting.checks import revision_checks
from opsboard_adapters.times import format_age

KEPT_ANNOTATIONS: Final = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        REVISION_HISTORY_ANNOTATION,
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)
"""Annotations that a Deployment keeps; all others become those of the revision."""


@dataclass(frozen=True, kw_only=True)
class WorkloadRollbackPayload(TargetPayload):
    """A rollback to the object *revision*, whose pod template has that *digest*."""

    revision: str
    revision_uid: str
    digest: str


class RollbackWorkload(PatchAction[WorkloadRollbackPayload]):
    """Rolls a workload back to a revision: by default the last one that was healthy."""

    spec = ROLLBACK
    payload = WorkloadRollbackPayload

    async def form(self, ctx: Reading, request: Request) -> Form:
        target = await ctx.client.find_ref(request.ref)
        revisions = await list_revisions_with_health(target)
        if all(one.current for one in revisions):
            raise Unsupported(f"{target.title} has no other revision")
        default = last_healthy(revisions)
        to = Input(
            name="to",
            label="to revision",
            type="choice",
            default=str(default.number) if default else "",
            required=True,
            options=tuple(_option(target, one) for one in revisions),
        )
        return Form(inputs=(to,))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[WorkloadRollbackPayload]:
        target = await ctx.client.find_ref(request.ref)
        revisions = await list_revisions_with_health(target)
        wanted = next((one for one in revisions if str(one.number) == values["to"]), None)
        if wanted is None:
            raise NotFound(f"{target.title} has no revision {values['to']}")
        current = next((one for one in revisions if one.current), None)
        payload = WorkloadRollbackPayload(
            **target.address,
            revision=wanted.meta["name"],
            revision_uid=wanted.meta["uid"],
            digest=wanted.digest,
        )
        return target.draft(
            payload,
            before=f"revision {current.number}" if current else "no revision yet",
            after=f"revision {wanted.number}",
            origin=current.identifiers if current else (),
            destination=wanted.identifiers,
            changes=differences(target.template, wanted.template),
            facts=_facts(target, wanted),
            findings=tuple(await _findings(target, wanted)),
            timeout=rollout_timeout(target),
        )

    def precondition_of(self, target: TargetObject) -> dict[str, str]:
        return {**super().precondition_of(target), "template": template_digest(target.template)}

    async def change_request(
        self, target: TargetObject, payload: WorkloadRollbackPayload, plan_id: str
    ) -> ChangeRequest:
        wanted = await _planned_revision(target, payload)
        deployment = target.resource.kind == "Deployment"
        patch = deployment_patch if deployment else controller_revision_patch
        return patch(target, wanted, plan_id)

    async def start_checks(
        self, ctx: Planned, payload: WorkloadRollbackPayload
    ) -> Sequence[StartCheck]:
        target = await ctx.client.find(payload)
        return revision_checks(target, await _planned_revision(target, payload))

    async def is_done(
        self, target: TargetObject, payload: WorkloadRollbackPayload, plan: Plan
    ) -> bool:
        return await bears_mark(target, plan)

    async def observe(
        self, ctx: Planned, payload: WorkloadRollbackPayload, receipt: Receipt
    ) -> Progress:
        target = await watched_target(ctx, payload)
        if isinstance(target, Progress):
            return target
        if template_digest(target.template) != payload.digest:
            return overtaken(target, "its template was changed again by somebody else")
        return await rollout_progress(target)


async def _planned_revision(
    target: TargetObject, payload: WorkloadRollbackPayload
) -> WorkloadRevision:
    """Return the revision that was planned. Raises :exc:`PreconditionFailed` where it is gone."""
    for one in await list_revisions(target):
        found = one.meta["name"], one.meta["uid"], one.digest
        if found == (payload.revision, payload.revision_uid, payload.digest):
            return one
    raise PreconditionFailed(f"the revision of {target.title} is not there any more as planned")


# --- the patches: those of kubectl, for one resource version -------------------------------------


def deployment_patch(
    target: TargetObject, revision: WorkloadRevision, plan_id: str
) -> ChangeRequest:
    """Return the JSON patch that gives a Deployment the template of a ReplicaSet."""
    own = target.meta.get("annotations") or {}
    kept = {key: value for key, value in own.items() if key in KEPT_ANNOTATIONS}
    theirs = {k: v for k, v in revision.annotations.items() if k not in KEPT_ANNOTATIONS}
    annotations = {**kept, **theirs, PLAN_ANNOTATION: plan_id}
    patch = [
        {"op": "test", "path": "/metadata/uid", "value": target.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": target.version},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
        {"op": "add", "path": "/metadata/annotations", "value": annotations},
    ]
    return ChangeRequest("PATCH", target.path, patch, JSON_PATCH)


def controller_revision_patch(
    target: TargetObject, revision: WorkloadRevision, plan_id: str
) -> ChangeRequest:
    """Return the patch that a ControllerRevision holds in its ``data``."""
    metadata = {
        "uid": target.uid,
        "resourceVersion": target.version,
        "annotations": {PLAN_ANNOTATION: plan_id},
    }
    data = revision.object.get("data") or {}
    return ChangeRequest("PATCH", target.path, {**data, "metadata": metadata}, STRATEGIC_PATCH)


# --- form, facts and findings --------------------------------------------------------------------


def _option(target: TargetObject, one: WorkloadRevision) -> Option:
    current = "current" if one.current else ""
    parts = (current, _health(one), _age(target, one), one.images, one.cause)
    return Option(
        value=str(one.number),
        label=f"revision {one.number}",
        note=", ".join(part for part in parts if part),
    )


def _health(one: WorkloadRevision) -> str:
    known = one.health is not RevisionHealth.UNKNOWN
    return f"{one.health} ({one.why})" if known else str(one.health)


def _age(target: TargetObject, one: WorkloadRevision) -> str:
    created = target.connection.cluster.time(one.meta.get("creationTimestamp"))
    made = format_age(created, target.connection.now())
    return f"{made} old" if made else ""


def _facts(target: TargetObject, wanted: WorkloadRevision) -> tuple[Fact, ...]:
    cluster = target.connection.cluster
    desired = str(parse_workload(cluster, target.resource.kind, target.workload).desired)
    return facts(
        (f"revision {wanted.number}", _health(wanted)),
        ("its age", _age(target, wanted).removesuffix(" old")),
        ("its images", wanted.images),
        ("its change cause", wanted.cause),
        ("its commit", commit_of(wanted.workload)),
        ("replicas", desired),
        ("pods that are replaced", desired),
    )


async def _findings(target: TargetObject, wanted: WorkloadRevision) -> Sequence[Finding]:
    labels = dict((wanted.template.get("metadata") or {}).get("labels") or {})
    (pods, unseen), autoscalers, budgets = await asyncio.gather(
        _pods_or_finding(target),
        findings.autoscalers(target, scaling=False),
        findings.disruption_budgets(target, labels),
    )
    return [
        *_against(target, wanted),
        *_of_the_revision(wanted),
        *findings.managed_by(target),
        *findings.update_strategy(target, pods or ()),
        *autoscalers,
        *budgets,
        *findings.not_rolled_back(wanted.template),
        *unseen,
    ]


def _against(target: TargetObject, wanted: WorkloadRevision) -> list[Finding]:
    """Return what makes it impossible, as for kubectl, and a roll-out that is under way."""
    if target.spec.get("paused"):
        return [blocker("it is paused: resume it first")]
    if wanted.digest == template_digest(target.template):
        text = f"the template already matches revision {wanted.number}: nothing would change"
        return [blocker(text)]
    status = rollout_status(target.resource.kind, target.workload)
    if status.done:
        return []
    return [note(f"rolling back now ends the roll-out that is in progress: {status.message}")]


def _of_the_revision(wanted: WorkloadRevision) -> list[Finding]:
    number, why = wanted.number, wanted.why
    if wanted.health is RevisionHealth.NEVER:
        return [destination_failing(f"revision {number} itself never became healthy: {why}")]
    if wanted.health is RevisionHealth.UNKNOWN:
        text = f"whether revision {number} was ever healthy cannot be known: {why}"
        return [destination_not_known(text)]
    return []


async def _pods_or_finding(
    target: TargetObject,
) -> tuple[Sequence[ApiObject] | None, Sequence[Finding]]:
    try:
        return await target.pods(), ()
    except SourceError as error:
        return None, [note(f"its pods cannot be seen: {error.message}")]
