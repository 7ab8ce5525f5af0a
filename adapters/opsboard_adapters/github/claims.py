"""What runs and deployments are made of, as identities: commits, pull requests, runs, images.

A commit is known by the repository that holds it. That of a run is its head repository: a fork has
commits of its own, and one with the same SHA is not joined with it. A repository that was renamed
is known by its present name, as GitHub states it in each run, whatever the config calls it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from opsboard.records.claims import Claim, Strength, stated
from opsboard.records.identity import ci_run, commit, image, pull_request
from opsboard_adapters.github.models import GitHubDeployment, GitHubDeploymentStatus, GitHubRun


@dataclass(frozen=True, slots=True)
class RepositoryHost:
    """Where repositories are: its *name* is part of theirs, *api* is where its API answers."""

    name: str = "github.com"
    api: str = "api.github.com"

    def of(self, repository: str) -> str:
        """Return what *repository*, an ``owner/name``, is known by everywhere."""
        return f"{self.name}/{repository}"

    def has(self, netloc: str) -> bool:
        """Tell whether an URL with *netloc* leads here."""
        return netloc.casefold() in {self.name.casefold(), self.api.casefold()}


HEAD_SHA: Final = "GitHub run: head_sha"
PULL_REQUESTS: Final = "GitHub run: pull_requests"
RUN_ID: Final = "GitHub run: id"
DEPLOYED: Final = "GitHub deployment: sha"
DEPLOYED_BY: Final = "GitHub deployment: log_url"
PAYLOAD: Final = "GitHub deployment: payload"

MAX_IMAGES: Final = 20
"""Images in the payload of a deployment that are stated."""
_FROM_FORKS: Final = frozenset({"pull_request", "pull_request_target", "pull_request_review"})
"""Events of runs whose commit may be that of a fork; where that was deleted, it is not named."""
_API_PATH: Final = re.compile(r"/repos/(?P<name>[\w.-]+/[\w.-]+)/?\Z")
RUN_PATH: Final = re.compile(r"/(?P<name>[\w.-]+/[\w.-]+)/actions/runs/(?P<run>\d+)")


def repository_of_run(run: GitHubRun, configured: str) -> str:
    """Return the repository in which *run* ran, by its present name."""
    return run.repository.full_name if run.repository else configured


def head_repository_of(run: GitHubRun, configured: str) -> str:
    """Return the repository that holds the commit of *run*; ``""`` where it is not known."""
    if run.head_repository is not None:
        return run.head_repository.full_name
    return "" if run.event in _FROM_FORKS else repository_of_run(run, configured)


def is_of_fork(run: GitHubRun, configured: str) -> bool:
    """Tell whether the branch of *run* is, or may be, one of another repository."""
    own, head = repository_of_run(run, configured), head_repository_of(run, configured)
    return own.casefold() != head.casefold()


def run_inputs(host: RepositoryHost, configured: str, run: GitHubRun) -> tuple[Claim, ...]:
    """Return what *run* is about: its commit, and the pull requests that GitHub names."""
    head = head_repository_of(run, configured)
    built = commit(host.of(head), run.head_sha or "", HEAD_SHA) if head else None
    own = repository_of_run(run, configured)
    pulls = (
        pull_request(host.of(_base_of(pull.base, own)), pull.number, PULL_REQUESTS)
        for pull in run.pull_requests or ()
    )
    return stated(built, *pulls)


def run_outputs(host: RepositoryHost, configured: str, run: GitHubRun) -> tuple[Claim, ...]:
    """Return what *run* is: a run of CI."""
    return stated(ci_run(host.of(repository_of_run(run, configured)), run.id, RUN_ID))


def deployment_inputs(
    host: RepositoryHost,
    configured: str,
    deployed: GitHubDeployment,
    statuses: Sequence[GitHubDeploymentStatus],
) -> tuple[Claim, ...]:
    """Return what a deployment that is live consists of: its commit, run and images."""
    where = host.of(repository_of_deployment(deployed, configured))
    run = next(_runs_of(host, statuses), None)
    return stated(commit(where, deployed.sha or "", DEPLOYED), run, *_images_of(deployed.payload))


def candidate_inputs(
    host: RepositoryHost, configured: str, deployed: GitHubDeployment, state: str
) -> tuple[Claim, ...]:
    """Return the commit of a deployment that is not live: a candidate, which nothing rests on."""
    where = host.of(repository_of_deployment(deployed, configured))
    rule = f"GitHub deployment: {state.replace('_', ' ')}, not live"
    return stated(commit(where, deployed.sha or "", rule, Strength.CANDIDATE))


def repository_of_deployment(deployed: GitHubDeployment, configured: str) -> str:
    """Return the repository of a deployment, by its present name."""
    match = _API_PATH.search(urlsplit(deployed.repository_url or "").path)
    return match["name"] if match else configured


def _base_of(base: Mapping[str, Any] | None, own: str) -> str:
    """Return the repository that a pull request leads into: another one, for a run in a fork."""
    repo = (base or {}).get("repo")
    url = repo.get("url") if isinstance(repo, Mapping) else ""
    match = _API_PATH.search(str(url or ""))
    return match["name"] if match else own


def _runs_of(host: RepositoryHost, statuses: Sequence[GitHubDeploymentStatus]) -> Iterator[Claim]:
    for status in statuses:
        for url in (status.log_url, status.target_url):
            parts = urlsplit(url or "")
            match = RUN_PATH.match(parts.path) if host.has(parts.netloc) else None
            if match and (claim := ci_run(host.of(match["name"]), match["run"], DEPLOYED_BY)):
                yield claim


def _images_of(payload: object) -> Iterator[Claim]:
    """Yield the images that the *payload* of a deployment names by digest, as its maker says."""
    found = 0
    for text in _texts(payload, depth=3):
        claim = image(text, PAYLOAD, Strength.LABEL)
        if claim is not None and found < MAX_IMAGES:
            found += 1
            yield claim


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part, depth - 1)
    elif depth and isinstance(value, Sequence):
        for part in value:
            yield from _texts(part, depth - 1)
