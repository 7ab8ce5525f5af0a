"""Look-ups in the world as GitHub's API needs them: by id, filtered, the newest first."""

from collections.abc import Mapping, Sequence

from opsboard.demo.world.ci import (
    DemoCommit,
    DemoDeployment,
    DemoRepository,
    DemoRunStatus,
    DemoWorkflow,
    DemoWorkflowJob,
    DemoWorkflowRun,
)
from opsboard.demo.world.commits import pull_requests_about
from opsboard.demo.world.company import OWNER
from opsboard.demo.world.world import DemoWorld


class FakeGitHubQueries:
    """Reads a world. What is created later than now does not exist yet."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world

    def repositories(self) -> Sequence[DemoRepository]:
        return tuple(self.world.repositories.values())

    def repository(self, owner: str, name: str) -> DemoRepository | None:
        return self.world.repositories.get(name) if owner == OWNER else None

    def runs(
        self, repository: DemoRepository, wanted: Mapping[str, str]
    ) -> Sequence[DemoWorkflowRun]:
        """Return the runs that match the query parameters *wanted*, the newest first."""
        now = self.world.now
        found = [one for one in repository.runs if one.created_at <= now]
        if any(name in wanted for name in ("branch", "event", "actor", "head_sha", "status")):
            found = [one for one in found if self._fits(one, wanted)]
        return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)

    def _fits(self, run: DemoWorkflowRun, wanted: Mapping[str, str]) -> bool:
        status = run.status(self.world.now)
        states = {status.value} | (
            {run.conclusion.value} if status is DemoRunStatus.COMPLETED else set()
        )
        pairs = (
            (wanted.get("branch"), {run.branch}),
            (wanted.get("event"), {run.event}),
            (wanted.get("actor"), {run.actor}),
            (wanted.get("head_sha"), {run.commit.sha}),
            (wanted.get("status"), states),
        )
        return all(not asked or asked in known for asked, known in pairs)

    def run(self, repository: DemoRepository, number: int) -> DemoWorkflowRun | None:
        return next((one for one in self.runs(repository, {}) if one.id == number), None)

    def job(self, repository: DemoRepository, number: int) -> DemoWorkflowJob | None:
        """Return the job of that id, of any attempt."""
        attempts = (
            one for run in self.runs(repository, {}) for one in (run, *run.previous_attempts)
        )
        return next((job for one in attempts for job in one.jobs if job.id == number), None)

    def attempt(self, run: DemoWorkflowRun, number: int) -> DemoWorkflowRun | None:
        """Return *run* as it was at attempt *number*."""
        return next((one for one in (run, *run.previous_attempts) if one.attempt == number), None)

    def commit(self, repository: DemoRepository, ref: str) -> DemoCommit | None:
        """Return the commit of that sha, or the head of that branch."""
        if ref in {"main", "heads/main"}:
            return repository.head
        if ref in self.world.commits:
            return self.world.commits[ref]
        for pull in pull_requests_about(repository, ref):
            return pull.head
        runs = self.runs(repository, {"branch": ref.removeprefix("heads/")})
        return runs[0].commit if runs else None

    def workflow(self, repository: DemoRepository, name: str) -> DemoWorkflow | None:
        """Return the workflow of that id, or file."""
        for flow in repository.workflows:
            if name in {str(flow.id), flow.spec.file}:
                return flow
        return None

    def releases(
        self, repository: DemoRepository, wanted: Mapping[str, str]
    ) -> Sequence[DemoDeployment]:
        """Return the deployments that match the query parameters *wanted*, the newest first."""
        environment, sha = wanted.get("environment"), wanted.get("sha")
        found = [
            one
            for one in repository.deployments
            if one.created_at <= self.world.now
            and (not environment or one.environment == environment)
            and (not sha or one.commit.sha == sha)
        ]
        return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)

    def release(self, repository: DemoRepository, number: int) -> DemoDeployment | None:
        return next((one for one in self.releases(repository, {}) if one.id == number), None)

    def environments(self, repository: DemoRepository) -> Sequence[str]:
        return tuple(sorted({one.environment for one in repository.deployments}, reverse=True))
