"""Which environments a run deploys to: what a re-run changes beside the run.

Three things say so, none of them completely: the deployments of the run's commit, the deployments
that wait for a review, and the workflow file.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Finding, Forbidden, NotFound, SourceError
from opsboard.adapter.actions import ReadContext
from opsboard.adapter.actions.findings import listed, note, warning
from opsboard.environments.names import UNKNOWN
from opsboard_adapters.github.actions.base import GitHubActionClient
from opsboard_adapters.github.actions.describe import reviewers_of
from opsboard_adapters.github.actions.workflow_file import (
    NamedEnvironments,
    WorkflowSource,
    environments_of_jobs,
    read_workflow_tree,
)
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.models import GitHubDeploymentStatus, GitHubJob, GitHubRun
from opsboard_adapters.github.reader import WORKFLOW_FOLDER, GitHubReader

MAX_DEPLOYMENTS: Final = 100
"""Deployments of a commit that are listed."""
MAX_STATUS_READS: Final = 20
"""Deployments of a commit whose statuses are read, to find the run that made them."""
_RUN_URL: Final = re.compile(r"/actions/runs/(\d+)(?:/|$)")
_PULL_REQUEST: Final = "pull_request"
"""Prefix of events whose runs check out a merge commit, not the commit that they name."""
_BASE_BRANCH: Final = "pull_request_target"
"""The event whose runs use the workflow of the base branch, not that of their own commit."""


@dataclass(frozen=True, slots=True)
class DeployTargets:
    """The environments that a run deploys to.

    It has deployed to the *observed* ones; its workflow *declared* others. *doubts* are reasons why
    there may be more, and *reviews* says who has to approve which.
    """

    observed: tuple[str, ...]
    declared: tuple[str, ...]
    doubts: tuple[str, ...]
    reviews: tuple[Finding, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All environments that are known."""
        return (*self.observed, *self.declared)

    @property
    def touched(self) -> tuple[str, ...]:
        """The environments for the guard; empty where the run is known to deploy nowhere."""
        return (*self.names, *([UNKNOWN] if self.doubts else ()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know about them before the run is re-run."""
        found = []
        if self.observed:
            found.append(warning(f"it deploys to {listed(self.observed)} once more"))
        if self.declared:
            found.append(warning(f"by its workflow, it deploys to {listed(self.declared)}"))
        return (*found, *self.doubtful, *self.reviews)

    @property
    def doubtful(self) -> tuple[Finding, ...]:
        """The finding that there may be other environments."""
        return doubt_findings(self.doubts)


def doubt_findings(doubts: Sequence[str]) -> tuple[Finding, ...]:
    """Return the finding that the environments are not known for certain, if there are *doubts*."""
    if not doubts:
        return ()
    return (note(f"where it deploys to is not known for certain: {listed(doubts)}"),)


async def deploy_targets(
    ctx: ReadContext[GitHubActionClient],
    repository: str,
    run: GitHubRun,
    jobs: Sequence[GitHubJob] = (),
) -> DeployTargets:
    """Find where *run* deploys to. *jobs* are those of its latest attempt, where known."""
    reader = ctx.client.reader
    observed, doubts = await _observed(reader, repository, run)
    waiting = await _waiting(reader, repository, run)
    if waiting is None:
        doubts.append("the approvals that it waits for are hidden")
    observed += [name for name in waiting or () if name not in observed]
    named = await _declared(reader, repository, run, jobs)
    declared = [name for name in named.names if name not in observed]
    if not _has_deployed_everywhere(run):
        doubts += named.doubts
    reviews = await review_findings(reader, repository, (*observed, *declared))
    return DeployTargets(tuple(observed), tuple(declared), tuple(doubts), reviews)


def leading_environment(ctx: ReadContext[GitHubActionClient], names: Sequence[str]) -> str:
    """Return which of *names* to show where there is room for one: production, else the first."""
    known = [ctx.source.environment_of(name) or name for name in names]
    return "production" if "production" in known else next(iter(known), "")


def environments_touched(
    ctx: ReadContext[GitHubActionClient], names: Sequence[str], branch: str | None
) -> tuple[str, ...]:
    """Return *names*, and the environment that the config assigns to *branch*, if any."""
    own = ctx.source.environment_of(branch) if branch else ""
    return (*names, own) if own and own not in names else tuple(names)


async def _observed(
    reader: GitHubReader, repository: str, run: GitHubRun
) -> tuple[list[str], list[str]]:
    """Return where *run* has deployed to, by the links of its commit's deployments, and doubts."""
    if not run.head_sha:
        return [], ["it has no commit"]
    params: Params = {"sha": run.head_sha, "per_page": MAX_DEPLOYMENTS}
    deployments = await reader.deployments(repository, params)
    found: list[str] = []
    reads = 0
    for one in deployments:
        if one.environment in found:
            continue
        if (reads := reads + 1) > MAX_STATUS_READS:
            break
        if run_of(await reader.statuses(repository, one.id)) == run.id:
            found.append(one.environment)
    many = reads > MAX_STATUS_READS or len(deployments) >= MAX_DEPLOYMENTS
    return found, ["its commit has more deployments than are read"] if many else []


async def _waiting(reader: GitHubReader, repository: str, run: GitHubRun) -> Sequence[str] | None:
    """Return the environments that *run* waits for, or ``None`` where they are hidden."""
    if run.status == "completed":
        return ()
    try:
        pending = await reader.pending_deployments(repository, run.id)
    except (Forbidden, NotFound):
        return None
    return [one.environment.name for one in pending]


async def _declared(
    reader: GitHubReader, repository: str, run: GitHubRun, jobs: Sequence[GitHubJob]
) -> NamedEnvironments:
    """Return the environments in the workflow of *run*, as it was at its commit."""
    path = (run.path or "").partition("@")[0]
    if not path.startswith(WORKFLOW_FOLDER) or run.event == _BASE_BRANCH or not run.head_sha:
        return NamedEnvironments(doubts=["its workflow is not a file of its commit"])
    try:
        tree = await read_workflow_tree(reader, repository, path, run.head_sha)
    except SourceError as error:
        return NamedEnvironments(doubts=[f"its workflow cannot be read: {error.message}"])
    no_inputs: Mapping[str, str] = {}
    source = WorkflowSource(repository, run.head_sha, tree)
    return await environments_of_jobs(reader, source, no_inputs, _skipped_jobs(run, jobs))


def _skipped_jobs(run: GitHubRun, jobs: Sequence[GitHubJob]) -> Set[str]:
    """Return the jobs that a re-run skips again: those of a run in which nothing failed."""
    if run.conclusion != "success":
        return frozenset()
    skipped = {job.name for job in jobs if job.conclusion == "skipped"}
    return frozenset(skipped - {job.name for job in jobs if job.conclusion != "skipped"})


def _has_deployed_everywhere(run: GitHubRun) -> bool:
    """Tell whether *run* has completed, and so has deployed wherever it deploys to."""
    own_commit = not (run.event or "").startswith(_PULL_REQUEST)
    return run.conclusion == "success" and own_commit


def run_of(statuses: Sequence[GitHubDeploymentStatus]) -> int | None:
    """Return the id of the run that made a deployment, from the URLs of its *statuses*."""
    for status in statuses:
        for url in (status.log_url, status.target_url):
            if match := _RUN_URL.search(url or ""):
                return int(match[1])
    return None


async def review_findings(
    reader: GitHubReader, repository: str, names: Sequence[str]
) -> tuple[Finding, ...]:
    """Return who has to approve deployments to the environments *names*."""
    found = []
    for name in names:
        environment = await reader.environment(repository, name)
        who = reviewers_of(environment) if environment else ()
        if who:
            found.append(note(f"{name} waits for approval once more, by {listed(who)}"))
    return tuple(found)
