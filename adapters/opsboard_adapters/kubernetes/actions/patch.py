"""What the acts that patch an object have in common: the mark that they leave, and its use."""

from opsboard.adapter import NotFound, Plan, Receipt, ReconcileOutcome, ReconcileResult, SourceError
from opsboard.records import Ref
from opsboard_adapters.kubernetes.actions.base import KubernetesAction
from opsboard_adapters.kubernetes.actions.target import (
    PLAN_ANNOTATION,
    RESOURCES,
    ClusterConnection,
    TargetObject,
    ref_of,
    target_of,
)
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.protocol import MERGE_PATCH, ChangeRequest
from opsboard_adapters.kubernetes.revisions import revision_objects


def merge_patch(target: TargetObject, mark: str, *, spec: ApiObject) -> ChangeRequest:
    """Return a merge patch of the spec of *target*, for this very version of it."""
    metadata = {"resourceVersion": target.version, "annotations": {PLAN_ANNOTATION: mark}}
    return ChangeRequest("PATCH", target.path, {"metadata": metadata, "spec": spec}, MERGE_PATCH)


class PatchAction(KubernetesAction):
    """An act that patches its target, and leaves the plan's id on it as an annotation."""

    def receipt(self, site: ClusterConnection, plan: Plan, answer: ApiObject) -> Receipt:
        meta = answer.get("metadata") or {}
        return Receipt(
            message=f"{plan.target}: {plan.before} -> {plan.after}",
            reference=str(meta.get("resourceVersion") or ""),
            produced=ref_of_plan(site, plan),
        )

    async def reconcile(self, site: ClusterConnection, plan: Plan) -> ReconcileResult:
        try:
            target = await target_of(site, plan)
        except NotFound:
            gone = f"{plan.target} is gone: whether it was changed before is not known"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=gone)
        return await self._settled(site, plan, target)

    async def _settled(
        self, site: ClusterConnection, plan: Plan, target: TargetObject
    ) -> ReconcileResult:
        if target.uid != plan.payload["uid"]:
            said = f"{plan.target} is another one of that name by now"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=said)
        if await self.is_done(site, plan, target):
            receipt = self.receipt(site, plan, target.item)
            return ReconcileResult(
                outcome=ReconcileOutcome.DONE, message=f"{plan.target} was changed", receipt=receipt
            )
        if target.mark != plan.payload.get("mark", ""):
            said = f"{plan.target} was changed by another plan since: whether by this is not known"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=said)
        if self.shows(target):
            said = f"{plan.target} is as planned, and bears no mark: by whom is not known"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=said)
        return self.not_done(plan, target, f"{plan.target} bears no mark of it")

    def shows(self, target: TargetObject) -> bool:
        """Tell whether *target* is as it would be now, where no history tells by whom."""
        return False

    async def is_done(self, site: ClusterConnection, plan: Plan, target: TargetObject) -> bool:
        """Tell whether *target* shows that *plan* was carried out."""
        return target.mark == plan.id


def ref_of_plan(site: ClusterConnection, plan: Plan) -> Ref:
    """Return the record of what *plan* is about."""
    resource = RESOURCES[str(plan.payload["resource"])]
    return ref_of(site, resource, str(plan.payload["namespace"]), str(plan.payload["name"]))


async def left_its_mark(site: ClusterConnection, plan: Plan, target: TargetObject) -> bool:
    """Tell whether a revision of *target* bears the mark of *plan*.

    The deployment controller copies the annotations of a Deployment to its ReplicaSet, so that
    the mark is there even where a later change took it off the Deployment.
    """
    try:
        kept = await revision_objects(site.client, target.resource, target.item)
    except SourceError:
        return False
    return any(
        (one["metadata"].get("annotations") or {}).get(PLAN_ANNOTATION) == plan.id for one in kept
    )
