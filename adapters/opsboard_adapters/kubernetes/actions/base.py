"""What all acts on a cluster have in common: an act is told once, as a draft and a request."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Fact,
    Finding,
    Form,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
)
from opsboard.adapter.plans import DEFAULT_TIMEOUT
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.protocol import ChangeRequest


@dataclass(frozen=True, slots=True)
class KubernetesDraft:
    """What an act would do to a target, before the server has been asked about it.

    *origin*, *destination* and *about_destination* are as :class:`~opsboard.adapter.Plan` has them.
    """

    before: str
    after: str
    origin: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    about_destination: tuple[str, ...] = ()
    changes: tuple[Difference, ...] = ()
    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    patience: float = DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True)
class ResourceAttributes:
    """What somebody has to be permitted to do this: verb, resource, and the name of one."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    name: str = ""

    def __str__(self) -> str:
        plural = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {plural}{'/' if self.subresource else ''}{self.subresource}"


class KubernetesAction(ABC):
    """One of the actions. Holds nothing: what an act is about is handed to it."""

    offer: ActionSpec

    async def form(self, site: ClusterConnection, target: TargetObject, request: Request) -> Form:
        """Return what it can be told."""
        return Form()

    @abstractmethod
    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        """Return what it would do. Raises :exc:`SourceError` where there is nothing to do."""

    @abstractmethod
    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        """Return what to send to have *payload* done to *target* as it is now.

        It names the resource version of *target* wherever the API takes that, and leaves *mark*.
        Raises :exc:`~opsboard.adapter.PreconditionFailed` where the payload does not fit any more.
        """

    def resource_attributes(self, target: TargetObject) -> ResourceAttributes:
        """Return what has to be permitted."""
        resource = target.resource
        return ResourceAttributes("patch", resource.api_group, resource.plural, name=target.name)

    def precondition(self, target: TargetObject) -> dict[str, str]:
        """Return what has to be the same when it is carried out."""
        return {"uid": target.uid, "generation": str(target.meta.get("generation") or "")}

    def changed_since(self, plan: Plan, target: TargetObject) -> list[str]:
        """Return what is not any more as *plan* needs it, by name."""
        now = self.precondition(target)
        return [name for name, value in plan.precondition.items() if now.get(name) != value]

    def not_done(self, plan: Plan, target: TargetObject, message: str) -> ReconcileResult:
        """Return that *target*, which each request names by its version, shows nothing of *plan*.

        What was sent was made for a version at which the precondition held. Where that does not
        hold any more, and where a later look sees another version, the server refuses it.
        """
        final = bool(self.changed_since(plan, target))
        return ReconcileResult(
            outcome=ReconcileOutcome.NOT_DONE, message=message, final=final, version=target.version
        )

    async def already_done(self, site: ClusterConnection, plan: Plan) -> Receipt | None:
        """Return the receipt of *plan* where a refusal means that it has been done already."""
        return None

    @abstractmethod
    def receipt(self, site: ClusterConnection, plan: Plan, answer: ApiObject) -> Receipt:
        """Return the receipt for the server's *answer*."""

    @abstractmethod
    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        """Yield how it goes on, to its verdict."""

    @abstractmethod
    async def reconcile(self, site: ClusterConnection, plan: Plan) -> ReconcileResult:
        """Look whether *plan* was carried out."""
