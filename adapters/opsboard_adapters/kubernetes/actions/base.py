"""What all actions on a cluster have in common: access review, dry run, resource version.

An action says in :meth:`KubernetesAction.change_request` what is sent; the same request is the dry
run of the plan and, with a permit, the change.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, TypeVar

from opsboard.adapter import (
    NotFound,
    Permission,
    Plan,
    PreconditionFailed,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Unsupported,
)
from opsboard.adapter.actions import (
    Action,
    PermissionAnswer,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard_adapters.kubernetes.actions.target import (
    ActionClusters,
    TargetObject,
    TargetPayload,
)
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.permissions import access_review
from opsboard_adapters.kubernetes.protocol import MERGE_PATCH, ChangeRequest, RefusedError
from opsboard_adapters.kubernetes.resources import WORKLOADS, ApiResource

P = TypeVar("P", bound=TargetPayload)

Reading = ReadContext[ActionClusters]
Planned = PlanContext[ActionClusters]
Sending = SendContext[ActionClusters]


@dataclass(frozen=True, slots=True)
class ResourceAttributes:
    """What a login needs to be permitted: the attributes of a SelfSubjectAccessReview."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    name: str = ""

    def __str__(self) -> str:
        plural = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {plural}{'/' if self.subresource else ''}{self.subresource}"


class KubernetesAction(Action[ActionClusters, P]):
    """An action that sends one :class:`.ChangeRequest` for one object.

    *acts_on* are the resources that its target may be of.
    """

    acts_on: ClassVar[Sequence[ApiResource]] = tuple(WORKLOADS.values())

    @abstractmethod
    async def change_request(self, target: TargetObject, payload: P, plan_id: str) -> ChangeRequest:
        """Return what to send to have *payload* done to *target* as it is now.

        It names the resource version of *target* wherever the API takes one, and leaves *plan_id*
        as a mark. Raises :exc:`~opsboard.adapter.PreconditionFailed` where the payload does not fit
        any more.
        """

    @abstractmethod
    def receipt(self, target: TargetObject, plan: Plan, answer: ApiObject) -> Receipt:
        """Return the receipt for the server's *answer*."""

    def resource_attributes(self, resource: ApiResource, name: str) -> ResourceAttributes:
        """Return what the login needs to be permitted; by default to patch the target.

        The target is the object called *name* of *resource*, one of :attr:`acts_on`. The page of
        the permissions is made of these (:mod:`opsboard_adapters.kubernetes.rights`).
        """
        return ResourceAttributes("patch", resource.api_group, resource.plural, name=name)

    def precondition_of(self, target: TargetObject) -> dict[str, str]:
        """Return what must be the same when the change is sent; by default object and spec."""
        return {"uid": target.uid, "generation": str(target.meta.get("generation") or "")}

    async def already_done(self, ctx: Planned, payload: P) -> Receipt | None:
        """Return the receipt where a refusal means that this very plan was carried out before."""
        return None

    # --- what the toolkit asks -------------------------------------------------------------------

    async def precondition(self, ctx: Reading, payload: P) -> Mapping[str, str]:
        return self.precondition_of(await ctx.client.find(payload))

    async def version(self, ctx: Reading, payload: P) -> str:
        return (await ctx.client.find(payload)).version

    async def permission(self, ctx: Reading, payload: P) -> PermissionAnswer:
        target = await ctx.client.find(payload)
        attributes = self.resource_attributes(target.resource, target.name)
        asked = {**asdict(attributes), "namespace": target.namespace}
        status = await access_review(target.connection.client, asked)
        if status.get("allowed"):
            note = f"{attributes} in {target.namespace}"
            return PermissionAnswer(Permission.ALLOWED, note)
        reason = f" ({status['reason']})" if status.get("reason") else ""
        note = f"ask for {attributes} in namespace {target.namespace}{reason}"
        return PermissionAnswer(Permission.DENIED, note)

    async def dry_run(self, ctx: Reading, payload: P) -> str:
        """Send the change as a server-side dry run.

        An admission webhook without support for dry runs refuses those, and not the change itself:
        that raises :exc:`Unsupported`.
        """
        target = await ctx.client.find(payload)
        request = await self.change_request(target, payload, ctx.plan_id)
        try:
            await target.connection.client.dry_run(request)
        except RefusedError as refusal:
            if "dry run" in refusal.message or "dryRun" in refusal.message:
                raise Unsupported(refusal.message) from None
            raise
        return "accepted by the server"

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        changed = [name for name, value in plan.precondition.items() if now.get(name) != value]
        what = "is a new object of that name" if "uid" in changed else "was changed"
        return PreconditionFailed(f"{plan.target} {what} since the plan was made", "plan it again")

    async def send(self, ctx: Sending, payload: P) -> Receipt:
        target = await ctx.client.find(payload)
        request = await self.change_request(target, payload, ctx.plan_id)
        try:
            answer = await target.connection.client.send_change(request, ctx.permit)
        except RefusedError:
            if (receipt := await self.already_done(ctx, payload)) is not None:
                return receipt
            raise
        return self.receipt(target, ctx.plan, answer)


class PatchAction(KubernetesAction[P]):
    """An action that patches its target, and leaves the plan's id on it as an annotation."""

    def receipt(self, target: TargetObject, plan: Plan, answer: ApiObject) -> Receipt:
        meta = answer.get("metadata") or {}
        return Receipt(
            message=f"{plan.target}: {plan.change('->')}",
            reference=str(meta.get("resourceVersion") or ""),
            produced=target.ref,
        )

    async def is_done(self, target: TargetObject, payload: P, plan: Plan) -> bool:
        """Return whether *target* shows that *plan* was carried out; by default by its mark."""
        return target.mark == plan.id

    def looks_done(self, target: TargetObject) -> bool:
        """Return whether *target* is as planned although it has no mark."""
        return False

    async def reconcile(self, ctx: Planned, payload: P) -> ReconcileResult:
        plan = ctx.plan
        try:
            target = await ctx.client.find(payload)
        except NotFound:
            return unknown(f"{plan.target} is gone: whether it was changed before is not known")
        return await self.reconcile_target(target, payload, plan)

    async def reconcile_target(
        self, target: TargetObject, payload: P, plan: Plan
    ) -> ReconcileResult:
        """Return what became of *plan* by its *target*, which is there."""
        if target.uid != payload.uid:
            return unknown(f"{plan.target} is a new object of that name by now")
        if await self.is_done(target, payload, plan):
            return done(f"{plan.target} was changed", self.receipt(target, plan, target.item))
        if target.mark != payload.mark:
            return unknown(
                f"{plan.target} was changed by another plan since: whether by this is not known"
            )
        if self.looks_done(target):
            return unknown(f"{plan.target} is as planned, and has no mark: by whom is not known")
        return not_done(f"{plan.target} has no mark of it")


def done(message: str, receipt: Receipt) -> ReconcileResult:
    return ReconcileResult(outcome=ReconcileOutcome.DONE, message=message, receipt=receipt)


def not_done(message: str) -> ReconcileResult:
    return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message)


def unknown(message: str) -> ReconcileResult:
    return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)


def merge_patch(target: TargetObject, plan_id: str, *, spec: ApiObject) -> ChangeRequest:
    """Return a merge patch of the spec of *target*, for its present resource version alone."""
    metadata = {"resourceVersion": target.version, "annotations": {PLAN_ANNOTATION: plan_id}}
    return ChangeRequest("PATCH", target.path, {"metadata": metadata, "spec": spec}, MERGE_PATCH)
