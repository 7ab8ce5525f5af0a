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
    Unsupported,
)
from opsboard.records import JSON, Kind, Ref, Status
from opsboard_adapters.github.api import Api
from opsboard_adapters.github.jobs import all_jobs
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
    Run,
    read,
    read_all,
)
from opsboard_adapters.github.translate import Translator, split_id, split_number
from opsboard_adapters.github.waiting import WAITING, environments, pending
from opsboard_adapters.github.words import iso, status_of

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
        recent = await self._recent(repository, environment)
        return {**recent[0], "statuses": await self._statuses(repository, recent[0]["id"])}

    # --- a run ---

    async def _build(self, repository: str, number: str) -> Detail:
        path = f"repos/{repository}/actions/runs/{number}"
        run = read(Run, await self._api.object(path))
        jobs = await all_jobs(self._api, path)
        waits = await pending(self._api, repository, run.id) if run.status == WAITING else ()
        sections: list[Section] = [run_facts(run, self._now()), *waiting_for(waits)]
        sections.append(jobs_grid(jobs, repository, self._translator, self._now()))
        sections += unfinished_steps(jobs)
        sections += attempts(await self._earlier(path, run))
        record = self._translator.build(repository, run, environments(waits))
        return Detail(record=record, sections=tuple(sections))

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
        if record.status is Status.FAILED:
            sections += await self._annotations(repository, number)
        return Detail(record=record, sections=tuple(sections))

    async def _annotations(self, repository: str, number: str) -> Sequence[Section]:
        """Return what the job says of its failure: it is a check run by the same number."""
        try:
            found = await self._api.array(f"repos/{repository}/check-runs/{number}/annotations")
        except (Forbidden, NotFound):
            return ()
        return annotations(read_all(Annotation, found))

    # --- a deployment ---

    async def _deployment(self, repository: str, environment: str) -> Detail:
        recent = read_all(Deployed, await self._recent(repository, environment))
        statuses = read_all(DeploymentStatus, await self._statuses(repository, recent[0].id))
        latest = statuses[0] if statuses else None
        record = self._translator.deployment(repository, recent[0], latest)
        sections: list[Section] = [_deployed_facts(recent[0], latest)]
        sections += await self._protection(repository, environment)
        sections += history(statuses, recent)
        return Detail(record=record, sections=tuple(sections))

    async def _recent(self, repository: str, environment: str) -> list[dict[str, object]]:
        path = f"repos/{repository}/deployments"
        found = await self._api.array(path, {"environment": environment, "per_page": 10})
        if not found:
            raise NotFound(f"{repository} has no deployment to {environment} any more")
        return found

    async def _statuses(self, repository: str, number: object) -> list[dict[str, object]]:
        path = f"repos/{repository}/deployments/{number}/statuses"
        return await self._api.array(path, {"per_page": 30})

    async def _protection(self, repository: str, environment: str) -> Sequence[Section]:
        path = f"repos/{repository}/environments/{quote(environment, safe='')}"
        try:
            return protection(read(Environment, await self._api.object(path)))
        except (Forbidden, NotFound):
            return ()


def _deployed_facts(deployed: Deployed, latest: DeploymentStatus | None) -> Facts:
    state = latest.state if latest else "pending"
    facts = (
        Fact(label="state", value=state, status=status_of(state)),
        Fact(label="environment", value=deployed.environment),
        Fact(label="ref", value=deployed.ref or ""),
        Fact(label="commit", value=deployed.sha or ""),
        Fact(label="by", value=deployed.creator.login if deployed.creator else ""),
        Fact(label="created", value=iso(deployed.created_at)),
        Fact(label="address", value=(latest.environment_url if latest else None) or ""),
        Fact(label="description", value=deployed.description or ""),
    )
    return Facts(title="Deployment", facts=tuple(fact for fact in facts if fact.value))
