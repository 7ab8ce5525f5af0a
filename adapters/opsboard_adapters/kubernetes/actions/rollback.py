"""The patches that roll a workload back: those of ``kubectl rollout undo``, for one version of it.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollback.go`` (1.36).

Rolling a workload back to one of its revisions, with the result of ``kubectl rollout undo``.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollback.go`` (1.36).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

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
    Unsupported,
)
from opsboard_adapters.kubernetes.actions import findings, rollout_watch
from opsboard_adapters.kubernetes.actions.base import KubernetesDraft
from opsboard_adapters.kubernetes.actions.patch import PatchAction, left_its_mark
from opsboard_adapters.kubernetes.actions.pod_template import differences, template_digest
from opsboard_adapters.kubernetes.actions.specs import ROLLBACK
from opsboard_adapters.kubernetes.actions.target import (
    PLAN_ANNOTATION,
    ClusterConnection,
    TargetObject,
)
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.parse.workloads import commit_of, parse_workload, rollout_status
from opsboard_adapters.kubernetes.protocol import JSON_PATCH, STRATEGIC_PATCH, ChangeRequest
from opsboard_adapters.kubernetes.revisions import (
    REVISION_HISTORY_ANNOTATION,
    RevisionHealth,
    WorkloadRevision,
    last_healthy,
    list_pods,
    list_revisions,
    list_revisions_with_health,
)
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
"""Annotations that stay a Deployment's own; all others become those of the revision."""


def deployment_patch(target: TargetObject, revision: WorkloadRevision, mark: str) -> ChangeRequest:
    """Return the JSON patch that makes the template of a ReplicaSet that of its Deployment."""
    own = target.meta.get("annotations") or {}
    kept = {key: value for key, value in own.items() if key in KEPT_ANNOTATIONS}
    theirs = {k: v for k, v in revision.annotations.items() if k not in KEPT_ANNOTATIONS}
    patch = [
        {"op": "test", "path": "/metadata/uid", "value": target.uid},
        {"op": "test", "path": "/metadata/resourceVersion", "value": target.version},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
        {
            "op": "add",
            "path": "/metadata/annotations",
            "value": {**kept, **theirs, PLAN_ANNOTATION: mark},
        },
    ]
    return ChangeRequest("PATCH", target.path, patch, JSON_PATCH)


def controller_revision_patch(
    target: TargetObject, revision: WorkloadRevision, mark: str
) -> ChangeRequest:
    """Return the patch that a ControllerRevision holds, for this very version of its workload."""
    metadata = {
        "uid": target.uid,
        "resourceVersion": target.version,
        "annotations": {PLAN_ANNOTATION: mark},
    }
    data = revision.object.get("data") or {}
    return ChangeRequest("PATCH", target.path, {**data, "metadata": metadata}, STRATEGIC_PATCH)


class RollbackWorkload(PatchAction):
    """Back to a revision: by default the last one that was healthy."""

    offer = ROLLBACK

    async def form(self, site: ClusterConnection, target: TargetObject, request: Request) -> Form:
        revisions = await list_revisions_with_health(site, target)
        if all(one.current for one in revisions):
            raise Unsupported(f"{target.title(site.cluster)} has no other revision")
        default = last_healthy(revisions)
        to = Input(
            name="to",
            label="to revision",
            type="choice",
            default=str(default.number) if default else "",
            required=True,
            options=tuple(_option(site, one) for one in revisions),
        )
        return Form(inputs=(to,))

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        revisions = await list_revisions_with_health(site, target)
        wanted = next((one for one in revisions if str(one.number) == values["to"]), None)
        if wanted is None:
            raise NotFound(f"{target.title(site.cluster)} has no revision {values['to']}")
        current = next((one for one in revisions if one.current), None)
        return KubernetesDraft(
            before=f"revision {current.number}" if current else "no revision yet",
            after=f"revision {wanted.number}",
            origin=current.identifiers if current else (),
            destination=wanted.identifiers,
            about_destination=tuple(one.text for one in _of_the_revision(wanted)),
            changes=differences(target.template, wanted.template),
            facts=_facts(site, target, wanted),
            findings=tuple(await _cautions(site, target, wanted)),
            payload={
                "revision": wanted.meta["name"],
                "revision_uid": wanted.meta["uid"],
                "digest": wanted.digest,
            },
            patience=rollout_watch.patience(target),
        )

    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        for one in await list_revisions(site, target):
            if (one.meta["name"], one.meta["uid"]) == (
                payload["revision"],
                payload["revision_uid"],
            ):
                if one.digest != payload["digest"]:
                    break
                deployment = target.resource.kind == "Deployment"
                return (deployment_patch if deployment else controller_revision_patch)(
                    target, one, mark
                )
        raise PreconditionFailed(
            f"the revision of {target.title(site.cluster)} is not there any more as planned"
        )

    def precondition(self, target: TargetObject) -> dict[str, str]:
        return {**super().precondition(target), "template": template_digest(target.template)}

    async def is_done(self, site: ClusterConnection, plan: Plan, target: TargetObject) -> bool:
        return target.mark == plan.id or await left_its_mark(site, plan, target)

    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return rollout_watch.observe(site, plan, _overtaken)


def _overtaken(plan: Plan, target: TargetObject) -> str:
    if template_digest(target.template) == plan.payload["digest"]:
        return ""
    return "its template was changed again by somebody else"


def _option(site: ClusterConnection, one: WorkloadRevision) -> Option:
    parts = (
        "current" if one.current else "",
        _health(one),
        _age(site, one),
        one.images,
        one.cause,
    )
    return Option(
        value=str(one.number),
        label=f"revision {one.number}",
        note=", ".join(part for part in parts if part),
    )


def _health(one: WorkloadRevision) -> str:
    return (
        f"{one.health} ({one.why})" if one.health is not RevisionHealth.UNKNOWN else str(one.health)
    )


def _age(site: ClusterConnection, one: WorkloadRevision) -> str:
    made = format_age(site.cluster.time(one.meta.get("creationTimestamp")), site.now())
    return f"{made} old" if made else ""


def _facts(
    site: ClusterConnection, target: TargetObject, wanted: WorkloadRevision
) -> tuple[Fact, ...]:
    record = parse_workload(site.cluster, target.resource.kind, target.workload)
    told = {
        f"revision {wanted.number}": _health(wanted),
        "its age": _age(site, wanted).removesuffix(" old"),
        "its images": wanted.images,
        "its change cause": wanted.cause,
        "its commit": commit_of(wanted.workload),
        "replicas": str(record.desired),
        "pods that are replaced": str(record.desired),
    }
    return tuple(Fact(label=label, value=value) for label, value in told.items() if value)


async def _cautions(
    site: ClusterConnection, target: TargetObject, wanted: WorkloadRevision
) -> Sequence[Finding]:
    labels = dict((wanted.template.get("metadata") or {}).get("labels") or {})
    (pods, said), autoscalers, budgets, gone = await asyncio.gather(
        _shown_pods(site, target),
        findings.autoscalers(site, target, scaling=False),
        findings.disruption_budgets(site, target, labels),
        findings.missing_references(site, target.namespace, wanted.template),
    )
    return [
        *_against(target, wanted),
        *_of_the_revision(wanted),
        *findings.managed_by(target),
        *findings.update_strategy(target, pods or ()),
        *autoscalers,
        *budgets,
        *findings.not_rolled_back(wanted.template),
        *gone,
        *_images(wanted, pods),
        *said,
    ]


def _against(target: TargetObject, wanted: WorkloadRevision) -> list[Finding]:
    """Return what makes it impossible, as it does for kubectl."""
    if target.spec.get("paused"):
        return [findings.blocker("it is paused: resume it first")]
    if wanted.digest == template_digest(target.template):
        text = f"the template already matches revision {wanted.number}: nothing would change"
        return [findings.blocker(text)]
    judgement = rollout_status(target.resource.kind, target.workload)
    if judgement.done:
        return []
    return [findings.note(f"a roll-out is under way, and is left: {judgement.message}")]


def _of_the_revision(wanted: WorkloadRevision) -> list[Finding]:
    if wanted.health is RevisionHealth.NEVER:
        text = f"revision {wanted.number} itself never became healthy: {wanted.why}"
        return [findings.warning(text)]
    if wanted.health is RevisionHealth.UNKNOWN:
        text = f"whether revision {wanted.number} was ever healthy cannot be known: {wanted.why}"
        return [findings.note(text)]
    return []


def _images(wanted: WorkloadRevision, pods: Sequence[ApiObject] | None) -> list[Finding]:
    """Return a note on images that no pod of the workload has: they have to be pulled again."""
    if pods is None:
        return []
    running = {
        container.get("image")
        for pod in pods
        for container in (pod.get("spec") or {}).get("containers") or ()
    }
    unused = [image for image in wanted.images.split(", ") if image not in running]
    return [
        findings.note(f"no pod of it runs {image} now: it has to be in the registry still")
        for image in unused
    ]


async def _shown_pods(
    site: ClusterConnection, target: TargetObject
) -> tuple[Sequence[ApiObject] | None, Sequence[Finding]]:
    try:
        return await list_pods(site, target), ()
    except SourceError as error:
        return None, [findings.note(f"its pods cannot be seen: {error.message}")]
