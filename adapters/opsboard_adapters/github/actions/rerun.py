"""Re-run a run: all of its jobs, those that failed, or one job.

https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import httpx

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Finding,
    Form,
    Input,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
)
from opsboard.adapter.actions import Draft, PlanContext, ReadContext, SendContext
from opsboard.adapter.actions.findings import blocker, listed, not_ended, note
from opsboard.records import Kind
from opsboard_adapters.github.actions.base import GitHubAction, GitHubActionClient
from opsboard_adapters.github.actions.deploy_targets import (
    deploy_targets,
    environments_touched,
    leading_environment,
)
from opsboard_adapters.github.actions.describe import (
    RUN_TIMEOUT,
    RunPayload,
    attempt_of,
    attempt_reference,
    commit_names,
    rerun_findings,
    rerun_rights,
    run_facts,
    run_name,
    run_receipt,
    run_state,
    run_state_text,
)
from opsboard_adapters.github.actions.run_progress import run_progress
from opsboard_adapters.github.models import GitHubJob, GitHubRun
from opsboard_adapters.github.reader import job_path, run_path
from opsboard_adapters.github.status_map import state_of
from opsboard_adapters.github.translate import split_number

_SUCCESSFUL: Final = frozenset({"success", "neutral", "skipped"})
DEBUG: Final = Input(
    name="debug", label="debug logging", help="Log each step in detail.", type="boolean",
    default="false",
)  # fmt: skip


R = TypeVar("R", bound=RunPayload)


class RerunAction(GitHubAction[R], Generic[R]):
    """An action that adds an attempt to a run, and is observed by that attempt."""

    accepted = "GitHub has accepted it"
    """The receipt's message."""

    async def precondition(
        self, ctx: ReadContext[GitHubActionClient], payload: R
    ) -> Mapping[str, str]:
        return run_state(await ctx.client.reader.run(payload.repository, payload.run))

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        return PreconditionFailed(
            f"the run of {plan.target} is {run_state_text(now)} now, and was "
            f"{run_state_text(plan.precondition)} when it was planned",
            "see who re-ran it, and plan it again",
        )

    def receipt(
        self, ctx: SendContext[GitHubActionClient], payload: R, response: httpx.Response
    ) -> Receipt:
        return run_receipt(ctx, payload.repository, payload.run, self.accepted)

    async def observe(
        self, ctx: PlanContext[GitHubActionClient], payload: R, receipt: Receipt
    ) -> Progress:
        attempt = attempt_of(receipt) or _planned_attempt(ctx.plan) + 1
        return await run_progress(ctx, payload.repository, payload.run, attempt)

    async def reconcile(self, ctx: PlanContext[GitHubActionClient], payload: R) -> ReconcileResult:
        """Judge by the attempts of the run since the plan, and by who triggered them."""
        reader, repository, number = ctx.client.reader, payload.repository, payload.run
        planned = _planned_attempt(ctx.plan)
        latest = (await reader.run(repository, number)).run_attempt or 1
        if latest <= planned:
            message = f"the run is still at attempt {planned}: it was not begun"
            return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message)
        login, others = await reader.login(), []
        for attempt in range(planned + 1, latest + 1):
            by = _triggered_by(await reader.run(repository, number, attempt))
            message = f"attempt {attempt} was begun by {by}"
            if not login or not by:
                message = f"attempt {attempt} was begun; it is not known by whom"
                return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
            if by == login:
                reference = attempt_reference(number, attempt)
                receipt = run_receipt(ctx, repository, reference, message)
                return ReconcileResult(
                    outcome=ReconcileOutcome.DONE, message=message, receipt=receipt
                )
            others.append(message)
        message = f"{listed(others)}, and not from here"
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message)


def _planned_attempt(plan: Plan) -> int:
    return int(plan.precondition["attempt"])


def _triggered_by(run: GitHubRun) -> str:
    actor = run.triggering_actor or run.actor
    return actor.login if actor else ""


class RerunWorkflow(RerunAction[RunPayload]):
    """Re-runs the jobs of a run, or one of them. *endpoint* ends the API's path."""

    payload = RunPayload

    def __init__(self, spec: ActionSpec, endpoint: str, *, failed_only: bool = False) -> None:
        self.spec = spec
        self._endpoint = endpoint
        self._failed_only = failed_only

    async def form(self, ctx: ReadContext[GitHubActionClient], request: Request) -> Form:
        return Form(inputs=(DEBUG,))

    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[RunPayload]:
        reader = ctx.client.reader
        repository, number = split_number(request.ref.id)
        job = await reader.job(repository, number) if request.ref.kind is Kind.BUILD_JOB else None
        run = await reader.run(repository, number if job is None else job.run_id)
        jobs = await reader.jobs(run_path(repository, run.id))
        targets = await deploy_targets(ctx, repository, run, jobs)
        path = run_path(repository, run.id) if job is None else job_path(repository, job.id)
        target = f"run {run_name(run)} of {repository}"
        body: dict[str, Any] = {"enable_debug_logging": True} if values["debug"] == "true" else {}
        return Draft(
            payload=RunPayload(
                repository=repository, path=f"{path}/{self._endpoint}", body=body, run=run.id
            ),
            target=target if job is None else f"job {job.name} of {target}",
            name=run_name(run) if job is None else job.name,
            before=f"attempt {run.run_attempt or 1}, {state_of(run.status, run.conclusion)}",
            after=f"attempt {(run.run_attempt or 1) + 1}",
            origin=commit_names(run.head_sha),
            destination=commit_names(run.head_sha),
            environment=leading_environment(ctx, targets.names)
            or ctx.source.environment_of(run.head_branch or ""),
            environments=environments_touched(ctx, targets.touched, run.head_branch),
            disruptive=bool(targets.touched),
            changes=self._changes(jobs if job is None else [job]),
            facts=(*run_facts(ctx, run), *rerun_rights(run)),
            findings=(
                *self._blockers(run, jobs),
                *(() if job is None else _job_findings(job, jobs)),
                *await rerun_findings(ctx, repository, run),
                *targets.findings,
            ),
            timeout=RUN_TIMEOUT,
        )

    def _changes(self, jobs: Sequence[GitHubJob]) -> tuple[Difference, ...]:
        states = [(job.name, state_of(job.status, job.conclusion)) for job in jobs]
        return tuple(
            Difference(group="jobs", name=name, before=state, after="runs again")
            for name, state in states
            if not self._failed_only or state != "success"
        )

    def _blockers(self, run: GitHubRun, jobs: Sequence[GitHubJob]) -> tuple[Finding, ...]:
        if run.status != "completed":
            return (not_ended(run.status or "unknown"),)
        states = {state_of(job.status, job.conclusion) for job in jobs}
        if self._failed_only and states <= _SUCCESSFUL:
            return (blocker("none of its jobs failed"),)
        return ()


def _job_findings(job: GitHubJob, jobs: Sequence[GitHubJob]) -> Sequence[Finding]:
    """Return what to know before one job is re-run: GitHub does not list its dependents."""
    if job.id not in {one.id for one in jobs}:
        return [blocker("it is a job of an earlier attempt: take the one of the latest")]
    return [note("jobs that need this one run again after it")] if len(jobs) > 1 else []
