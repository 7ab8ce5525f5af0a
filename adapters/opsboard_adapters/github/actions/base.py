"""What all acts on GitHub have in common: one request, planned, looked at again, followed."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Fact,
    Finding,
    Form,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
)
from opsboard.adapter.plans import DEFAULT_TIMEOUT
from opsboard.environments.names import UNKNOWN
from opsboard.records import Kind, Ref
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.permission import Permitted


@dataclass(frozen=True, slots=True)
class GitHubDraft:
    """What an act would do; *path* and *body* are what is sent to have it done.

    *environments* are as :class:`~opsboard.adapter.Plan` has them, called as GitHub calls them.
    *origin* and *destination* are what the versions are known by, as it has them, too.
    *permitted* is set where GitHub tells more of the permission than of the repository.
    """

    repository: str
    target: str
    name: str
    path: str
    body: Mapping[str, Any]
    precondition: Mapping[str, str]
    before: str = ""
    after: str = ""
    origin: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    environment: str = ""
    environments: tuple[str, ...] = (UNKNOWN,)
    disruptive: bool = False
    changes: tuple[Difference, ...] = ()
    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
    patience: float = DEFAULT_TIMEOUT
    permitted: Permitted | None = None


class GitHubAction(ABC):
    """One of the actions. Holds nothing: what an act is about is handed to it."""

    offer: ActionSpec
    reads: ClassVar[int] = 1
    """Requests with which it is looked again whether the precondition holds."""

    async def form(self, site: GitHubContext, request: Request) -> Form:
        """Return what it can be told."""
        return Form()

    @abstractmethod
    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        """Return what it would do. Raises :exc:`SourceError` where there is nothing to do."""

    def body(self, plan: Plan) -> dict[str, Any]:
        """Return what is sent for *plan*."""
        return dict(plan.payload["body"])

    @abstractmethod
    async def check(self, site: GitHubContext, plan: Plan) -> None:
        """Raise :exc:`PreconditionFailed` where the precondition of *plan* does not hold any
        more."""

    @abstractmethod
    def receipt(self, site: GitHubContext, plan: Plan, answer: httpx.Response) -> Receipt:
        """Return the receipt for GitHub's *answer*."""

    @abstractmethod
    def observe(
        self, site: GitHubContext, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        """Yield how it goes on, to its verdict."""

    @abstractmethod
    async def reconcile(self, site: GitHubContext, plan: Plan) -> ReconcileResult:
        """Look whether *plan* was carried out."""


def build_ref(site: GitHubContext, repository: str, number: object) -> Ref:
    """Return the identity of a run on the board."""
    return Ref(site.context.name, Kind.BUILD, f"{repository}/{number}")
