"""How commits stand to each other, and the pull requests that they came by.

Most commits of the default branch are pull requests that were squashed: what was reviewed and built
on the branch is another commit. All of it follows from the SHA, so that it is the same in every
process, and no random number of the world is drawn for it.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from opsboard.demo.world.ci import DemoCommit, DemoRepository

_SQUASHED: Final = 11
"""Of sixteen commits, so many are squashed pull requests; the others were pushed as they are."""
_REVIEWED_FOR: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class DemoPullRequest:
    """A merged pull request: of *head*, the last commit of its branch, *merge_commit* was made."""

    number: int
    head: DemoCommit
    merge_commit: DemoCommit

    @property
    def branch(self) -> str:
        return f"change-{self.number}"


@dataclass(frozen=True, slots=True)
class DemoComparison:
    """How many commits of one are not in the other, both ways."""

    ahead: int
    behind: int
    merge_base: DemoCommit


def pull_request_of(commit: DemoCommit) -> DemoPullRequest | None:
    """Return the pull request that was merged as *commit*, if it was one."""
    if int(commit.sha[0], 16) >= _SQUASHED:
        return None
    sha = sha256(f"head of {commit.sha}".encode()).hexdigest()[:40]
    head = DemoCommit(sha, commit.title, commit.author, commit.at - _REVIEWED_FOR)
    return DemoPullRequest(1_000 + int(commit.sha[1:5], 16), head, commit)


def pull_requests_about(repository: DemoRepository, sha: str) -> list[DemoPullRequest]:
    """Return the pull requests that *sha* is the head of, or was merged by."""
    found = (pull_request_of(one) for one in repository.main)
    return [one for one in found if one and sha in {one.head.sha, one.merge_commit.sha}]


def compare(repository: DemoRepository, base: str, head: str) -> DemoComparison | None:
    """Return how *head* stands to *base*; ``None`` where the repository lacks one of them."""
    lines = _line(repository, base), _line(repository, head)
    if None in lines:
        return None
    (on_main, beside), (main_of_head, beside_of_head) = lines[0] or (0, 0), lines[1] or (0, 0)
    same = base == head
    common = min(on_main, main_of_head)
    return DemoComparison(
        0 if same else main_of_head - common + beside_of_head,
        0 if same else on_main - common + beside,
        repository.main[common - 1],
    )


def _line(repository: DemoRepository, sha: str) -> tuple[int, int] | None:
    """Return how many commits of the default branch *sha* contains, and how many beside them."""
    for number, commit in enumerate(repository.main, 1):
        if commit.sha == sha:
            return number, 0
        pull = pull_request_of(commit)
        if pull is not None and pull.head.sha == sha:
            return number - 1, 1
    beside = repository.branched_at.get(sha)
    return None if beside is None else (beside, 1)
