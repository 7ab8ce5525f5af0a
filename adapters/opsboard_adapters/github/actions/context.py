"""What acts read, each thing told once: runs, commits, repositories, who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from opsboard.adapter import Context, Forbidden, Malformed, NotFound, Unsupported
from opsboard_adapters import http
from opsboard_adapters.github.api import GitHubApi, Params
from opsboard_adapters.github.models import (
    GitHubCommit,
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubFullRepository,
    GitHubJob,
    GitHubPendingDeployment,
    GitHubRun,
    GitHubUser,
    GitHubWorkflow,
    parse,
    parse_all,
)
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.translate import GitHubTranslator

STATUSES: Final = 30
RECENT: Final = 30
_FOLDER: Final = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class RepositoryAccess:
    """A repository, and what a token may do there; *scopes* is ``None`` where it does not say."""

    home: GitHubFullRepository
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class GitHubContext:
    """One source, as its acts need it."""

    api: GitHubApi
    context: Context
    translator: GitHubTranslator
    settings: GitHubSettings

    @property
    def now(self) -> datetime:
        return self.context.now()

    async def repository_access(self, repository: str) -> RepositoryAccess:
        answer = await self.api.get_cached(f"repos/{repository}")
        told = answer.headers.get("X-OAuth-Scopes")
        scopes = None if told is None else {scope.strip() for scope in told.split(",")} - {""}
        known = frozenset(scopes) if scopes is not None else None
        return RepositoryAccess(parse(GitHubFullRepository, http.read_json(answer)), known)

    async def me(self) -> str:
        """Return the login's name, or ``""``: an app has none."""
        try:
            return parse(GitHubUser, await self.api.get_object("user")).login
        except (Forbidden, NotFound):
            return ""

    async def run(self, repository: str, number: object, attempt: int = 0) -> GitHubRun:
        """Return a run as it is now, or as it was at *attempt*."""
        return parse(GitHubRun, await self.api.get_object(run_path(repository, number, attempt)))

    async def job(self, repository: str, number: object) -> GitHubJob:
        """Return a job as it is now."""
        return parse(GitHubJob, await self.api.get_object(job_path(repository, number)))

    async def runs_of(
        self, repository: str, workflow: object, params: Params
    ) -> Sequence[GitHubRun]:
        """Return the newest runs of *workflow*."""
        path = f"repos/{repository}/actions/workflows/{workflow}/runs"
        body = await self.api.get_object(path, {"per_page": RECENT, **params})
        return parse_all(GitHubRun, body.get("workflow_runs"))

    async def workflow(self, repository: str, which: object) -> GitHubWorkflow:
        """Return a workflow, by its number or the name of its file."""
        try:
            told = await self.api.get_object(f"repos/{repository}/actions/workflows/{which}")
        except NotFound:
            raise NotFound(
                f"{repository} has no workflow {which}", "is its file on the default branch?"
            ) from None
        flow = parse(GitHubWorkflow, told)
        if not flow.path.startswith(_FOLDER):
            raise Unsupported(f"{flow.name} is one of GitHub's own, and has no file")
        return flow

    async def default_branch(self, repository: str) -> str:
        return (await self.repository_access(repository)).home.default_branch

    async def commit(self, repository: str, ref: str) -> GitHubCommit:
        """Return the commit that *ref* stands for: a sha, a branch, a tag."""
        path = f"repos/{repository}/commits/{quote(ref, safe='/')}"
        return parse(GitHubCommit, await self.api.get_object(path))

    async def commit_or_none(self, repository: str, ref: str) -> GitHubCommit | None:
        """Return that commit, or ``None``: a branch may be a fork's, or be deleted."""
        try:
            return await self.commit(repository, ref) if ref else None
        except (NotFound, Malformed, Forbidden):
            return None

    async def pending(self, repository: str, number: object) -> Sequence[GitHubPendingDeployment]:
        """Return what waits in a run for somebody's approval."""
        path = f"{run_path(repository, number)}/pending_deployments"
        return parse_all(GitHubPendingDeployment, await self.api.get_array(path))

    async def deployments(self, repository: str, params: Params) -> Sequence[GitHubDeployment]:
        found = await self.api.get_array(f"repos/{repository}/deployments", params)
        return parse_all(GitHubDeployment, found)

    async def statuses(self, repository: str, number: int) -> Sequence[GitHubDeploymentStatus]:
        """Return how a deployment went, the latest first."""
        path = f"repos/{repository}/deployments/{number}/statuses"
        return parse_all(
            GitHubDeploymentStatus, await self.api.get_array(path, {"per_page": STATUSES})
        )

    async def environment(self, repository: str, name: str) -> GitHubEnvironment | None:
        """Return an environment, or ``None`` where it may not be seen."""
        path = f"repos/{repository}/environments/{quote(name, safe='')}"
        try:
            return parse(GitHubEnvironment, await self.api.get_object(path))
        except (Forbidden, NotFound):
            return None

    async def environments(self, repository: str) -> Sequence[GitHubEnvironment]:
        """Return the environments that may be seen."""
        try:
            body = await self.api.get_object(f"repos/{repository}/environments", {"per_page": 100})
        except (Forbidden, NotFound):
            return ()
        return parse_all(GitHubEnvironment, body.get("environments"))


def job_path(repository: str, number: object) -> str:
    """Return the API's path of a job."""
    return f"repos/{repository}/actions/jobs/{number}"


def run_path(repository: str, number: object, attempt: int = 0) -> str:
    """Return the API's path of a run, or of one of its attempts."""
    path = f"repos/{repository}/actions/runs/{number}"
    return f"{path}/attempts/{attempt}" if attempt else path
