"""The logs of all jobs of a run, one behind the other, in the order in which they began.

Once the run has ended, they come as one archive. What is not in it, and all of a run that goes on,
is read job by job; those that run tell their steps in the meantime.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Final

from opsboard.adapter import (
    Context,
    Forbidden,
    LogLine,
    LogQuery,
    Malformed,
    NotFound,
)
from opsboard.records import Status
from opsboard_adapters import http
from opsboard_adapters.github import job_log
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.log_archive import ArchiveError, LogArchive, read_content
from opsboard_adapters.github.log_parser import LogParser, LogSteps, LogWindow
from opsboard_adapters.github.models import GitHubJob
from opsboard_adapters.github.reader import GitHubReader, run_path
from opsboard_adapters.github.status_map import never_began, span_of_job, state_of, status_of
from opsboard_adapters.http.concurrency import LoopYielder
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.times import EARLIEST

MAX_SINGLE: Final = 100
"""Jobs that are read by themselves: each is a request."""


class RunLog:
    """The log of run *number* of *repository*, of which *jobs* are known so far."""

    def __init__(self, api: GitHubApi, repository: str, number: str | int, query: LogQuery) -> None:
        self._api = api
        self._repository = repository
        self._number = number
        self._query = query
        self._single = 0

    async def lines(self, context: Context) -> AsyncIterator[LogLine]:
        """Yield a title, and the log of each job below a head. Raises :exc:`SourceError`."""
        jobs = await self._jobs()
        if not jobs:
            raise job_log.no_jobs(self._repository, self._number)
        yield LogLine(f"all of {job_log.jobs_text(jobs)}", title=True)
        run = await GitHubReader(self._api).run(self._repository, self._number)
        ended = run.status == "completed"
        lines = self._of_ended(jobs) if ended else self._as_they_end(jobs, context)
        async for line in lines:
            yield line

    async def _jobs(self) -> Sequence[GitHubJob]:
        path = run_path(self._repository, self._number)
        jobs = await GitHubReader(self._api).readable_jobs(path, SkippedRecords("jobs"))
        return sorted(jobs, key=lambda job: (job.started_at or job.created_at or EARLIEST, job.id))

    # --- a run that has ended ---

    async def _of_ended(self, jobs: Sequence[GitHubJob]) -> AsyncIterator[LogLine]:
        window = LogWindow(self._query.tail)
        archive: LogArchive | None = None
        try:
            archive = await self._archive()
        except (NotFound, Forbidden, Malformed) as error:
            window.add(_note(f"{error.message}; each job is read by itself"))
        if archive is not None and (foreign := archive.foreign_files()):
            window.add(_note(f"{foreign:,} files of the archive have names that no log has"))
        texts = archive.texts(jobs) if archive is not None else {}
        for job in jobs:
            window.add(_head(job))
            if archive is not None and job.id in texts:
                raws = archive.lines(texts[job.id])
                lines = self._of_archive(job, raws)
            else:
                lines = self._by_itself(job)
            async for line in lines:
                window.add(line)
        for line in window.lines():
            yield line

    async def _archive(self) -> LogArchive:
        response = await self._api.download(f"{run_path(self._repository, self._number)}/logs")
        return LogArchive(await read_content(response, idle_timeout=job_log.IDLE_TIMEOUT))

    async def _of_archive(self, job: GitHubJob, raws: Iterator[bytes]) -> AsyncIterator[LogLine]:
        parser = LogParser(LogSteps(job), group=job.name, depth=1)
        window, turns = LogWindow(self._query.tail), LoopYielder()
        trouble = ""
        try:
            for raw in raws:
                omitted = http.omitted_bytes(raw)
                _add(window, parser.feed(raw.decode("utf-8", "replace"), omitted))
                await turns.processed(len(raw))
        except ArchiveError as error:
            trouble = str(error)
        found = list(window.lines())
        async for line in job_log.with_annotations(
            self._api, self._repository, job, found, group=job.name, depth=1
        ):
            yield line
        if trouble:
            yield _note(f"the log of {job.name} breaks off: {trouble}", job)

    async def _by_itself(self, job: GitHubJob) -> AsyncIterator[LogLine]:
        """Yield the log of *job*, which has ended; what is the matter, where it cannot be read."""
        if never_began(job):
            return
        self._single += 1
        if self._single > MAX_SINGLE:
            yield _note(f"not read: more than {MAX_SINGLE} jobs are not in the archive", job)
            return
        try:
            lines = job_log.read_log(
                self._api, self._repository, job, self._query.tail, group=job.name, depth=1
            )
            async for line in lines:
                yield line
        except (NotFound, Forbidden, Malformed) as error:
            yield _note(error.message, job)

    # --- a run that goes on ---

    async def _as_they_end(
        self, jobs: Sequence[GitHubJob], context: Context
    ) -> AsyncIterator[LogLine]:
        told, seen = set[int](), set[tuple[int, int, str]]()
        while True:
            for job in (one for one in jobs if one.id not in told):
                async for line in self._so_far(job, seen):
                    yield line
            told.update(job.id for job in jobs if job.status == "completed")
            if not self._query.follow or (len(told) == len(jobs) and await self._has_ended()):
                return
            await context.pause(job_log.POLL_EVERY)
            jobs = await self._jobs()

    async def _so_far(
        self, job: GitHubJob, seen: set[tuple[int, int, str]]
    ) -> AsyncIterator[LogLine]:
        """Yield the log of *job* if it has ended, or else what is new of its steps."""
        if job.status == "completed":
            yield _head(job)
            async for line in self._by_itself(job):
                yield line
            return
        for line in job_log.new_steps(job, seen, group=job.name):
            yield line
        if not self._query.follow:
            yield _note(f"{job.name} is {job.status}: its log comes when it has ended")

    async def _has_ended(self) -> bool:
        run = await GitHubReader(self._api).run(self._repository, self._number)
        return run.status == "completed"


def _add(window: LogWindow, lines: Iterable[LogLine]) -> None:
    for line in lines:
        window.add(line)


def _head(job: GitHubJob) -> LogLine:
    state, span = state_of(job.status, job.conclusion), span_of_job(job)
    said = "" if state == "success" else state.replace("_", " ")
    took = span.duration(span.ended_at) if span.ended_at else ""
    return LogLine(
        "  ".join(filter(None, (job.name, said, took))),
        span.begun_at,
        group=job.name,
        failed=status_of(state) is Status.FAILED,
        title=True,
        head=True,
        status=status_of(state),
    )


def _note(text: str, job: GitHubJob | None = None) -> LogLine:
    return LogLine(f"({text})", group=job.name if job else "", depth=1 if job else 0)
