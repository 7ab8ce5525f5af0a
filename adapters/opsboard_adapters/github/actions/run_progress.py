"""Following what was asked for, to its verdict: by conditional requests, at a bearable pace."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

from opsboard.adapter import (
    NotFound,
    Progress,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.records import Status
from opsboard_adapters.github.actions.base import build_ref
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.format import listed
from opsboard_adapters.github.actions.request_costs import rhythm
from opsboard_adapters.github.models import GitHubJob, GitHubRun
from opsboard_adapters.github.reader import run_path
from opsboard_adapters.github.status_map import state_of, status_of

LONGEST: Final = 900.0
"""Seconds that are waited at once where GitHub says when it may be asked again."""
_GOOD: Final = frozenset({"success", "neutral", "skipped"})

ProgressReader = Callable[[GitHubContext], Awaitable[Progress]]


async def watch(site: GitHubContext, look: ProgressReader) -> AsyncGenerator[Progress, None]:
    """Yield what *look* finds, whenever that is something else, to its verdict."""
    told: Progress | None = None
    while told is None or told.verdict is None:
        progress, wait = await _looked(site, look)
        if told is None or progress != told:
            told = progress
            yield progress.model_copy(update={"at": site.now})
        if progress.verdict is None:
            await site.context.pause(wait)


async def _looked(site: GitHubContext, look: ProgressReader) -> tuple[Progress, float]:
    """Return what is seen, and how long to wait until the next look."""
    try:
        return await look(site.again()), rhythm(site)
    except NotFound as error:
        return Progress(message=f"it is gone: {error.message}", verdict=Verdict.FAILED), 0.0
    except Throttled as error:
        until = (error.until - site.now).total_seconds() if error.until else 60.0
        message = f"cannot be seen just now: {error.message}"
        return Progress(message=message), min(max(until, rhythm(site)), LONGEST)
    except Unreachable as error:
        return Progress(message=f"cannot be seen just now: {error.message}"), rhythm(site)


def run(
    site: GitHubContext, repository: str, number: object, attempt: int
) -> AsyncGenerator[Progress, None]:
    """Yield how *attempt* of a run goes on, to its conclusion."""

    async def look(site: GitHubContext) -> Progress:
        return await run_now(site, repository, number, attempt)

    return watch(site, look)


async def run_now(site: GitHubContext, repository: str, number: object, attempt: int) -> Progress:
    """Return how *attempt* of a run stands."""
    seen = await site.reader.run(repository, number)
    latest = seen.run_attempt or 1
    ref = build_ref(site, repository, number)
    if latest < attempt:
        return Progress(message=f"attempt {attempt} has not begun yet", produced=ref)
    path = run_path(repository, number)
    if latest > attempt:  # somebody has run it once more meanwhile: ours is told all the same
        seen = await site.reader.run(repository, number, attempt)
        path = run_path(repository, number, attempt)
    jobs = await site.reader.jobs(path)
    done = sum(job.status == "completed" for job in jobs)
    counted = {"done": done, "total": len(jobs), "produced": ref}
    if seen.status == "completed":
        return Progress(**_verdict(seen, jobs), **counted)
    message = await _waits(site, repository, seen) or _going_on(seen, jobs)
    return Progress(message=message, **counted)


def _verdict(seen: GitHubRun, jobs: Sequence[GitHubJob]) -> dict[str, object]:
    state = state_of(seen.status, seen.conclusion)
    if state in _GOOD:
        return {"message": f"ended: {state}", "verdict": Verdict.SUCCEEDED}
    return {"message": f"ended: {state}{_why(jobs)}", "verdict": Verdict.FAILED}


def _why(jobs: Sequence[GitHubJob]) -> str:
    """Return which jobs failed at which step, as what comes after a colon."""
    failed = []
    for job in jobs:
        if status_of(state_of(job.status, job.conclusion)) is Status.FAILED:
            step = next((s.name for s in job.steps or () if _is_failed(s.conclusion)), "")
            failed.append(f"{job.name} at {step!r}" if step else job.name)
    return f": {listed(failed, 3)}" if failed else ""


def _is_failed(conclusion: str | None) -> bool:
    return status_of(conclusion or "") is Status.FAILED


def _going_on(seen: GitHubRun, jobs: Sequence[GitHubJob]) -> str:
    at_work = [job.name for job in jobs if job.status == "in_progress"]
    state = state_of(seen.status, seen.conclusion).replace("_", " ")
    return f"{state}: {listed(at_work, 3)}" if at_work else state


async def _waits(site: GitHubContext, repository: str, seen: GitHubRun) -> str:
    """Return whom the run waits for, or ``""`` where it does not."""
    if seen.status != "waiting":
        return ""
    pending = await site.reader.visible_pending_deployments(repository, seen.id)
    places = listed(one.environment.name for one in pending)
    who = listed(dict.fromkeys(r.name for one in pending for r in one.reviewers or ()))
    return f"waiting for approval{f' of {places}' if places else ''}{f' by {who}' if who else ''}"
