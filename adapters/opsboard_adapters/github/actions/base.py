"""What all actions on GitHub share: the client, the payload, permission, cost, and the one POST."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic, TypeVar

import httpx

from opsboard.adapter import (
    Fact,
    Finding,
    Forbidden,
    Misconfigured,
    Permission,
    Permit,
    Plan,
    PreconditionFailed,
    Receipt,
    Request,
    SourceError,
    Throttled,
)
from opsboard.adapter.actions import (
    Action,
    Draft,
    PermissionAnswer,
    ReadContext,
    ReadMemo,
    SendContext,
)
from opsboard.adapter.actions.findings import blocker, facts, warning
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.reader import GitHubReader, RepositoryAccess
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.http.mutations import definite_refusal

MAX_PAID: Final = 2
"""Requests that one look at a running workflow costs of the allowance, at most."""
LOW_BUDGET: Final = 50
"""Requests left at which a plan warns."""
SLOWEST_POLL: Final = 120.0
"""Seconds between two polls at most, however little is left of the allowance."""
_HOUR: Final = 3600.0
_WRITE_SCOPES: Final = frozenset({"repo", "public_repo"})
_ACCEPTED: Final = frozenset({200, 201, 202, 204})
_RUN_DETAILS: Final = "return_run_details"
_PLAN_AGAIN: Final = "look at it, and plan it again"
_CONFLICTS: Final = ("already running", "already in progress")


@dataclass(frozen=True, slots=True)
class GitHubActionClient:
    """What actions talk to GitHub with. *web* is the origin of pages for people.

    *reader* asks for each thing once per plan or look: see :meth:`with_memo`.
    """

    api: GitHubApi
    settings: GitHubSettings
    web: str
    reader: GitHubReader

    def with_memo(self, memo: ReadMemo) -> "GitHubActionClient":
        """Return this client with a reader that shares *memo*."""
        return replace(self, reader=GitHubReader(self.api, memo))


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubPayload:
    """What is sent for a plan: a POST of *body* (JSON) to *path*, below the API's root."""

    repository: str
    path: str
    body: dict[str, Any]


P = TypeVar("P", bound=GitHubPayload)


class GitHubAction(Action[GitHubActionClient, P], Generic[P]):
    """An action that is one POST. Subclasses describe it; permission and cost are added here."""

    names_executor: ClassVar[bool] = True
    precondition_reads: ClassVar[int] = 1
    """Requests that reading the precondition takes, for the fact on what it costs."""

    @abstractmethod
    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[P]:
        """Return the draft, without what the plans of all actions say."""

    @abstractmethod
    def receipt(
        self, ctx: SendContext[GitHubActionClient], payload: P, response: httpx.Response
    ) -> Receipt:
        """Return the receipt for GitHub's *response* to the POST."""

    def request_body(self, plan: Plan, payload: P) -> dict[str, Any]:
        """Return the JSON to send for *plan*."""
        return dict(payload.body)

    async def draft(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[P]:
        draft = await self.describe(ctx, request, values)
        access = await ctx.client.reader.access(draft.payload.repository)
        return replace(
            draft,
            facts=(*draft.facts, *request_cost(ctx.client, self.precondition_reads)),
            findings=(
                *repository_findings(access), *draft.findings, *budget_findings(ctx.client),
            ),
        )  # fmt: skip

    async def permission(
        self, ctx: ReadContext[GitHubActionClient], payload: P
    ) -> PermissionAnswer:
        access = await ctx.client.reader.access(payload.repository)
        return write_permission(access, authenticated=ctx.client.api.limits.authenticated)

    async def send(self, ctx: SendContext[GitHubActionClient], payload: P) -> Receipt:
        body = self.request_body(ctx.plan, payload)
        response = await post(ctx.client.api, payload.path, body, ctx.permit)
        return self.receipt(ctx, payload, response)

    def pace(self, client: GitHubActionClient, unchanged: int) -> float:
        return poll_interval(client)


# --- permission ----------------------------------------------------------------------------------


def write_permission(access: RepositoryAccess, *, authenticated: bool) -> PermissionAnswer:
    """Return whether this login may change runs of a repository, as far as GitHub says so.

    Each response lists the scopes of a classic token. What a fine-grained token or an app may do
    is not shown anywhere: of these, only the permissions of the user are known.
    """
    repository, scopes = access.repository, access.scopes
    may = repository.permissions
    if not authenticated:
        return PermissionAnswer(
            Permission.DENIED, "nobody is logged in: `gh auth login`, or set GH_TOKEN"
        )
    if may is not None and not (may.push or may.admin):
        return PermissionAnswer(
            Permission.DENIED, f"this login may only read {repository.full_name}, and not write"
        )
    if scopes is not None and not scopes & _WRITE_SCOPES:
        has = ", ".join(sorted(scopes)) or "none"
        return PermissionAnswer(Permission.DENIED, f"the token needs the scope repo, and has {has}")
    if scopes is None:
        return PermissionAnswer(
            Permission.UNKNOWN,
            "a fine-grained token or an app does not say what it may: it needs Actions, write",
        )
    if may is None:
        return PermissionAnswer(
            Permission.UNKNOWN, "the server does not say what this login may do"
        )
    return PermissionAnswer(
        Permission.ALLOWED, f"may write {repository.full_name}, by a token with the scope repo"
    )


def repository_findings(access: RepositoryAccess) -> tuple[Finding, ...]:
    """Return why nothing can be run in a repository: it is archived or disabled."""
    repository = access.repository
    if repository.archived:
        return (blocker(f"{repository.full_name} is archived: nothing runs there any more"),)
    if repository.disabled:
        return (blocker(f"{repository.full_name} is disabled by GitHub"),)
    return ()


# --- the cost in requests ------------------------------------------------------------------------


def request_cost(client: GitHubActionClient, reads: int) -> tuple[Fact, ...]:
    """Return the fact on how many requests it takes: *reads* to check again, and one to do it."""
    budget = client.api.limits.budget
    left = f"; {budget.remaining} of {budget.limit} left this hour" if budget else ""
    observing = f"up to {MAX_PAID} every {poll_interval(client):.0f} s to follow it"
    return facts(("requests", f"{reads + 1} to do it, {observing}{left}"))


def budget_findings(client: GitHubActionClient) -> tuple[Finding, ...]:
    """Return a warning where few requests are left."""
    budget = client.api.limits.budget
    if budget is None or budget.remaining >= LOW_BUDGET:
        return ()
    return (warning(f"only {budget.remaining} requests are left until the allowance is renewed"),)


def poll_interval(client: GitHubActionClient) -> float:
    """Return the seconds between two looks that the remaining allowance can pay for."""
    budget, wanted = client.api.limits.budget, client.settings.poll_active
    if budget is None:
        return wanted
    seconds = _HOUR
    if budget.resets_at is not None:
        seconds = max((budget.resets_at - client.api.now()).total_seconds(), 60.0)
    reserve = budget.limit * (1.0 - client.settings.budget_share)
    left = max(budget.remaining - reserve, 1.0)
    return min(max(wanted, MAX_PAID * seconds / left), max(SLOWEST_POLL, wanted))


# --- sending -------------------------------------------------------------------------------------


async def post(api: GitHubApi, path: str, body: dict[str, Any], permit: Permit) -> httpx.Response:
    """POST *body* and return the response, which says that GitHub has accepted it.

    Raises :exc:`PreconditionFailed` where the target has changed, :exc:`OutcomeUnknown` where no
    clear response came, and another :exc:`SourceError` where nothing was done.
    """
    response = await api.post(path, body, permit)
    if response.status_code == 422 and _RUN_DETAILS in body and _RUN_DETAILS in response.text:
        # An older server does not know this key: it has refused the request, and done nothing.
        without = {key: value for key, value in body.items() if key != _RUN_DETAILS}
        response = await api.post(path, without, permit)
    if response.status_code in _ACCEPTED:
        return response
    raise _refusal(api, response)


def _refusal(api: GitHubApi, response: httpx.Response) -> SourceError:
    error = api.error_of(response)
    if isinstance(error, Throttled):
        return Throttled(f"nothing was done: {error.message}", "try again then", error.until)
    if response.status_code == 409 or any(text in error.message for text in _CONFLICTS):
        return PreconditionFailed(f"it has changed since the plan: {error.message}", _PLAN_AGAIN)
    if isinstance(error, Forbidden):
        return _forbidden(error)
    if response.status_code == 422:
        return Misconfigured(f"GitHub does not accept it: {error.message}", _PLAN_AGAIN)
    return definite_refusal(error)


def _forbidden(error: Forbidden) -> Forbidden:
    if "admin rights" in error.message:
        return Forbidden(
            f"this login may not do that: {error.message}",
            "ask for the role Write in that repository, or use a login that has it",
        )
    if "month" in error.message:
        return Forbidden(error.message, "GitHub re-runs for 30 days only: dispatch it, or push")
    return Forbidden(error.message, error.hint)
