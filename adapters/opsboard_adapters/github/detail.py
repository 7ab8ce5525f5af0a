"""One run, job or deployment from near. Asked again and again, which costs little: 304."""

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
from opsboard_adapters.github.api import Api
from opsboard_adapters.github.deployments import UNTOLD
from opsboard_adapters.github.jobs import readable_jobs
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
from opsboard_adapters.github.shapes import (
    Annotation,
    Deployed,
    DeploymentStatus,
    Environment,
    Job,
    PendingDeployment,
    Run,
    name_of_deployment,
    read,
)
from opsboard_adapters.github.translate import Translator, split_id, split_number
from opsboard_adapters.github.waiting import WAITING, environments, pending
from opsboard_adapters.github.words import status_of
from opsboard_adapters.http.decoding import decode, decode_array, decode_each
from opsboard_adapters.http.skips import Skips
from opsboard_adapters.partial import kept
from opsboard_adapters.shortfall import unread
from opsboard_adapters.times import time_cell

ATTEMPTS: Final = 5


class Close:
    """Looks closely at one thing."""

    def __init__(self, api: Api, translator: Translator, now: Callable[[], datetime]) -> None:
        self._api = api
        self._translator = translator
        self._now = now

    async def detail(self, ref: Ref) -> Detail:
        """Return *ref* from near."""
        if ref.kind is Kind.BUILD:
            return await self._build(*split_number(ref.id))
        if ref.kind is Kind.BUILD_JOB:
            return await self._job(*split_number(ref.id))
        if ref.kind is Kind.DEPLOYMENT:
            return await self._deployment(*split_id(ref.id))
        raise Unsupported(f"{ref.kind} {ref.id} has no details")

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as GitHub describes it."""
        if ref.kind in {Kind.BUILD, Kind.BUILD_JOB}:
            repository, number = split_number(ref.id)
            what = "runs" if ref.kind is Kind.BUILD else "jobs"
            return await self._api.object(f"repos/{repository}/actions/{what}/{number}")
        if ref.kind is not Kind.DEPLOYMENT:
            raise Unsupported(f"{ref.kind} {ref.id} has no raw form")
        repository, environment = split_id(ref.id)
        path = f"repos/{repository}/deployments"
        recent = await self._api.array(path, {"environment": environment, "per_page": 10})
        if not recent or not isinstance(recent[0], dict):
            raise _no_deployment(repository, environment)
        latest = recent[0].get("id")
        statuses = await self._api.array(f"{path}/{latest}/statuses", {"per_page": 30})
        return {**recent[0], "statuses": statuses}

    # --- a run ---

    async def _build(self, repository: str, number: str) -> Detail:
        path = f"repos/{repository}/actions/runs/{number}"
        run = read(Run, await self._api.object(path))
        faults: list[SourceError] = []
        skips = Skips("jobs")
        jobs: Sequence[Job] = ()
        waits: Sequence[PendingDeployment] = ()
        with kept(faults):
            jobs = await readable_jobs(self._api, path, skips)
        with kept(faults):
            waits = await pending(self._api, repository, run.id) if run.status == WAITING else ()
        sections: list[Section] = [run_facts(run, self._now()), *waiting_for(waits)]
        sections.append(jobs_grid(jobs, repository, self._translator, self._now()))
        sections += unfinished_steps(jobs, repository, self._translator)
        with kept(faults):
            sections += attempts(await self._earlier(path, run), self._now())
        record = self._translator.build(repository, run, environments(waits))
        return Detail(record=record, sections=(*sections, *unread(faults, skips)))

    async def _earlier(self, path: str, run: Run) -> Sequence[Run]:
        found: list[Run] = []
        last = run.run_attempt or 1
        for attempt in range(last - 1, max(last - 1 - ATTEMPTS, 0), -1):
            try:
                body = await self._api.object(f"{path}/attempts/{attempt}")
            except NotFound:
                break
            found.append(read(Run, body))
        return found

    # --- a job ---

    async def _job(self, repository: str, number: str) -> Detail:
        job = read(Job, await self._api.object(f"repos/{repository}/actions/jobs/{number}"))
        record = self._translator.job(repository, job)
        sections: list[Section] = [job_facts(job, self._now()), steps_grid(job, self._now())]
        faults: list[SourceError] = []
        skips = Skips("annotations")
        if record.status is Status.FAILED:
            with kept(faults):
                sections += await self._annotations(repository, number, skips)
        return Detail(record=record, sections=(*sections, *unread(faults, skips)))

    async def _annotations(self, repository: str, number: str, skips: Skips) -> Sequence[Section]:
        """Return what the job says of its failure: it is a check run by the same number."""
        path = f"repos/{repository}/check-runs/{number}/annotations"
        try:
            answer = await self._api.recall(path)
        except (Forbidden, NotFound):
            return ()
        items = await decode_array(answer)
        return annotations(await decode_each(items, Annotation, skips, _numbered))

    # --- a deployment ---

    async def _deployment(self, repository: str, environment: str) -> Detail:
        path = f"repos/{repository}/deployments"
        skips, faults = Skips("deployments"), list[SourceError]()
        answer = await self._api.recall(path, {"environment": environment, "per_page": 10})
        items = await decode_array(answer)
        recent = await decode_each(items, Deployed, skips, name_of_deployment)
        if not recent:
            raise _no_deployment(repository, environment)
        statuses: Sequence[DeploymentStatus] = (UNTOLD,)
        with kept(faults):
            statuses = await self._statuses(f"{path}/{recent[0].id}/statuses", skips)
        latest = statuses[0] if statuses else None
        record = self._translator.deployment(repository, recent[0], latest)
        sections: list[Section] = [_deployed_facts(recent[0], latest)]
        with kept(faults):
            sections += await self._protection(repository, environment)
        sections += history(statuses, recent)
        return Detail(record=record, sections=(*sections, *unread(faults, skips)))

    async def _statuses(self, path: str, skips: Skips) -> Sequence[DeploymentStatus]:
        """Return how it went, the latest first. Raises :exc:`Malformed` where that one is odd."""
        items = await decode_array(await self._api.recall(path, {"per_page": 30}))
        if items:
            decode(items[0], DeploymentStatus, "the latest status")
        return await decode_each(items, DeploymentStatus, skips, _numbered)

    async def _protection(self, repository: str, environment: str) -> Sequence[Section]:
        path = f"repos/{repository}/environments/{quote(environment, safe='')}"
        try:
            return protection(read(Environment, await self._api.object(path)))
        except (Forbidden, NotFound):
            return ()


def _no_deployment(repository: str, environment: str) -> NotFound:
    return NotFound(f"{repository} has no deployment to {environment} any more")


def _numbered(_values: object, number: int) -> str:
    return f"entry {number}"


def _deployed_facts(deployed: Deployed, latest: DeploymentStatus | None) -> Facts:
    state = latest.state if latest else "pending"
    facts = (
        Fact(label="state", value=state, status=status_of(state)),
        Fact(label="environment", value=deployed.environment),
        Fact(label="ref", value=deployed.ref or ""),
        Fact(label="commit", value=deployed.sha or ""),
        Fact(label="by", value=deployed.creator.login if deployed.creator else ""),
        Fact(label="created", value=time_cell(deployed.created_at)),
        Fact(label="address", value=(latest.environment_url if latest else None) or ""),
        Fact(label="description", value=deployed.description or ""),
    )
    return Facts(title="Deployment", facts=tuple(fact for fact in facts if fact.value))
