"""Whether an earlier deployment would come up again: its commit, and what became of that before."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from opsboard.adapter import (
    Malformed,
    NotFound,
    Severity,
    StartCheck,
    StartFinding,
    StartReport,
)
from opsboard.adapter.actions.findings import listed
from opsboard.records.commits import short_sha
from opsboard_adapters.github.actions.describe import run_name
from opsboard_adapters.github.actions.history import with_statuses
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.models import GitHubRun
from opsboard_adapters.github.reader import GitHubReader

MAX_DEPLOYMENTS: Final = 5
"""Deployments of the commit to the environment whose statuses are read, the latest first."""
_BAD: Final = frozenset({"failure", "error"})
_FAILED: Final = frozenset({"failure", "timed_out", "startup_failure"})


def deployment_checks(
    reader: GitHubReader, repository: str, environment: str, sha: str, run: int
) -> Sequence[StartCheck]:
    """Return the checks of deploying *sha* to *environment* again, by running *run* again."""
    return (
        StartCheck("its commit", partial(_commit, reader, repository, sha)),
        StartCheck("what became of it here", partial(_past, reader, repository, environment, sha)),
        StartCheck("its other runs", partial(_other_runs, reader, repository, sha, run)),
    )


async def _commit(reader: GitHubReader, repository: str, sha: str) -> StartReport:
    """Return whether the commit is there to be checked out."""
    subject = f"commit {short_sha(sha)} of {repository}"
    try:
        await reader.commit(repository, sha)
    except (NotFound, Malformed):  # a SHA that it does not know is a 422
        text = f"commit {short_sha(sha)} is gone: nothing can check it out"
        return _told(Severity.BLOCKER, text, subject)
    return _told(Severity.NOTE, f"commit {short_sha(sha)} is there", subject)


async def _past(reader: GitHubReader, repository: str, environment: str, sha: str) -> StartReport:
    """Return how the last deployment of the commit ended that has ended badly, or that it ran."""
    params: Params = {"environment": environment, "sha": sha, "per_page": MAX_DEPLOYMENTS}
    deployments = await reader.deployments(repository, params)
    past = [one for one in await with_statuses(reader, repository, deployments) if one.statuses]
    subject = f"deployments of {short_sha(sha)} to {environment}"
    if (bad := next((one for one in past if one.state in _BAD), None)) is not None:
        which = f"deployment {bad.deployment.id} is {bad.state}"
        text = f"{short_sha(sha)} was deployed here before, and {which}"
        return _told(Severity.WARNING, text, subject)
    count = len(past)
    times = "once" if count == 1 else f"{count} times"
    return _told(Severity.NOTE, f"it was deployed here {times} before, never badly", subject)


async def _other_runs(reader: GitHubReader, repository: str, sha: str, run: int) -> StartReport:
    """Return which workflows have failed for the commit, by the latest run of each."""
    latest: dict[int | None, GitHubRun] = {}
    for one in await reader.runs_of(repository, sha):
        if one.id != run:
            latest.setdefault(one.workflow_id, one)
    subject = f"runs of {short_sha(sha)}"
    failed = [one for one in latest.values() if one.conclusion in _FAILED]
    if not failed:
        text = "no other workflow has failed for its commit"
        return _told(Severity.NOTE, text, subject)
    which = listed(f"{run_name(one)} ({one.conclusion})" for one in failed)
    return _told(Severity.WARNING, f"for its commit failed {which}", subject)


def _told(severity: Severity, text: str, subject: str) -> StartReport:
    return StartReport((StartFinding(severity=severity, text=text, subject=subject),))
