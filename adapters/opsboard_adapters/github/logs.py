"""The log of a job; of a run, the log of its most interesting job.

GitHub provides a log once its job has ended, as one file on a storage host. For a job that runs,
its steps are reported in the meantime.

https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from opsboard.adapter import Context, LogLine, NotFound, Unreachable, Unsupported
from opsboard.records import Kind, Ref, Status
from opsboard_adapters import http
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.log_parser import LogParser, LogSteps, LogWindow
from opsboard_adapters.github.models import GitHubJob
from opsboard_adapters.github.reader import GitHubReader, run_path
from opsboard_adapters.github.status_map import never_began, span_of_job, state_of, status_of
from opsboard_adapters.github.translate import split_number
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.times import EARLIEST

POLL_EVERY: Final = 5.0
"""Seconds between two polls at the steps of a running job."""
IDLE_TIMEOUT: Final = 60.0
"""Seconds without a line after which the download has broken off."""
_LATER: Final = "it is there a moment after the job has ended, and deleted after some months"


def read_lines(
    api: GitHubApi, context: Context, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Return the lines of the log of *ref*. Raises :exc:`Unsupported` for kinds without logs."""
    if ref.kind is Kind.BUILD_JOB:
        return _of_job(api, context, ref, follow=follow, tail=tail)
    if ref.kind is Kind.BUILD:
        return _of_run(api, context, ref, follow=follow, tail=tail)
    raise Unsupported(f"{ref.kind} {ref.id} has no log", "builds and their jobs have")


# --- a run ---------------------------------------------------------------------------------------


async def _of_run(
    api: GitHubApi, context: Context, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Yield a title line that names the chosen job, and then its log."""
    repository, number = split_number(ref.id)
    reader = GitHubReader(api)
    jobs = await reader.readable_jobs(run_path(repository, number), SkippedRecords("jobs"))
    if not jobs:
        raise NotFound(
            f"run {number} of {repository} has no jobs, and so no log",
            "its page on GitHub says why; a workflow file that is not valid has none",
        )
    job, why = choose_job(jobs)
    yield LogLine(text=f"{job.name}, {why}", title=True)
    async for line in read_all(api, context, repository, job, follow=follow, tail=tail):
        yield line


def choose_job(jobs: Sequence[GitHubJob]) -> tuple[GitHubJob, str]:
    """Return the job of a run whose log is shown, and why it was chosen.

    That is the first that failed; else one that runs, one that was cancelled, or the last to end.
    """
    states = [state_of(job.status, job.conclusion) for job in jobs]
    failed = [job for job, one in zip(jobs, states, strict=True) if _is_failed(one)]
    if failed:
        which = f"the first of {len(failed)} that failed" if len(failed) > 1 else "which failed"
        return min(failed, key=_end), f"{which}, of {_counted(jobs)}"
    for state, why in (("in_progress", "which runs"), ("cancelled", "which was cancelled")):
        found = [
            job
            for job, one in zip(jobs, states, strict=True)
            if one == state and not never_began(job)
        ]
        if found:
            return found[0], f"{why}, of {_counted(jobs)}"
    ended = [job for job in jobs if job.status == "completed" and not never_began(job)]
    if ended:
        return max(ended, key=_end), f"the last of {_counted(jobs)}; none failed"
    return jobs[0], f"of {_counted(jobs)}"


def _is_failed(state: str) -> bool:
    return status_of(state) is Status.FAILED


def _end(job: GitHubJob) -> datetime:
    return span_of_job(job).ended_at or EARLIEST


def _counted(jobs: Sequence[GitHubJob]) -> str:
    return "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"


# --- a job ---------------------------------------------------------------------------------------


async def _of_job(
    api: GitHubApi, context: Context, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    repository, number = split_number(ref.id)
    job = await _read_job(api, repository, number)
    async for line in read_all(api, context, repository, job, follow=follow, tail=tail):
        yield line


async def _read_job(api: GitHubApi, repository: str, number: str | int) -> GitHubJob:
    return await GitHubReader(api).job(repository, number)


async def read_all(
    api: GitHubApi, context: Context, repository: str, job: GitHubJob, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Yield the log of *job*; with *follow*, its steps first while it runs."""
    if job.status != "completed" and not follow:
        raise NotFound(
            f"{job.name}: GitHub has a log once the job has ended; this one is {job.status}",
            "follow it to see its steps, and the log when it has ended",
        )
    seen: set[tuple[int, str]] = set()
    while job.status != "completed":
        for line in _new_steps(job, seen):
            yield line
        await context.pause(POLL_EVERY)
        job = await _read_job(api, repository, job.id)
    async for line in read_log(api, repository, job, tail):
        yield line


def _new_steps(job: GitHubJob, seen: set[tuple[int, str]]) -> list[LogLine]:
    found = []
    for step in job.steps or ():
        state = state_of(step.status, step.conclusion)
        if state in {"queued", "pending"} or (step.number, state) in seen:
            continue
        seen.add((step.number, state))
        at = step.completed_at or step.started_at
        found.append(LogLine(text=f"{step.name}: {state}", at=at, part="steps"))
    return found


async def read_log(
    api: GitHubApi, repository: str, job: GitHubJob, tail: int
) -> AsyncIterator[LogLine]:
    """Yield the last *tail* lines of the log of *job*, which has ended, and its first error.

    Raises :exc:`NotFound` where it wrote no log, or where the log is no longer kept.
    """
    if never_began(job):
        how = "was skipped" if job.conclusion == "skipped" else "ended before it began"
        raise NotFound(f"{job.name} {how}: it has written no log")
    try:
        response = await api.download(f"repos/{repository}/actions/jobs/{job.id}/logs")
    except NotFound as error:
        raise NotFound(f"there is no log of {job.name}: {error.message}", _LATER) from None
    parser, window = LogParser(LogSteps(job)), LogWindow(tail)
    try:
        raws = http.iter_lines(
            response, max_bytes=http.MAX_LINE_BYTES, truncate=True, idle_timeout=IDLE_TIMEOUT
        )
        async for raw in raws:
            if (line := parser.line(raw.decode("utf-8", "replace"))) is not None:
                window.add(line)
    except Unreachable as error:
        raise Unreachable(f"the log broke off: {error.message}", "open it again") from None
    finally:
        await response.aclose()
    for line in window.lines():
        yield line
