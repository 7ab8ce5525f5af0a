"""GitHub's structs as records of the board."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import quote

from opsboard.adapter import NotFound
from opsboard.records import Build, BuildJob, Claim, Deployment
from opsboard.records.claims import COMMIT
from opsboard_adapters.github import claims
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.live_deployments import LiveDeployment
from opsboard_adapters.github.models import (
    GitHubDeployment,
    GitHubDeploymentStatus,
    GitHubJob,
    GitHubRun,
)
from opsboard_adapters.github.status_map import (
    reason_of,
    span_of_job,
    span_of_run,
    state_of,
    status_of,
)


@dataclass(frozen=True, slots=True)
class GitHubTranslator:
    """Makes the records of one source. *web* is the origin of GitHub's pages.

    *host* is where repositories are: with their names, it is what commits are known by.
    *default_branch_of* returns that of a repository, ``""`` where it is not known yet.
    """

    source: str
    environment_of: Callable[..., str]
    web: str
    host: RepositoryHost = RepositoryHost()  # noqa: RUF009 - it is frozen
    default_branch_of: Callable[[str], str] = lambda _: ""

    def build(self, repository: str, run: GitHubRun, waits_for: Sequence[str] = ()) -> Build:
        """Return the record of *run*; *waits_for* are the environments that it waits to deploy
        to.
        """
        state = state_of(run.status, run.conclusion)
        workflow = workflow_of(run)
        branch = run.head_branch or ""
        actor = run.triggering_actor or run.actor
        span = span_of_run(run)
        return Build(
            source=self.source,
            id=f"{repository}/{run.id}",
            name=f"{workflow} #{run.run_number}",
            status=status_of(state),
            reason=reason_of(state),
            message=f"waits to deploy to {', '.join(waits_for)}" if waits_for else "",
            environment=self.environment_of(*waits_for, branch),
            created_at=run.created_at,
            updated_at=run.updated_at,
            url=web_url(run.html_url),
            repository=repository,
            workflow=workflow,
            number=run.run_number,
            attempt=run.run_attempt or 1,
            state=state,
            branch=branch,
            default_branch=self.default_branch(repository, run),
            commit=run.head_sha or "",
            title=title_of(run),
            event=run.event or "",
            actor=actor.login if actor else "",
            started_at=span.begun_at,
            finished_at=span.ended_at,
            inputs=claims.run_inputs(self.host, repository, run),
            outputs=claims.run_outputs(self.host, repository, run),
        )

    def default_branch(self, repository: str, run: GitHubRun) -> str:
        """Return the default branch of the repository of *run*, ``""`` for a run of a fork."""
        return "" if claims.is_of_fork(run, repository) else self.default_branch_of(repository)

    def job(self, repository: str, job: GitHubJob) -> BuildJob:
        """Return the record of *job*."""
        state = state_of(job.status, job.conclusion)
        span = span_of_job(job)
        return BuildJob(
            source=self.source,
            id=f"{repository}/{job.id}",
            name=job.name,
            status=status_of(state),
            reason=reason_of(state),
            created_at=job.created_at or job.started_at,
            updated_at=job.completed_at or job.started_at,
            url=web_url(job.html_url),
            build=f"{repository}/{job.run_id}",
            repository=repository,
            state=state,
            runner=job.runner_name or "",
            started_at=span.begun_at,
            finished_at=span.ended_at,
        )

    def deployment(
        self,
        repository: str,
        deployed: GitHubDeployment,
        latest: GitHubDeploymentStatus | None,
        live: LiveDeployment | None = None,
    ) -> Deployment:
        """Return the record of a deployment with its *latest* status.

        *live* is what serves its environment meanwhile: this one, an earlier one, or ``None`` where
        that is not known.
        """
        state = latest.state if latest else "pending"
        said = (latest.description if latest else None) or deployed.description
        return Deployment(
            source=self.source,
            id=f"{repository}/{deployed.environment}",
            name=repository.partition("/")[2],
            status=status_of(state),
            reason=reason_of(state),
            message=said or "",
            environment=self.environment_of(deployed.environment),
            created_at=deployed.created_at,
            updated_at=(latest.created_at if latest else None) or deployed.updated_at,
            url=self._page(repository, deployed.environment, latest),
            workload="GitHub",
            cluster=repository,
            namespace=deployed.environment,
            revision=str(deployed.id),
            commit=deployed.sha or "",
            actor=deployed.creator.login if deployed.creator else "",
            deployed_at=live.since if live else None,
            inputs=self._deployed(repository, deployed, state, live),
        )

    def _deployed(
        self,
        repository: str,
        deployed: GitHubDeployment,
        state: str,
        live: LiveDeployment | None,
    ) -> tuple[Claim, ...]:
        if live is None:
            return claims.candidate_inputs(self.host, repository, deployed, state)
        found = claims.deployment_inputs(self.host, repository, live.deployed, live.statuses)
        if live.deployed.id == deployed.id:
            return found
        return (*found, *claims.candidate_inputs(self.host, repository, deployed, state))

    def _page(
        self, repository: str, environment: str, latest: GitHubDeploymentStatus | None
    ) -> str:
        own = f"{self.web}/{repository}/deployments/{quote(environment, safe='')}"
        return (web_url(latest.log_url or latest.target_url) if latest else None) or own


def with_default_branch(build: Build, name: str) -> Build:
    """Return *build* with the default branch *name* of its repository; one of a fork as it is."""
    own = {claim.scope for claim in build.outputs}
    is_own = any(claim.type == COMMIT and claim.scope in own for claim in build.inputs)
    return replace(build, default_branch=name) if is_own else build


def split_id(record_id: str) -> tuple[str, str]:
    """Split a record's id into ``owner/name`` and the rest. Raises :exc:`NotFound`."""
    parts = record_id.split("/", 2)
    if len(parts) != 3 or not all(parts):
        raise NotFound(f"there is no {record_id!r} on GitHub", "names begin with owner/name/")
    return f"{parts[0]}/{parts[1]}", parts[2]


def split_number(record_id: str) -> tuple[str, str]:
    """Split a record's id into ``owner/name`` and a number. Raises :exc:`NotFound`."""
    repository, number = split_id(record_id)
    if not number.isdecimal():
        raise NotFound(f"there is no {record_id!r} on GitHub", "runs and jobs are numbered")
    return repository, number


def web_url(url: str | None) -> str | None:
    """Return *url* if a browser may be sent there."""
    return url if url and url.startswith(("https://", "http://")) else None


def workflow_of(run: GitHubRun) -> str:
    """Return the name of the workflow of *run*."""
    if run.name:
        return run.name
    if run.path:
        return PurePosixPath(run.path.partition("@")[0]).name
    return f"workflow {run.workflow_id}"


def title_of(run: GitHubRun) -> str:
    """Return the title of *run*, or of its commit."""
    if run.display_title:
        return run.display_title
    message = run.head_commit.message if run.head_commit else ""
    return message.partition("\n")[0]
