"""What acts read, each thing told once: runs, commits, repositories, who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from opsboard.adapter import Context, Forbidden, Malformed, NotFound, Unsupported
from opsboard_adapters import http
from opsboard_adapters.github.api import Api, Params
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.shapes import (
    Actor,
    Commit,
    Deployed,
    DeploymentStatus,
    Environment,
    Home,
    Job,
    PendingDeployment,
    Run,
    Workflow,
    read,
    read_all,
)
from opsboard_adapters.github.translate import Translator

STATUSES: Final = 30
RECENT: Final = 30
_FOLDER: Final = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Standing:
    """A repository, and what a token may do there; *scopes* is ``None`` where it does not say."""

    home: Home
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Site:
    """One source, as its acts need it."""

    api: Api
    context: Context
    translator: Translator
    settings: GitHubSettings

    @property
    def now(self) -> datetime:
        return self.context.now()

    async def standing(self, repository: str) -> Standing:
        answer = await self.api.recall(f"repos/{repository}")
        told = answer.headers.get("X-OAuth-Scopes")
        scopes = None if told is None else {scope.strip() for scope in told.split(",")} - {""}
        known = frozenset(scopes) if scopes is not None else None
        return Standing(read(Home, http.read_json(answer)), known)

    async def me(self) -> str:
        """Return the login's name, or ``""``: an app has none."""
        try:
            return read(Actor, await self.api.object("user")).login
        except (Forbidden, NotFound):
            return ""

    async def run(self, repository: str, number: object, attempt: int = 0) -> Run:
        """Return a run as it is now, or as it was at *attempt*."""
        return read(Run, await self.api.object(run_path(repository, number, attempt)))

    async def job(self, repository: str, number: object) -> Job:
        """Return a job as it is now."""
        return read(Job, await self.api.object(job_path(repository, number)))

    async def runs_of(self, repository: str, workflow: object, params: Params) -> Sequence[Run]:
        """Return the newest runs of *workflow*."""
        path = f"repos/{repository}/actions/workflows/{workflow}/runs"
        body = await self.api.object(path, {"per_page": RECENT, **params})
        return read_all(Run, body.get("workflow_runs"))

    async def workflow(self, repository: str, which: object) -> Workflow:
        """Return a workflow, by its number or the name of its file."""
        try:
            told = await self.api.object(f"repos/{repository}/actions/workflows/{which}")
        except NotFound:
            raise NotFound(
                f"{repository} has no workflow {which}", "is its file on the default branch?"
            ) from None
        flow = read(Workflow, told)
        if not flow.path.startswith(_FOLDER):
            raise Unsupported(f"{flow.name} is one of GitHub's own, and has no file")
        return flow

    async def default_branch(self, repository: str) -> str:
        return (await self.standing(repository)).home.default_branch

    async def commit(self, repository: str, ref: str) -> Commit:
        """Return the commit that *ref* stands for: a sha, a branch, a tag."""
        path = f"repos/{repository}/commits/{quote(ref, safe='/')}"
        return read(Commit, await self.api.object(path))

    async def commit_or_none(self, repository: str, ref: str) -> Commit | None:
        """Return that commit, or ``None``: a branch may be a fork's, or be deleted."""
        try:
            return await self.commit(repository, ref) if ref else None
        except (NotFound, Malformed, Forbidden):
            return None

    async def pending(self, repository: str, number: object) -> Sequence[PendingDeployment]:
        """Return what waits in a run for somebody's approval."""
        path = f"{run_path(repository, number)}/pending_deployments"
        return read_all(PendingDeployment, await self.api.array(path))

    async def deployments(self, repository: str, params: Params) -> Sequence[Deployed]:
        found = await self.api.array(f"repos/{repository}/deployments", params)
        return read_all(Deployed, found)

    async def statuses(self, repository: str, number: int) -> Sequence[DeploymentStatus]:
        """Return how a deployment went, the latest first."""
        path = f"repos/{repository}/deployments/{number}/statuses"
        return read_all(DeploymentStatus, await self.api.array(path, {"per_page": STATUSES}))

    async def environment(self, repository: str, name: str) -> Environment | None:
        """Return an environment, or ``None`` where it may not be seen."""
        path = f"repos/{repository}/environments/{quote(name, safe='')}"
        try:
            return read(Environment, await self.api.object(path))
        except (Forbidden, NotFound):
            return None

    async def environments(self, repository: str) -> Sequence[Environment]:
        """Return the environments that may be seen."""
        try:
            body = await self.api.object(f"repos/{repository}/environments", {"per_page": 100})
        except (Forbidden, NotFound):
            return ()
        return read_all(Environment, body.get("environments"))


def job_path(repository: str, number: object) -> str:
    """Return the API's path of a job."""
    return f"repos/{repository}/actions/jobs/{number}"


def run_path(repository: str, number: object, attempt: int = 0) -> str:
    """Return the API's path of a run, or of one of its attempts."""
    path = f"repos/{repository}/actions/runs/{number}"
    return f"{path}/attempts/{attempt}" if attempt else path
