"""From a request to a plan: drafted, permitted or not, and rehearsed by the server."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from opsboard.adapter import (
    Finding,
    Permission,
    Plan,
    Request,
    Severity,
    SourceError,
)
from opsboard_adapters.kubernetes.actions.base import (
    KubernetesAction,
    KubernetesDraft,
    ResourceAttributes,
)
from opsboard_adapters.kubernetes.actions.findings import blocker, note, warning
from opsboard_adapters.kubernetes.actions.target import (
    ClusterConnection,
    TargetObject,
    find,
    not_of_the_form,
)
from opsboard_adapters.kubernetes.permissions import access_review
from opsboard_adapters.kubernetes.protocol import RefusedError


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What the server says of something that has not been done yet."""

    permission: Permission = Permission.UNKNOWN
    note: str = ""
    dry_run: str = ""
    findings: tuple[Finding, ...] = ()


async def plan_of(
    site: ClusterConnection, act: KubernetesAction, target: TargetObject, request: Request
) -> Plan:
    """Return the plan of *request*. Reads, reviews and dry runs only."""
    values = await _values(site, act, target, request)
    draft = await act.draft(site, target, values)
    mark = uuid4().hex
    payload = {**target.address, "cluster": site.cluster.name, **draft.payload}
    permission, told = await _permission(site, act.resource_attributes(target), target.namespace)
    word = ServerAnswer(permission, told, _why_not_rehearsed(permission, draft))
    if not word.dry_run:
        word = await _rehearsed(word, lambda: _rehearse(site, act, target, payload, mark))
    return Plan(
        id=mark,
        made_at=site.now(),
        action=act.offer.id,
        title=act.offer.title,
        ref=request.ref,
        executor="" if request.ref.source == site.cluster.source else site.cluster.source,
        target=target.title(site.cluster),
        name=target.name,
        environment=site.cluster.environment(target.namespace),
        environments=site.cluster.environments(target.namespace),
        disruptive=act.offer.disruptive,
        before=draft.before,
        after=draft.after,
        origin=draft.origin,
        destination=draft.destination,
        about_destination=draft.about_destination,
        target_id=target.uid,
        changes=draft.changes,
        facts=draft.facts,
        findings=(*draft.findings, *word.findings),
        permission=word.permission,
        permission_note=word.note,
        dry_run=word.dry_run,
        values=values,
        precondition=act.precondition(target),
        payload=payload,
        timeout=draft.patience,
    )


async def _values(
    site: ClusterConnection, act: KubernetesAction, target: TargetObject, request: Request
) -> dict[str, str]:
    form = await act.form(site, target, request)
    if faults := form.faults(request.values):
        raise not_of_the_form(faults)
    return form.filled(request.values)


def _why_not_rehearsed(permission: Permission, draft: KubernetesDraft) -> str:
    if permission is Permission.DENIED:
        return "not rehearsed: it is not permitted"
    blocked = any(finding.severity is Severity.BLOCKER for finding in draft.findings)
    return "not rehearsed: it cannot be carried out" if blocked else ""


async def _rehearse(
    site: ClusterConnection,
    act: KubernetesAction,
    target: TargetObject,
    payload: Mapping[str, Any],
    mark: str,
) -> None:
    """Have the server rehearse it; once more where its status moved in between."""
    for last in (False, False, True):
        try:
            await site.client.dry_run(await act.change_request(site, target, payload, mark))
        except RefusedError as refusal:
            now = await find(site, target.resource, target.namespace, target.name)
            if last or not refusal.is_conflict or now.version == target.version:
                raise
            target = now
        else:
            return


async def _rehearsed(word: ServerAnswer, dry_run: Callable[[], Awaitable[None]]) -> ServerAnswer:
    """Return *word* with what the server says to a dry run."""
    try:
        await dry_run()
    except RefusedError as refusal:
        return _refused(word, refusal)
    except SourceError as error:
        said = f"could not be rehearsed: {error.message}"
        return replace(word, dry_run=said, findings=(warning(said),))
    return replace(word, dry_run="the server would take it")


def _refused(word: ServerAnswer, refusal: RefusedError) -> ServerAnswer:
    """Return what a refused dry run means: a webhook without dry runs says nothing of the act."""
    if "dry run" in refusal.message or "dryRun" in refusal.message:
        said = f"cannot be rehearsed here: {refusal.message}"
        return replace(word, dry_run=said, findings=(note(said),))
    said = f"the server would refuse it: {refusal.message}"
    return replace(word, dry_run=said, findings=(blocker(said),))


async def _permission(
    site: ClusterConnection, right: ResourceAttributes, namespace: str
) -> tuple[Permission, str]:
    asked = {**asdict(right), "namespace": namespace}
    try:
        status = await access_review(site.client, asked)
    except SourceError as error:
        return Permission.UNKNOWN, f"cannot be asked: {error.message}"
    if status.get("allowed"):
        return Permission.ALLOWED, f"{right} in {namespace}"
    said = f" ({status['reason']})" if status.get("reason") else ""
    return Permission.DENIED, f"ask for {right} in namespace {namespace}{said}"
