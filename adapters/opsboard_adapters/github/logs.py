"""What the log of a record is: that of a job, of the most interesting job of a run, or of all."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from opsboard.adapter import (
    Context,
    LogLine,
    LogQuery,
    Unsupported,
)
from opsboard.records import Kind, Ref, Status
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.job_log import jobs_text, no_jobs, read_all
from opsboard_adapters.github.models import GitHubJob
from opsboard_adapters.github.reader import GitHubReader, run_path
from opsboard_adapters.github.status_map import never_began, span_of_job, state_of, status_of
from opsboard_adapters.github.translate import split_number
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.times import EARLIEST


def read_lines(
    api: GitHubApi, context: Context, ref: Ref, query: LogQuery
) -> AsyncIterator[LogLine]:
    """Return the lines of the log of *ref*. Raises :exc:`Unsupported` for kinds without logs."""
    if query.whole and ref.kind in {Kind.BUILD, Kind.BUILD_JOB}:
        return _whole(api, context, ref, query)
    if ref.kind is Kind.BUILD_JOB:
        return _of_job(api, context, ref, query)
    if ref.kind is Kind.BUILD:
        return _of_run(api, context, ref, query)
    raise Unsupported(f"{ref.kind} {ref.id} has no log", "builds and their jobs have")


# --- a run ---------------------------------------------------------------------------------------


async def _whole(
    api: GitHubApi, context: Context, ref: Ref, query: LogQuery
) -> AsyncIterator[LogLine]:
    """Yield the log of all jobs of a run, or of the run that a job is of."""
    from opsboard_adapters.github.run_logs import RunLog  # noqa: PLC0415 - seldom, and zipfile

    repository, number = split_number(ref.id)
    if ref.kind is Kind.BUILD_JOB:
        number = str((await GitHubReader(api).job(repository, number)).run_id)
    async for line in RunLog(api, repository, number, query).lines(context):
        yield line


async def _of_run(
    api: GitHubApi, context: Context, ref: Ref, query: LogQuery
) -> AsyncIterator[LogLine]:
    """Yield a title line that names the chosen job, and then its log."""
    repository, number = split_number(ref.id)
    reader = GitHubReader(api)
    jobs = await reader.readable_jobs(run_path(repository, number), SkippedRecords("jobs"))
    if not jobs:
        raise no_jobs(repository, number)
    job, why = choose_job(jobs)
    yield LogLine(text=f"{job.name}, {why}", title=True)
    async for line in read_all(api, context, repository, job, query):
        yield line


def choose_job(jobs: Sequence[GitHubJob]) -> tuple[GitHubJob, str]:
    """Return the job of a run whose log is shown, and why it was chosen.

    That is the first that failed; else one that runs, one that was cancelled, or the last to end.
    """
    states = [state_of(job.status, job.conclusion) for job in jobs]
    failed = [job for job, one in zip(jobs, states, strict=True) if _is_failed(one)]
    if failed:
        which = f"the first of {len(failed)} that failed" if len(failed) > 1 else "which failed"
        return min(failed, key=_end), f"{which}, of {jobs_text(jobs)}"
    for state, why in (("in_progress", "which runs"), ("cancelled", "which was cancelled")):
        found = [
            job
            for job, one in zip(jobs, states, strict=True)
            if one == state and not never_began(job)
        ]
        if found:
            return found[0], f"{why}, of {jobs_text(jobs)}"
    ended = [job for job in jobs if job.status == "completed" and not never_began(job)]
    if ended:
        return max(ended, key=_end), f"the last of {jobs_text(jobs)}; none failed"
    return jobs[0], f"of {jobs_text(jobs)}"


def _is_failed(state: str) -> bool:
    return status_of(state) is Status.FAILED


def _end(job: GitHubJob) -> datetime:
    return span_of_job(job).ended_at or EARLIEST


# --- a job ---------------------------------------------------------------------------------------


async def _of_job(
    api: GitHubApi, context: Context, ref: Ref, query: LogQuery
) -> AsyncIterator[LogLine]:
    repository, number = split_number(ref.id)
    job = await GitHubReader(api).job(repository, number)
    async for line in read_all(api, context, repository, job, query):
        yield line
