"""What all acts on a cluster have in common: an act is told once, as a draft and a request."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsboard.adapter import (
    Caution,
    Difference,
    Fact,
    Fate,
    Form,
    Offer,
    Plan,
    Progress,
    Receipt,
    Request,
    Settlement,
)
from opsboard.adapter.plans import PATIENCE
from opsboard_adapters.kubernetes.act.site import Site, Target
from opsboard_adapters.kubernetes.parse.common import Object
from opsboard_adapters.kubernetes.sending import Sending


@dataclass(frozen=True, slots=True)
class Draft:
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
    cautions: tuple[Caution, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody has to be permitted to do this: verb, resource, and the name of one."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    name: str = ""

    def __str__(self) -> str:
        plural = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {plural}{'/' if self.subresource else ''}{self.subresource}"


class Act(ABC):
    """One of the actions. Holds nothing: what an act is about is handed to it."""

    offer: Offer

    async def form(self, site: Site, target: Target, request: Request) -> Form:
        """Return what it can be told."""
        return Form()

    @abstractmethod
    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        """Return what it would do. Raises :exc:`SourceError` where there is nothing to do."""

    @abstractmethod
    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        """Return what to send to have *payload* done to *target* as it is now.

        It names the resource version of *target* wherever the API takes that, and leaves *mark*.
        Raises :exc:`~opsboard.adapter.Moved` where the payload does not fit any more.
        """

    def right(self, target: Target) -> Right:
        """Return what has to be permitted."""
        resource = target.resource
        return Right("patch", resource.api_group, resource.plural, name=target.name)

    def held(self, target: Target) -> dict[str, str]:
        """Return what has to be the same when it is carried out."""
        return {"uid": target.uid, "generation": str(target.meta.get("generation") or "")}

    def moved(self, plan: Plan, target: Target) -> list[str]:
        """Return what is not any more as *plan* needs it, by name."""
        now = self.held(target)
        return [name for name, value in plan.precondition.items() if now.get(name) != value]

    def not_done(self, plan: Plan, target: Target, message: str) -> Settlement:
        """Return that *target*, which each request names by its version, shows nothing of *plan*.

        What was sent was made for a version at which the precondition held. Where that does not
        hold any more, and where a later look sees another version, the server refuses it.
        """
        final = bool(self.moved(plan, target))
        return Settlement(fate=Fate.NOT_DONE, message=message, final=final, version=target.version)

    async def taken(self, site: Site, plan: Plan) -> Receipt | None:
        """Return the receipt of *plan* where a refusal means that it has been done already."""
        return None

    @abstractmethod
    def receipt(self, site: Site, plan: Plan, answer: Object) -> Receipt:
        """Return the receipt for the server's *answer*."""

    @abstractmethod
    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        """Yield how it goes on, to its verdict."""

    @abstractmethod
    async def settle(self, site: Site, plan: Plan) -> Settlement:
        """Look whether *plan* was carried out."""
