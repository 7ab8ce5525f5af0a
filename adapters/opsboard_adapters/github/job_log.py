"""The log of one job.

GitHub provides a log once its job has ended, as one file on a storage host. For a job that runs,
its steps are reported in the meantime.

https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from opsboard.adapter import (
    Context,
    LogLine,
    LogQuery,
    NotFound,
    SourceError,
    Unreachable,
)
from opsboard.records import Status
from opsboard_adapters import http
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.log_annotations import annotated, read_annotations
from opsboard_adapters.github.log_parser import LogParser, LogSteps, LogWindow
from opsboard_adapters.github.models import GitHubAnnotation, GitHubJob
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.status_map import never_began, state_of, status_of
from opsboard_adapters.listing.completeness import SkippedRecords

POLL_EVERY: Final = 5.0
"""Seconds between two polls at the steps of a running job."""
IDLE_TIMEOUT: Final = 60.0
"""Seconds without a line after which the download has broken off."""
_LATER: Final = "it is there a moment after the job has ended, and deleted after some months"


def no_jobs(repository: str, number: str | int) -> NotFound:
    """Return the error for a run that has no log."""
    return NotFound(
        f"run {number} of {repository} has no jobs, and so no log",
        "its page on GitHub says why; a workflow file that is not valid has none",
    )


def jobs_text(jobs: Sequence[GitHubJob]) -> str:
    """Return how many *jobs* there are."""
    return "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"


async def read_all(
    api: GitHubApi, context: Context, repository: str, job: GitHubJob, query: LogQuery
) -> AsyncIterator[LogLine]:
    """Yield the log of *job*; if it is followed, its steps first while it runs."""
    if job.status != "completed" and not query.follow:
        raise NotFound(
            f"{job.name}: GitHub has a log once the job has ended; this one is {job.status}",
            "follow it to see its steps, and the log when it has ended",
        )
    seen = set[tuple[int, int, str]]()
    while job.status != "completed":
        for line in new_steps(job, seen):
            yield line
        await context.pause(POLL_EVERY)
        job = await GitHubReader(api).job(repository, job.id)
    async for line in read_log(api, repository, job, query.tail):
        yield line


def new_steps(job: GitHubJob, seen: set[tuple[int, int, str]], *, group: str = "") -> list[LogLine]:
    """Return a line for each step of *job* that has begun or ended, and is not *seen* yet."""
    found = []
    for step in job.steps or ():
        state = state_of(step.status, step.conclusion)
        if state in {"queued", "pending"} or (job.id, step.number, state) in seen:
            continue
        seen.add((job.id, step.number, state))
        at = step.completed_at or step.started_at
        found.append(LogLine(f"{step.name}: {state}", at, "steps", group=group))
    return found


async def read_log(
    api: GitHubApi,
    repository: str,
    job: GitHubJob,
    tail: int,
    *,
    group: str = "",
    depth: int = 0,
) -> AsyncIterator[LogLine]:
    """Yield the last *tail* lines of the log of *job*, which has ended, and its first error.

    Its steps and groups are heads, from *depth* on. Raises :exc:`NotFound` where it wrote no log,
    or where the log is no longer kept.
    """
    if never_began(job):
        how = "was skipped" if job.conclusion == "skipped" else "ended before it began"
        raise NotFound(f"{job.name} {how}: it has written no log")
    try:
        response = await api.download(f"repos/{repository}/actions/jobs/{job.id}/logs")
    except NotFound as error:
        raise NotFound(f"there is no log of {job.name}: {error.message}", _LATER) from None
    parser, window = LogParser(LogSteps(job), group=group, depth=depth), LogWindow(tail)
    try:
        raws = http.iter_lines(
            response, max_bytes=http.MAX_LINE_BYTES, truncate=True, idle_timeout=IDLE_TIMEOUT
        )
        async for raw in raws:
            for line in parser.feed(raw.decode("utf-8", "replace"), http.omitted_bytes(raw)):
                window.add(line)
    except Unreachable as error:
        raise Unreachable(f"the log broke off: {error.message}", "open it again") from None
    finally:
        await response.aclose()
    lines = list(window.lines())
    async for line in with_annotations(api, repository, job, lines, group=group, depth=depth):
        yield line


async def with_annotations(
    api: GitHubApi,
    repository: str,
    job: GitHubJob,
    lines: Sequence[LogLine],
    *,
    group: str,
    depth: int,
) -> AsyncIterator[LogLine]:
    """Yield *lines* with the places of their annotations, and the annotations that are no line.

    Of a job that has not failed and marks nothing, none are asked for: each is a request.
    """
    state = status_of(state_of(job.status, job.conclusion))
    found: Sequence[GitHubAnnotation] = ()
    trouble = ""
    if state is Status.FAILED or any(line.annotation for line in lines):
        try:
            skips = SkippedRecords("annotations")
            found = await read_annotations(api, repository, job.id, skips)
        except SourceError as error:
            trouble = error.message
    for line in annotated(lines, found, LogLine("", group=group, depth=depth)):
        yield line
    if trouble:
        yield LogLine(f"(annotations cannot be read: {trouble})", group=group, depth=depth)
