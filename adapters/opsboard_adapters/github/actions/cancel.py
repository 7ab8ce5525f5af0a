"""Cancelling a run."""

from collections.abc import AsyncGenerator, Mapping
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
from opsboard_adapters.github.actions import reconcile, run_progress
from opsboard_adapters.github.actions.base import GitHubAction, GitHubDraft
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.deploy_targets import DeployTargets, leading, touched_by
from opsboard_adapters.github.actions.format import blocker, listed, warning
from opsboard_adapters.github.actions.rerun import name_of, receipt_of, run_facts
from opsboard_adapters.github.actions.specs import CANCEL
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.status_map import state_of
from opsboard_adapters.github.translate import split_number

_CANCELLED: Final = "cancelled"


class CancelRun(GitHubAction):
    """Stops a run. Steps that say ``always()`` are run to their end all the same."""

    offer = CANCEL

    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        repository, number = split_number(request.ref.id)
        run = await site.reader.run(repository, number)
        jobs = await site.reader.jobs(run_path(repository, number))
        going = [job for job in jobs if job.status != "completed"]
        at_work = [job.name for job in going if job.status == "in_progress"]
        found = [blocker("it has ended already")] if run.status == "completed" else []
        places = await DeployTargets.of(site, repository, run, jobs)
        if places.names and at_work:
            found.append(
                warning(
                    f"it deploys to {listed(places.names)}: "
                    f"what {listed(at_work)} has done by then is left half-way"
                )
            )
        return GitHubDraft(
            repository=repository,
            target=f"run {name_of(run)} of {repository}",
            name=name_of(run),
            path=f"{run_path(repository, number)}/cancel",
            body={},
            precondition={"attempt": str(run.run_attempt or 1)},
            before=state_of(run.status, run.conclusion),
            after=_CANCELLED,
            environment=leading(site, places.names)
            or site.context.environment_of(run.head_branch or ""),
            environments=touched_by(site, places.touched, run.head_branch),
            disruptive=bool(places.touched),
            changes=tuple(
                Difference(group="jobs", name=job.name, before=job.status or "", after=_CANCELLED)
                for job in going
            ),
            facts=run_facts(site, run)[:-1],
            findings=(*found, *places.uncertain),
            payload={"run": run.id},
        )

    async def check(self, site: GitHubContext, plan: Plan) -> None:
        run = await site.reader.run(str(plan.payload["repository"]), plan.payload["run"])
        attempt = str(run.run_attempt or 1)
        if run.status == "completed" or attempt != plan.precondition["attempt"]:
            state = state_of(run.status, run.conclusion)
            raise PreconditionFailed(
                f"{name_of(run)} is at attempt {attempt}, {state} now", "there is nothing to cancel"
            )

    def receipt(self, site: GitHubContext, plan: Plan, answer: httpx.Response) -> Receipt:
        return receipt_of(site, plan, "GitHub is cancelling it")

    def observe(
        self, site: GitHubContext, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        async def look(site: GitHubContext) -> Progress:
            number, attempt = plan.payload["run"], int(plan.precondition["attempt"])
            seen = await run_progress.run_now(
                site, str(plan.payload["repository"]), number, attempt
            )
            if seen.verdict is None:
                return seen.model_copy(update={"message": f"being cancelled: {seen.message}"})
            ended = seen.message == f"ended: {_CANCELLED}"
            verdict = Verdict.SUCCEEDED if ended else Verdict.FAILED
            message = seen.message if ended else f"it was too late: {seen.message}"
            return seen.model_copy(update={"verdict": verdict, "message": message})

        return run_progress.watch(site, look)

    async def reconcile(self, site: GitHubContext, plan: Plan) -> ReconcileResult:
        repository, number = str(plan.payload["repository"]), plan.payload["run"]
        attempt = int(plan.precondition["attempt"])
        latest = await site.reader.run(repository, number)
        run = latest
        if (latest.run_attempt or 1) > attempt:
            run = await site.reader.run(repository, number, attempt)
        if run.status != "completed":
            message = "it goes on still, and GitHub does not say whether it was told to stop"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
        if run.conclusion == _CANCELLED:
            return reconcile.done(
                site, plan, number, "it was cancelled; GitHub does not say by whom"
            )
        return ReconcileResult(
            outcome=ReconcileOutcome.NOT_DONE, message=f"it ended by itself: {run.conclusion}"
        )
