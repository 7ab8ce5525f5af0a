"""The detail page of a run, a job or a deployment. It is polled, which costs little: 304."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from opsboard.adapter import (
    Detail,
    Fact,
    Facts,
    Forbidden,
    NotFound,
    Section,
    SourceError,
    Unsupported,
)
from opsboard.records import JSON, Kind, Ref, Status
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.deployments import UNREADABLE_STATUS
from opsboard_adapters.github.live_deployments import (
    DeploymentStatuses,
    LiveDeployment,
    LiveFinder,
)
from opsboard_adapters.github.log_annotations import read_annotations
from opsboard_adapters.github.models import (
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubJob,
    GitHubPendingDeployment,
    GitHubRun,
    name_of_deployment,
    parse,
)
from opsboard_adapters.github.pull_requests import PullRequestReader
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.runs import WAITING_STATUS, environments
from opsboard_adapters.github.sections import (
    annotations,
    attempts,
    history,
    job_facts,
    jobs_grid,
    protection,
    run_facts,
    steps_grid,
    unfinished_steps,
    waiting_for,
)
from opsboard_adapters.github.status_map import status_of
from opsboard_adapters.github.translate import GitHubTranslator, split_id, split_number
from opsboard_adapters.http.decoding import decode, decode_array, decode_each
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.listing.partial import collecting_errors
from opsboard_adapters.times import format_time

ATTEMPTS: Final = 5
"""Earlier attempts of a run that are shown."""


class DetailReader:
    """Reads the detail pages and raw forms of records."""

    def __init__(
        self,
        api: GitHubApi,
        translator: GitHubTranslator,
        now: Callable[[], datetime],
        pulls: PullRequestReader,
    ) -> None:
        self._api = api
        self._translator = translator
        self._now = now
        self._pulls = pulls

    async def detail(self, ref: Ref) -> Detail:
        """Return the detail page of *ref*. Raises :exc:`Unsupported` for other kinds."""
        if ref.kind is Kind.BUILD:
            return await self._build(*split_number(ref.id))
        if ref.kind is Kind.BUILD_JOB:
            return await self._job(*split_number(ref.id))
        if ref.kind is Kind.DEPLOYMENT:
            return await self._deployment(*split_id(ref.id))
        if ref.kind is Kind.PULL_REQUEST:
            return await self._pulls.detail(ref.id)
        raise Unsupported(f"{ref.kind} {ref.id} has no details")

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as GitHub's JSON."""
        if ref.kind in {Kind.BUILD, Kind.BUILD_JOB}:
            repository, number = split_number(ref.id)
            what = "runs" if ref.kind is Kind.BUILD else "jobs"
            return await self._api.get_object(f"repos/{repository}/actions/{what}/{number}")
        if ref.kind is Kind.PULL_REQUEST:
            return await self._pulls.raw(ref.id)
        if ref.kind is not Kind.DEPLOYMENT:
            raise Unsupported(f"{ref.kind} {ref.id} has no raw form")
        repository, environment = split_id(ref.id)
        path = f"repos/{repository}/deployments"
        recent = await self._api.get_array(path, {"environment": environment, "per_page": 10})
        if not recent or not isinstance(recent[0], dict):
            raise _no_deployment(repository, environment)
        latest = recent[0].get("id")
        statuses = await self._api.get_array(f"{path}/{latest}/statuses", {"per_page": 30})
        return {**recent[0], "statuses": statuses}

    # --- a run ---

    async def _build(self, repository: str, number: str) -> Detail:
        path = f"repos/{repository}/actions/runs/{number}"
        run = parse(GitHubRun, await self._api.get_object(path))
        errors: list[SourceError] = []
        skips = SkippedRecords("jobs")
        jobs: Sequence[GitHubJob] = ()
        waits: Sequence[GitHubPendingDeployment] = ()
        reader = GitHubReader(self._api)
        with collecting_errors(errors):
            jobs = await reader.readable_jobs(path, skips)
        if run.status == WAITING_STATUS:
            with collecting_errors(errors):
                waits = await reader.visible_pending_deployments(repository, run.id)
        sections: list[Section] = [run_facts(run, self._now()), *waiting_for(waits)]
        sections.append(jobs_grid(jobs, repository, self._translator, self._now()))
        sections += unfinished_steps(jobs, repository, self._translator)
        with collecting_errors(errors):
            sections += attempts(await self._earlier(path, run), self._now())
        record = self._translator.build(repository, run, environments(waits))
        return Detail(record=record, sections=(*sections, *unread_section(errors, skips)))

    async def _earlier(self, path: str, run: GitHubRun) -> Sequence[GitHubRun]:
        found: list[GitHubRun] = []
        last = run.run_attempt or 1
        for attempt in range(last - 1, max(last - 1 - ATTEMPTS, 0), -1):
            try:
                body = await self._api.get_object(f"{path}/attempts/{attempt}")
            except NotFound:
                break
            found.append(parse(GitHubRun, body))
        return found

    # --- a job ---

    async def _job(self, repository: str, number: str) -> Detail:
        job = parse(
            GitHubJob, await self._api.get_object(f"repos/{repository}/actions/jobs/{number}")
        )
        record = self._translator.job(repository, job)
        sections: list[Section] = [job_facts(job, self._now()), steps_grid(job, self._now())]
        errors: list[SourceError] = []
        skips = SkippedRecords("annotations")
        if record.status is Status.FAILED:
            with collecting_errors(errors):
                sections += await self._annotations(repository, number, skips)
        return Detail(record=record, sections=(*sections, *unread_section(errors, skips)))

    async def _annotations(
        self, repository: str, number: str, skips: SkippedRecords
    ) -> Sequence[Section]:
        """Return the annotations of a failed job."""
        return annotations(await read_annotations(self._api, repository, number, skips))

    # --- a deployment ---

    async def _deployment(self, repository: str, environment: str) -> Detail:
        path = f"repos/{repository}/deployments"
        skips, errors = SkippedRecords("deployments"), list[SourceError]()
        answer = await self._api.get_cached(path, {"environment": environment, "per_page": 10})
        items = await decode_array(answer)
        recent = await decode_each(items, GitHubDeployment, skips, name_of_deployment)
        if not recent:
            raise _no_deployment(repository, environment)
        statuses: Sequence[GitHubDeploymentStatus] = (UNREADABLE_STATUS,)
        with collecting_errors(errors):
            statuses = await self._statuses(f"{path}/{recent[0].id}/statuses", skips)
        latest = statuses[0] if statuses else None
        live: LiveDeployment | None = None
        with collecting_errors(errors):
            known = DeploymentStatuses(recent[0], statuses, asked=True)
            live = await LiveFinder(self._api, path).find(known, recent[1:])
        record = self._translator.deployment(repository, recent[0], latest, live)
        sections: list[Section] = [_deployed_facts(recent[0], latest)]
        with collecting_errors(errors):
            sections += await self._protection(repository, environment)
        sections += history(statuses, recent)
        return Detail(record=record, sections=(*sections, *unread_section(errors, skips)))

    async def _statuses(self, path: str, skips: SkippedRecords) -> Sequence[GitHubDeploymentStatus]:
        """Return the statuses of a deployment, the latest first.

        Raises :exc:`Malformed` where the latest one cannot be read.
        """
        items = await decode_array(await self._api.get_cached(path, {"per_page": 30}))
        if items:
            decode(items[0], GitHubDeploymentStatus, "the latest status")
        return await decode_each(items, GitHubDeploymentStatus, skips, _numbered)

    async def _protection(self, repository: str, environment: str) -> Sequence[Section]:
        path = f"repos/{repository}/environments/{quote(environment, safe='')}"
        try:
            return protection(parse(GitHubEnvironment, await self._api.get_object(path)))
        except (Forbidden, NotFound):
            return ()


def _no_deployment(repository: str, environment: str) -> NotFound:
    return NotFound(f"{repository} has no deployment to {environment} any more")


def _numbered(_values: object, number: int) -> str:
    return f"entry {number}"


def _deployed_facts(deployed: GitHubDeployment, latest: GitHubDeploymentStatus | None) -> Facts:
    state = latest.state if latest else "pending"
    facts = (
        Fact(label="state", value=state, status=status_of(state)),
        Fact(label="environment", value=deployed.environment),
        Fact(label="ref", value=deployed.ref or ""),
        Fact(label="commit", value=deployed.sha or ""),
        Fact(label="by", value=deployed.creator.login if deployed.creator else ""),
        Fact(label="created", value=format_time(deployed.created_at)),
        Fact(label="address", value=(latest.environment_url if latest else None) or ""),
        Fact(label="description", value=deployed.description or ""),
    )
    return Facts(title="Deployment", facts=tuple(fact for fact in facts if fact.value))
