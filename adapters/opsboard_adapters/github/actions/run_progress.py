"""How far a run is, and its verdict."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Progress, Verdict
from opsboard.adapter.actions import PlanContext
from opsboard.adapter.actions.findings import listed
from opsboard.records import Status
from opsboard_adapters.github.actions.base import GitHubActionClient
from opsboard_adapters.github.actions.describe import run_ref
from opsboard_adapters.github.models import GitHubJob, GitHubRun
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.status_map import state_of, status_of

_SUCCESSFUL: Final = frozenset({"success", "neutral", "skipped"})


async def run_progress(
    ctx: PlanContext[GitHubActionClient], repository: str, number: object, attempt: int
) -> Progress:
    """Return how *attempt* of a run goes on; with a verdict once it has completed."""
    reader = ctx.client.reader
    run = await reader.run(repository, number)
    latest = run.run_attempt or 1
    ref = run_ref(ctx, repository, number)
    if latest < attempt:
        return Progress(message=f"attempt {attempt} has not begun yet", produced=ref)
    path = run_path(repository, number)
    if latest > attempt:  # somebody has re-run it since: report our own attempt all the same
        run = await reader.run(repository, number, attempt)
        path = run_path(repository, number, attempt)
    jobs = await reader.jobs(path)
    done = sum(job.status == "completed" for job in jobs)
    counts = {"done": done, "total": len(jobs), "produced": ref}
    if run.status == "completed":
        return Progress(**_verdict(run, jobs), **counts)
    message = await _waits_for(ctx, repository, run) or _under_way(run, jobs)
    return Progress(message=message, **counts)


def _verdict(run: GitHubRun, jobs: Sequence[GitHubJob]) -> dict[str, object]:
    state = state_of(run.status, run.conclusion)
    if state in _SUCCESSFUL:
        return {"message": f"ended: {state}", "verdict": Verdict.SUCCEEDED}
    return {"message": f"ended: {state}{_failed_jobs(jobs)}", "verdict": Verdict.FAILED}


def _failed_jobs(jobs: Sequence[GitHubJob]) -> str:
    """Return ``": job at 'step', ..."`` for the jobs that failed, or ``""``."""
    failed = []
    for job in jobs:
        if status_of(state_of(job.status, job.conclusion)) is Status.FAILED:
            step = next((s.name for s in job.steps or () if _is_failed(s.conclusion)), "")
            failed.append(f"{job.name} at {step!r}" if step else job.name)
    return f": {listed(failed, 3)}" if failed else ""


def _is_failed(conclusion: str | None) -> bool:
    return status_of(conclusion or "") is Status.FAILED


def _under_way(run: GitHubRun, jobs: Sequence[GitHubJob]) -> str:
    running = [job.name for job in jobs if job.status == "in_progress"]
    state = state_of(run.status, run.conclusion).replace("_", " ")
    return f"{state}: {listed(running, 3)}" if running else state


async def _waits_for(ctx: PlanContext[GitHubActionClient], repository: str, run: GitHubRun) -> str:
    """Return which approval the run waits for, or ``""`` where it does not."""
    if run.status != "waiting":
        return ""
    pending = await ctx.client.reader.visible_pending_deployments(repository, run.id)
    environments = listed(one.environment.name for one in pending)
    people = listed(dict.fromkeys(r.name for one in pending for r in one.reviewers or ()))
    of, by = environments and f" of {environments}", people and f" by {people}"
    return f"waiting for approval{of}{by}"
