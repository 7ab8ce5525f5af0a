"""Approve or reject the deployments of a run that wait for a review.

https://docs.github.com/en/rest/actions/workflow-runs#review-pending-deployments-for-a-workflow-run
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Finding,
    Form,
    Input,
    NotFound,
    Option,
    Permission,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Verdict,
)
from opsboard.adapter.actions import (
    Draft,
    PermissionAnswer,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.adapter.actions.findings import facts, listed, note, warning
from opsboard.environments.names import UNKNOWN
from opsboard.records import Kind
from opsboard.records.commits import short_sha
from opsboard_adapters.github.actions.base import GitHubAction, GitHubActionClient
from opsboard_adapters.github.actions.deploy_targets import deploy_targets, leading_environment
from opsboard_adapters.github.actions.describe import (
    RunPayload,
    reviewers_of,
    run_facts,
    run_name,
    run_receipt,
    run_ref,
)
from opsboard_adapters.github.actions.history import deployment_history
from opsboard_adapters.github.models import GitHubPendingDeployment, GitHubRun
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.translate import split_id, split_number

ALL: Final = "all"
_COMMENT: Final = Input(
    name="reason", label="comment", help="A comment on the decision, for everybody to read."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPayload(RunPayload):
    """A review of the environments with these *names*."""

    names: tuple[str, ...]


class ReviewDeployment(GitHubAction[ReviewPayload]):
    """Reviews what waits in a run; *state* is GitHub's word for the decision."""

    payload = ReviewPayload
    precondition_reads = 2

    def __init__(self, spec: ActionSpec, state: Literal["approved", "rejected"]) -> None:
        self.spec = spec
        self._state = state

    async def form(self, ctx: ReadContext[GitHubActionClient], request: Request) -> Form:
        repository, number, environment = await _subject(ctx, request)
        waiting = await ctx.client.reader.pending_deployments(repository, number)
        names = [one.environment.name for one in _selected(waiting, environment or ALL)]
        every = [ALL] if len(names) > 1 else []
        options = tuple(Option(value=name) for name in (*every, *names))
        if not options:
            return Form(inputs=(_COMMENT,))
        where = Input(
            name="environment",
            help="Which of those that are waiting.",
            type="choice",
            default=options[0].value,
            required=True,
            options=options,
        )
        return Form(inputs=(where, _COMMENT))

    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[ReviewPayload]:
        repository, number, environment = await _subject(ctx, request)
        run = await ctx.client.reader.run(repository, number)
        waiting = await ctx.client.reader.pending_deployments(repository, number)
        selected = _selected(waiting, values.get("environment") or environment or ALL)
        if not selected:
            raise NotFound(f"nothing in {run_name(run)} waits for approval", "look at it again")
        names = [one.environment.name for one in selected]
        later = await self._unreviewed_targets(ctx, repository, run, waiting)
        return Draft(
            payload=ReviewPayload(
                repository=repository,
                path=f"{run_path(repository, number)}/pending_deployments",
                body={
                    "environment_ids": [one.environment.id for one in selected],
                    "state": self._state,
                    "comment": values["reason"],
                },
                run=run.id,
                names=tuple(names),
            ),
            target=f"{listed(names)} in run {run_name(run)} of {repository}",
            name=run_name(run),
            before="waiting for approval",
            after=self._state,
            environment=leading_environment(ctx, names),
            environments=(*names, *later),
            disruptive=self._state == "approved",
            changes=tuple(
                Difference(group="deployments", name=name, before="waiting", after=self._state)
                for name in names
            ),
            facts=(*run_facts(ctx, run), *facts(("reviewers", listed(_reviewers(selected))))),
            findings=tuple(self._findings(run, later)),
        )

    async def _unreviewed_targets(
        self,
        ctx: ReadContext[GitHubActionClient],
        repository: str,
        run: GitHubRun,
        waiting: Sequence[GitHubPendingDeployment],
    ) -> Sequence[str]:
        """Return where the run goes on to deploy without another review."""
        if self._state == "rejected":
            return ()
        targets = await deploy_targets(ctx, repository, run)
        reviewed = {one.environment.name for one in waiting}
        others = [name for name in targets.names if name not in reviewed]
        known = [(name, await ctx.client.reader.environment(repository, name)) for name in others]
        free = [name for name, one in known if one is None or not reviewers_of(one)]
        return (*free, *([UNKNOWN] if targets.doubts else ()))

    def _findings(self, run: GitHubRun, later: Sequence[str]) -> Sequence[Finding]:
        if self._state == "rejected":
            return [warning("the run fails, and its later jobs are not run")]
        found = [note(f"the jobs that wait begin at once, at {short_sha(run.head_sha)}")]
        if later:
            found.append(note(f"later jobs may deploy to {listed(later)} without another approval"))
        return found

    async def permission(
        self, ctx: ReadContext[GitHubActionClient], payload: ReviewPayload
    ) -> PermissionAnswer:
        """Return whether this login is among the reviewers, which GitHub says."""
        waiting = await ctx.client.reader.pending_deployments(payload.repository, payload.run)
        selected = [one for one in waiting if one.environment.name in payload.names]
        who = listed(_reviewers(selected)) or "others"
        if any(one.current_user_can_approve is False for one in selected):
            return PermissionAnswer(
                Permission.DENIED, f"this login is no reviewer: {who} are asked"
            )
        if all(one.current_user_can_approve for one in selected):
            return PermissionAnswer(Permission.ALLOWED, "this login is one of the reviewers")
        return PermissionAnswer(
            Permission.UNKNOWN, f"the server does not say whether this login may: {who} are asked"
        )

    async def precondition(
        self, ctx: ReadContext[GitHubActionClient], payload: ReviewPayload
    ) -> Mapping[str, str]:
        """Return the attempt, and the ids of the reviewed environments that wait."""
        run = await ctx.client.reader.run(payload.repository, payload.run)
        waiting = await _waiting_ids(ctx, payload)
        wanted = [number for number in payload.body["environment_ids"] if number in waiting]
        return {
            "attempt": str(run.run_attempt or 1),
            "environments": ",".join(map(str, wanted)),
        }

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        return PreconditionFailed(
            f"{plan.target} does not wait for approval any more", "see who has decided"
        )

    def request_body(self, plan: Plan, payload: ReviewPayload) -> dict[str, Any]:
        """Return the review, with a mark in its comment by which it is recognised."""
        comment = f"{payload.body['comment']} ({_mark(plan)})".strip()
        return {**payload.body, "comment": comment}

    def receipt(
        self,
        ctx: SendContext[GitHubActionClient],
        payload: ReviewPayload,
        response: httpx.Response,
    ) -> Receipt:
        message = f"{listed(payload.names)}: {self._state}"
        return run_receipt(ctx, payload.repository, payload.run, message)

    async def observe(
        self, ctx: PlanContext[GitHubActionClient], payload: ReviewPayload, receipt: Receipt
    ) -> Progress:
        """Wait until the review has taken effect; after an approval, not for the run to end."""
        run = await ctx.client.reader.run(payload.repository, payload.run)
        ref = run_ref(ctx, payload.repository, payload.run)
        if await _waiting_ids(ctx, payload) & set(payload.body["environment_ids"]):
            return Progress(message="decided, and still waiting", produced=ref)
        if self._state == "rejected" and run.status != "completed":
            return Progress(message=f"rejected; the run is still {run.status}", produced=ref)
        state = f"ended: {run.conclusion}" if run.status == "completed" else f"is {run.status}"
        return Progress(
            message=f"{self._state}: the run {state}", verdict=Verdict.SUCCEEDED, produced=ref
        )

    async def reconcile(
        self, ctx: PlanContext[GitHubActionClient], payload: ReviewPayload
    ) -> ReconcileResult:
        reviews = await ctx.client.reader.approvals(payload.repository, payload.run)
        if any(_mark(ctx.plan) in (one.comment or "") for one in reviews):
            message = f"{ctx.plan.target}: {self._state}, as planned"
            receipt = run_receipt(ctx, payload.repository, payload.run, message)
            return ReconcileResult(outcome=ReconcileOutcome.DONE, message=message, receipt=receipt)
        message = "no decision on it has the mark of this plan"
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message)


async def _subject(
    ctx: ReadContext[GitHubActionClient], request: Request
) -> tuple[str, object, str]:
    """Return the repository, the run that waits, and for a deployment its environment."""
    if request.ref.kind is Kind.BUILD:
        return (*split_number(request.ref.id), "")
    repository, environment = split_id(request.ref.id)
    latest = (await deployment_history(ctx, request.ref)).pending_and_current
    number = next((one.run for one in latest if not one.has_begun and one.run), None)
    if number is None:
        raise NotFound(f"no deployment to {environment} of {repository} waits for approval")
    return repository, number, environment


async def _waiting_ids(
    ctx: ReadContext[GitHubActionClient], payload: ReviewPayload
) -> frozenset[int]:
    waiting = await ctx.client.reader.pending_deployments(payload.repository, payload.run)
    return frozenset(one.environment.id for one in waiting)


def _mark(plan: Plan) -> str:
    return f"opsboard {plan.id}"


def _selected(
    waiting: Sequence[GitHubPendingDeployment], wanted: str
) -> Sequence[GitHubPendingDeployment]:
    return [one for one in waiting if wanted in {ALL, one.environment.name}]


def _reviewers(waiting: Sequence[GitHubPendingDeployment]) -> Sequence[str]:
    return list(dict.fromkeys(who.name for one in waiting for who in one.reviewers or ()))
