"""Cancel a run. Steps with ``if: always()`` still run to their end.

https://docs.github.com/en/rest/actions/workflow-runs#cancel-a-workflow-run
"""

from collections.abc import Mapping
from typing import Final

import httpx

from opsboard.adapter import (
    Difference,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Verdict,
)
from opsboard.adapter.actions import Draft, PlanContext, ReadContext, SendContext
from opsboard.adapter.actions.findings import blocker, listed, warning
from opsboard_adapters.github.actions.base import GitHubAction, GitHubActionClient
from opsboard_adapters.github.actions.deploy_targets import (
    deploy_targets,
    environments_touched,
    leading_environment,
)
from opsboard_adapters.github.actions.describe import (
    RunPayload,
    run_facts,
    run_name,
    run_receipt,
)
from opsboard_adapters.github.actions.run_progress import run_progress
from opsboard_adapters.github.actions.specs import CANCEL
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.status_map import state_of
from opsboard_adapters.github.translate import split_number

_CANCELLED: Final = "cancelled"


class CancelRun(GitHubAction[RunPayload]):
    """Cancels a run, and waits until it has ended."""

    spec = CANCEL
    payload = RunPayload

    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[RunPayload]:
        repository, number = split_number(request.ref.id)
        run = await ctx.client.reader.run(repository, number)
        jobs = await ctx.client.reader.jobs(run_path(repository, number))
        unfinished = [job for job in jobs if job.status != "completed"]
        running = [job.name for job in unfinished if job.status == "in_progress"]
        found = [blocker("it has ended already")] if run.status == "completed" else []
        targets = await deploy_targets(ctx, repository, run, jobs)
        if targets.names and running:
            found.append(
                warning(
                    f"it deploys to {listed(targets.names)}: "
                    f"what {listed(running)} has done by then is left half-way"
                )
            )
        return Draft(
            payload=RunPayload(
                repository=repository,
                path=f"{run_path(repository, number)}/cancel",
                body={},
                run=run.id,
            ),
            target=f"run {run_name(run)} of {repository}",
            name=run_name(run),
            before=state_of(run.status, run.conclusion),
            after=_CANCELLED,
            environment=leading_environment(ctx, targets.names)
            or ctx.source.environment_of(run.head_branch or ""),
            environments=environments_touched(ctx, targets.touched, run.head_branch),
            disruptive=bool(targets.touched),
            changes=tuple(
                Difference(group="jobs", name=job.name, before=job.status or "", after=_CANCELLED)
                for job in unfinished
            ),
            facts=run_facts(ctx, run),
            findings=(*found, *targets.doubtful),
        )

    async def precondition(
        self, ctx: ReadContext[GitHubActionClient], payload: RunPayload
    ) -> Mapping[str, str]:
        """Return the attempt, and the state in which the run has ended, ``""`` while it has not."""
        run = await ctx.client.reader.run(payload.repository, payload.run)
        ended = state_of(run.status, run.conclusion) if run.status == "completed" else ""
        return {"attempt": str(run.run_attempt or 1), "ended": ended}

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        state = f", {now['ended']}" if now["ended"] else ""
        return PreconditionFailed(
            f"{plan.name} is at attempt {now['attempt']}{state} now", "there is nothing to cancel"
        )

    def receipt(
        self, ctx: SendContext[GitHubActionClient], payload: RunPayload, response: httpx.Response
    ) -> Receipt:
        return run_receipt(ctx, payload.repository, payload.run, "GitHub is cancelling it")

    async def observe(
        self, ctx: PlanContext[GitHubActionClient], payload: RunPayload, receipt: Receipt
    ) -> Progress:
        attempt = int(ctx.plan.precondition["attempt"])
        seen = await run_progress(ctx, payload.repository, payload.run, attempt)
        if seen.verdict is None:
            return seen.model_copy(update={"message": f"being cancelled: {seen.message}"})
        cancelled = seen.message == f"ended: {_CANCELLED}"
        verdict = Verdict.SUCCEEDED if cancelled else Verdict.FAILED
        message = seen.message if cancelled else f"it was too late: {seen.message}"
        return seen.model_copy(update={"verdict": verdict, "message": message})

    async def reconcile(
        self, ctx: PlanContext[GitHubActionClient], payload: RunPayload
    ) -> ReconcileResult:
        reader, repository, number = ctx.client.reader, payload.repository, payload.run
        attempt = int(ctx.plan.precondition["attempt"])
        run = await reader.run(repository, number)
        if (run.run_attempt or 1) > attempt:
            run = await reader.run(repository, number, attempt)
        if run.status != "completed":
            message = "it is still running, and GitHub does not say whether it was cancelled"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
        if run.conclusion != _CANCELLED:
            message = f"it ended by itself: {run.conclusion}"
            return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message)
        message = "it was cancelled; GitHub does not say by whom"
        receipt = run_receipt(ctx, repository, number, message)
        return ReconcileResult(outcome=ReconcileOutcome.DONE, message=message, receipt=receipt)
