"""Typed reads of GitHub's REST API, each made at most once by a reader.

A plan, a check or a look at its progress has a :class:`GitHubReader` of its own: what several
steps need to know is asked for once, and all of them see the same answer. Across readers, answers
are revalidated by ETag (:meth:`~opsboard_adapters.github.api.GitHubApi.get_cached`), so that what
has not changed costs nothing.

https://docs.github.com/en/rest
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx

from opsboard.adapter import Forbidden, Malformed, NotFound, Unsupported
from opsboard.adapter.actions import ReadMemo
from opsboard_adapters import http
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi, Params
from opsboard_adapters.github.models import (
    GitHubApproval,
    GitHubCommit,
    GitHubContent,
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubEnvironment,
    GitHubFullRepository,
    GitHubJob,
    GitHubPage,
    GitHubPendingDeployment,
    GitHubRun,
    GitHubUser,
    GitHubWorkflow,
    name_of_job,
    parse,
    parse_all,
)
from opsboard_adapters.http.decoding import decode_each, decode_page
from opsboard_adapters.listing.completeness import SkippedRecords

MAX_JOBS: Final = 500
"""Jobs of a run that are read at most."""
MAX_STATUSES: Final = 30
"""Statuses of a deployment that are read, the latest first."""
RECENT_RUNS: Final = 30
"""Runs of a workflow that are listed, the latest first."""
WORKFLOW_FOLDER: Final = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class RepositoryAccess:
    """A repository and the token's OAuth *scopes*, ``None`` where the server does not list them."""

    repository: GitHubFullRepository
    scopes: frozenset[str] | None


class GitHubReader:
    """Reads through *api*; each answer and each error is remembered in *memo*."""

    def __init__(self, api: GitHubApi, memo: ReadMemo | None = None) -> None:
        self._api = api
        self._memo = ReadMemo() if memo is None else memo

    # --- runs and jobs ---

    async def run(self, repository: str, number: object, attempt: int = 0) -> GitHubRun:
        """Return a run as it is now, or as it was at *attempt*."""
        return parse(GitHubRun, await self._object(run_path(repository, number, attempt)))

    async def workflow_runs(
        self, repository: str, workflow: object, params: Params
    ) -> Sequence[GitHubRun]:
        """Return the latest runs of *workflow* that *params* select."""
        path = f"repos/{repository}/actions/workflows/{workflow}/runs"
        body = await self._object(path, {"per_page": RECENT_RUNS, **params})
        return parse_all(GitHubRun, body.get("workflow_runs"))

    async def runs_of(self, repository: str, sha: str) -> Sequence[GitHubRun]:
        """Return the latest runs of all workflows for the commit *sha*."""
        params: Params = {"head_sha": sha, "per_page": RECENT_RUNS}
        body = await self._object(f"repos/{repository}/actions/runs", params)
        return parse_all(GitHubRun, body.get("workflow_runs"))

    async def job(self, repository: str, number: object) -> GitHubJob:
        """Return a job as it is now."""
        return parse(GitHubJob, await self._object(job_path(repository, number)))

    async def jobs(self, path: str) -> Sequence[GitHubJob]:
        """Return the jobs of the run, or the attempt, at *path*.

        Raises :exc:`Malformed` if one cannot be read: an action is judged by all of them.
        """
        skips = SkippedRecords(path)
        jobs = await self.readable_jobs(path, skips)
        if (report := skips.report(len(jobs) + skips.count)) is not None:
            raise Malformed(f"jobs of {path}: {report.sentence}", "look at the run on GitHub")
        return jobs

    async def readable_jobs(self, path: str, skips: SkippedRecords) -> Sequence[GitHubJob]:
        """Return the jobs that can be read, and add the others to *skips*."""
        jobs: list[GitHubJob] = []
        for number in range(1, MAX_JOBS // PAGE_SIZE + 1):
            answer = await self._get(f"{path}/jobs", {"per_page": PAGE_SIZE, "page": number})
            page, items = await decode_page(answer, GitHubPage, "jobs")
            jobs += await decode_each(items, GitHubJob, skips, name_of_job)
            if len(jobs) + skips.count >= page.total_count or not items:
                break
        return jobs

    async def pending_deployments(
        self, repository: str, number: object
    ) -> Sequence[GitHubPendingDeployment]:
        """Return the deployments of a run that wait for approval."""
        path = f"{run_path(repository, number)}/pending_deployments"
        return parse_all(GitHubPendingDeployment, await self._array(path))

    async def visible_pending_deployments(
        self, repository: str, number: object
    ) -> Sequence[GitHubPendingDeployment]:
        """Return the deployments of a run that wait for approval; none where they are hidden."""
        try:
            return await self.pending_deployments(repository, number)
        except (Forbidden, NotFound):
            return ()

    async def approvals(self, repository: str, number: object) -> Sequence[GitHubApproval]:
        """Return the reviews of a run's deployments so far."""
        path = f"{run_path(repository, number)}/approvals"
        return parse_all(GitHubApproval, await self._array(path))

    # --- workflows ---

    async def workflow(self, repository: str, which: object) -> GitHubWorkflow:
        """Return a workflow by its number or its file name.

        Raises :exc:`Unsupported` for GitHub's own (Dependabot, Pages), which have no file.
        """
        try:
            body = await self._object(f"repos/{repository}/actions/workflows/{which}")
        except NotFound:
            raise NotFound(
                f"{repository} has no workflow {which}", "is its file on the default branch?"
            ) from None
        workflow = parse(GitHubWorkflow, body)
        if not workflow.path.startswith(WORKFLOW_FOLDER):
            raise Unsupported(f"{workflow.name} is one of GitHub's own, and has no file")
        return workflow

    async def content(self, repository: str, path: str, ref: str) -> GitHubContent:
        """Return the file *path* as it is at *ref*."""
        body = await self._object(f"repos/{repository}/contents/{path}", {"ref": ref})
        return parse(GitHubContent, body)

    # --- the repository ---

    async def access(self, repository: str) -> RepositoryAccess:
        """Return the repository and what the token may do there."""
        answer = await self._get(f"repos/{repository}")
        header = answer.headers.get("X-OAuth-Scopes")
        scopes = None
        if header is not None:
            scopes = frozenset(scope.strip() for scope in header.split(",")) - {""}
        return RepositoryAccess(parse(GitHubFullRepository, http.read_json(answer)), scopes)

    async def default_branch(self, repository: str) -> str:
        return (await self.access(repository)).repository.default_branch

    async def login(self) -> str:
        """Return the name of the user whose token this is; ``""`` for an app, which has none."""
        try:
            return parse(GitHubUser, await self._object("user")).login
        except (Forbidden, NotFound):
            return ""

    async def commit(self, repository: str, ref: str) -> GitHubCommit:
        """Return the commit that *ref* names: a SHA, a branch or a tag."""
        path = f"repos/{repository}/commits/{quote(ref, safe='/')}"
        return parse(GitHubCommit, await self._object(path))

    async def commit_or_none(self, repository: str, ref: str) -> GitHubCommit | None:
        """Return that commit, or ``None``: a branch may be that of a fork, or deleted."""
        try:
            return await self.commit(repository, ref) if ref else None
        except (NotFound, Malformed, Forbidden):
            return None

    # --- deployments ---

    async def deployments(self, repository: str, params: Params) -> Sequence[GitHubDeployment]:
        """Return the latest deployments that *params* select."""
        return parse_all(
            GitHubDeployment, await self._array(f"repos/{repository}/deployments", params)
        )

    async def statuses(self, repository: str, number: int) -> Sequence[GitHubDeploymentStatus]:
        """Return the statuses of a deployment, the latest first."""
        path = f"repos/{repository}/deployments/{number}/statuses"
        return parse_all(
            GitHubDeploymentStatus, await self._array(path, {"per_page": MAX_STATUSES})
        )

    async def environment(self, repository: str, name: str) -> GitHubEnvironment | None:
        """Return an environment, or ``None`` where it is hidden from this login."""
        path = f"repos/{repository}/environments/{quote(name, safe='')}"
        try:
            return parse(GitHubEnvironment, await self._object(path))
        except (Forbidden, NotFound):
            return None

    async def environments(self, repository: str) -> Sequence[GitHubEnvironment]:
        """Return the environments that this login may see."""
        try:
            body = await self._object(f"repos/{repository}/environments", {"per_page": PAGE_SIZE})
        except (Forbidden, NotFound):
            return ()
        return parse_all(GitHubEnvironment, body.get("environments"))

    # --- one request for each answer ---

    async def _object(self, path: str, params: Params | None = None) -> dict[str, Any]:
        return http.read_json(await self._get(path, params))

    async def _array(self, path: str, params: Params | None = None) -> list[Any]:
        return http.read_array(await self._get(path, params))

    async def _get(self, path: str, params: Params | None = None) -> httpx.Response:
        key = (path, *sorted((params or {}).items()))
        return await self._memo.once(key, lambda: self._api.get_cached(path, params))


def job_path(repository: str, number: object) -> str:
    """Return the API's path of a job."""
    return f"repos/{repository}/actions/jobs/{number}"


def run_path(repository: str, number: object, attempt: int = 0) -> str:
    """Return the API's path of a run, or of one of its attempts."""
    path = f"repos/{repository}/actions/runs/{number}"
    return f"{path}/attempts/{attempt}" if attempt else path
