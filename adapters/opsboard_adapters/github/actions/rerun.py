"""Re-running a run: all of its jobs, or those that did not go well."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import httpx

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Fact,
    Finding,
    Form,
    Input,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
)
from opsboard.records import Kind
from opsboard_adapters.github.actions import reconcile, run_progress
from opsboard_adapters.github.actions.base import GitHubAction, GitHubDraft, build_ref
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.deploy_targets import DeployTargets, leading, touched_by
from opsboard_adapters.github.actions.format import (
    blocker,
    facts,
    listed,
    names_of,
    note,
    short,
    titled,
    warning,
)
from opsboard_adapters.github.models import GitHubJob, GitHubRun
from opsboard_adapters.github.reader import job_path, run_path
from opsboard_adapters.github.status_map import state_of
from opsboard_adapters.github.translate import split_number, title_of, workflow_of
from opsboard_adapters.times import format_ago

PATIENCE: Final = 7_200.0
OLDEST: Final = timedelta(days=30)
"""How old a run may be to be run again.

https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
"""
ATTEMPTS: Final = 51
"""Attempts that a run may have: one, and fifty re-runs (as above)."""
_FINE: Final = frozenset({"success", "neutral", "skipped"})
DEBUG: Final = Input(
    name="debug", label="debug logging", help="Log each step in detail.", type="boolean",
    default="false",
)  # fmt: skip


class RerunAction(GitHubAction):
    """An act that has a run made once more, and is followed by the attempt that this makes."""

    taken = "GitHub has taken it"
    """What is said once GitHub has."""

    async def check(self, site: GitHubContext, plan: Plan) -> None:
        await unmoved(site, plan)

    def receipt(self, site: GitHubContext, plan: Plan, answer: httpx.Response) -> Receipt:
        return receipt_of(site, plan, self.taken)

    def observe(
        self, site: GitHubContext, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        number, attempt = plan.payload["run"], reconcile.attempt_of(plan, receipt)
        return run_progress.run(site, str(plan.payload["repository"]), number, attempt)

    async def reconcile(self, site: GitHubContext, plan: Plan) -> ReconcileResult:
        return await reconcile.rerun(site, plan)


class RerunWorkflow(RerunAction):
    """Runs the jobs of a run again, or one of them. *part* is the last word of the API's path."""

    def __init__(self, offer: ActionSpec, part: str, *, failed_only: bool = False) -> None:
        self.offer = offer
        self._part = part
        self._failed_only = failed_only

    async def form(self, site: GitHubContext, request: Request) -> Form:
        return Form(inputs=(DEBUG,))

    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        repository, number = split_number(request.ref.id)
        only = (
            await site.reader.job(repository, number)
            if request.ref.kind is Kind.BUILD_JOB
            else None
        )
        run = await site.reader.run(repository, number if only is None else only.run_id)
        jobs = await site.reader.jobs(run_path(repository, run.id))
        places = await DeployTargets.of(site, repository, run, jobs)
        path = run_path(repository, run.id) if only is None else job_path(repository, only.id)
        whole = f"run {name_of(run)} of {repository}"
        return GitHubDraft(
            repository=repository,
            target=whole if only is None else f"job {only.name} of {whole}",
            name=name_of(run) if only is None else only.name,
            path=f"{path}/{self._part}",
            body={"enable_debug_logging": True} if values["debug"] == "true" else {},
            precondition=held(run),
            before=f"attempt {run.run_attempt or 1}, {state_of(run.status, run.conclusion)}",
            after=f"attempt {(run.run_attempt or 1) + 1}",
            origin=names_of(run.head_sha),
            destination=names_of(run.head_sha),
            environment=leading(site, places.names)
            or site.context.environment_of(run.head_branch or ""),
            environments=touched_by(site, places.touched, run.head_branch),
            disruptive=bool(places.touched),
            changes=self._changes(jobs if only is None else [only]),
            facts=run_facts(site, run),
            findings=(
                *self._blockers(run, jobs),
                *(() if only is None else _of_one_job(only, jobs)),
                *await findings(site, repository, run),
                *places.findings,
            ),
            payload={"run": run.id},
            patience=PATIENCE,
        )

    def _again(self, jobs: Sequence[GitHubJob]) -> Sequence[GitHubJob]:
        if not self._failed_only:
            return jobs
        return [job for job in jobs if state_of(job.status, job.conclusion) != "success"]

    def _changes(self, jobs: Sequence[GitHubJob]) -> tuple[Difference, ...]:
        return tuple(
            Difference(
                group="jobs",
                name=job.name,
                before=state_of(job.status, job.conclusion),
                after="runs again",
            )
            for job in self._again(jobs)
        )

    def _blockers(self, run: GitHubRun, jobs: Sequence[GitHubJob]) -> tuple[Finding, ...]:
        if run.status != "completed":
            return (blocker(f"it has not ended yet: {run.status}"),)
        states = {state_of(job.status, job.conclusion) for job in jobs}
        if self._failed_only and states <= _FINE:
            return (blocker("none of its jobs failed"),)
        return ()


def _of_one_job(only: GitHubJob, jobs: Sequence[GitHubJob]) -> Sequence[Finding]:
    """Return what is to be known where one job is run again: GitHub does not name the others."""
    if only.id not in {job.id for job in jobs}:
        return [blocker("it is a job of an earlier attempt: take the one of the latest")]
    return [note("jobs that need this one run again after it")] if len(jobs) > 1 else []


def receipt_of(site: GitHubContext, plan: Plan, message: str) -> Receipt:
    """Return the receipt of what was done to the run of *plan*."""
    repository, number = str(plan.payload["repository"]), plan.payload["run"]
    return Receipt(
        message=message,
        reference=str(number),
        produced=build_ref(site, repository, number),
        url=f"{site.translator.web}/{repository}/actions/runs/{number}",
    )


def name_of(run: GitHubRun) -> str:
    """Return what people call *run*."""
    return f"{workflow_of(run)} #{run.run_number}"


def held(run: GitHubRun) -> dict[str, str]:
    """Return what has to be the same when *run* is run again."""
    return {
        "attempt": str(run.run_attempt or 1),
        "status": run.status or "",
        "conclusion": run.conclusion or "",
    }


async def unmoved(site: GitHubContext, plan: Plan) -> None:
    """Raise :exc:`PreconditionFailed` where the run of *plan* is not as it was."""
    run = await site.reader.run(str(plan.payload["repository"]), plan.payload["run"])
    now = held(run)
    then = {name: plan.precondition[name] for name in now}
    if now != then:
        raise PreconditionFailed(
            f"{name_of(run)} is {_words(now)} now, and was {_words(then)} when it was planned",
            "look at who re-ran it, and plan it again",
        )


def _words(state: Mapping[str, str]) -> str:
    return f"at attempt {state['attempt']}, {state_of(state['status'], state['conclusion'])}"


def run_facts(site: GitHubContext, run: GitHubRun) -> tuple[Fact, ...]:
    """Return what is to be known of *run*: commit, branch, who, when."""
    actor = run.actor.login if run.actor else ""
    return facts(
        ("commit", titled(run.head_sha, title_of(run))),
        ("branch", run.head_branch),
        ("event", run.event),
        ("begun by", actor),
        ("begun", format_ago(run.created_at, site.now)),
        ("runs as", f"{actor}: a re-run has the rights of who began it" if actor else ""),
    )


async def findings(site: GitHubContext, repository: str, run: GitHubRun) -> tuple[Finding, ...]:
    """Return what to know before *run* is run again."""
    found = list(_limits(site, run))
    found += await _others(site, repository, run)
    head = await site.reader.commit_or_none(repository, run.head_branch or "")
    if head is not None and run.head_sha and head.sha != run.head_sha:
        found.append(
            note(
                f"{run.head_branch} has moved on to {titled(head.sha, head.title)}: "
                f"this is {short(run.head_sha)} again"
            )
        )
    return tuple(found)


def _limits(site: GitHubContext, run: GitHubRun) -> Sequence[Finding]:
    if run.created_at is not None and site.now - run.created_at > OLDEST:
        began = format_ago(run.created_at, site.now)
        return [blocker(f"it began {began}: GitHub runs again what is up to 30 days old")]
    if (run.run_attempt or 1) >= ATTEMPTS:
        return [blocker("it has been run again 50 times, which is as often as GitHub does it")]
    return []


async def _others(site: GitHubContext, repository: str, run: GitHubRun) -> Sequence[Finding]:
    """Return a warning where runs of the same workflow may get into each other's way."""
    if run.workflow_id is None:
        return []
    params = {"branch": run.head_branch} if run.head_branch else {}
    runs = await site.reader.workflow_runs(repository, run.workflow_id, params)
    others = [one for one in runs if one.status != "completed" and one.id != run.id]
    if not others:
        return []
    which = listed(f"#{one.run_number} ({one.status})" for one in others)
    return [
        warning(f"of the same workflow and branch, {which}: one may wait for, or cancel, the other")
    ]
