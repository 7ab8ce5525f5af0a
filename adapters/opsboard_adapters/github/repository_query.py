"""One GraphQL query for many repositories: default branch, its head, and commits by their SHA.

REST would take two requests for each repository and one for each commit. A query for twenty of them
costs a point or two, of an allowance of its own; but it is never free, so it is not for polling.

https://docs.github.com/en/graphql/reference/objects#repository
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from opsboard_adapters.github.models import GitHubStruct, GitHubUser, parse

PULL_REQUESTS: Final = 3
"""Pull requests of a commit that are asked for."""

HISTORY: Final = 30
"""Commits of the default branch, the newest, whose messages are read."""

_COMMIT: Final = f"""
fragment C on Commit {{
  oid message committedDate url
  author {{ name user {{ login }} }}
  associatedPullRequests(first: {PULL_REQUESTS}) {{
    nodes {{
      number title state url mergedAt headRefOid
      mergeCommit {{ oid }} author {{ login }} baseRepository {{ nameWithOwner }}
    }}
  }}
}}
fragment H on Commit {{
  history(first: {HISTORY}) {{
    nodes {{ oid message committedDate url author {{ name user {{ login }} }} }}
  }}
}}
"""
_NAME: Final = re.compile(r"[\w.-]+/[\w.-]+")
_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class GitHubQueryOid(GitHubStruct, frozen=True, gc=False):
    oid: str = ""


class GitHubQueryName(GitHubStruct, frozen=True, gc=False):
    nameWithOwner: str = ""  # noqa: N815 - GraphQL's spelling


class GitHubQueryPullRequest(GitHubStruct, frozen=True, gc=False):
    time_fields = ("mergedAt",)

    number: int
    title: str = ""
    state: str = ""
    url: str | None = None
    mergedAt: datetime | None = None  # noqa: N815
    headRefOid: str | None = None  # noqa: N815
    mergeCommit: GitHubQueryOid | None = None  # noqa: N815
    author: GitHubUser | None = None
    baseRepository: GitHubQueryName | None = None  # noqa: N815


class GitHubQueryPullRequests(GitHubStruct, frozen=True, gc=False):
    nodes: tuple[GitHubQueryPullRequest, ...] | None = None


class GitHubQueryAuthor(GitHubStruct, frozen=True, gc=False):
    name: str | None = None
    user: GitHubUser | None = None


class GitHubQueryCommit(GitHubStruct, frozen=True, gc=False):
    """A commit; one without an *oid* is another object, such as a tag."""

    time_fields = ("committedDate",)

    oid: str = ""
    message: str = ""
    url: str | None = None
    committedDate: datetime | None = None  # noqa: N815
    author: GitHubQueryAuthor | None = None
    associatedPullRequests: GitHubQueryPullRequests | None = None  # noqa: N815
    history: "GitHubQueryHistory | None" = None

    @property
    def author_name(self) -> str:
        if self.author is None:
            return ""
        return (self.author.user.login if self.author.user else "") or self.author.name or ""


class GitHubQueryHistory(GitHubStruct, frozen=True, gc=False):
    nodes: tuple[GitHubQueryCommit, ...] | None = None


class GitHubQueryBranch(GitHubStruct, frozen=True, gc=False):
    name: str = ""
    target: GitHubQueryCommit | None = None


class GitHubQueryRepository(GitHubStruct, frozen=True, gc=False):
    nameWithOwner: str  # noqa: N815
    defaultBranchRef: GitHubQueryBranch | None = None  # noqa: N815


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What a query told of one repository: its present *name*, and *commits* by their SHA.

    *history* are the newest commits of the default branch, without their pull requests.
    """

    name: str
    default_branch: str
    head: str
    commits: Mapping[str, GitHubQueryCommit]
    history: Sequence[GitHubQueryCommit] = ()


def document(wanted: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return the query for *wanted*: repositories, and SHAs in each."""
    parts = [_part(number, *one) for number, one in enumerate(wanted)]
    return f"query {{ {' '.join(parts)} }}\n{_COMMIT}"


def _part(number: int, repository: str, shas: Iterable[str]) -> str:
    if not _NAME.fullmatch(repository):
        raise ValueError(f"{repository!r} is no owner/name")
    owner, _, name = repository.partition("/")
    commits = (
        f'c{at}: object(oid: "{sha}") {{ ...C }}'
        for at, sha in enumerate(shas)
        if _SHA.fullmatch(sha)
    )
    return (
        f'r{number}: repository(owner: "{owner}", name: "{name}") {{ nameWithOwner '
        f"defaultBranchRef {{ name target {{ ...C ...H }} }} {' '.join(commits)} }}"
    )


def is_name(text: str) -> bool:
    """Tell whether *text* is an ``owner/name``."""
    return _NAME.fullmatch(text) is not None


def name_document(names: Sequence[str]) -> str:
    """Return the query for what each of *names* is called now."""
    parts = [
        f'r{number}: repository(owner: "{owner}", name: "{name}") {{ nameWithOwner }}'
        for number, (owner, _, name) in enumerate(one.partition("/") for one in names)
    ]
    return f"query {{ {' '.join(parts)} }}"


def read_name(data: Mapping[str, Any], number: int) -> str:
    """Return the present name of repository *number*; ``""`` where it cannot be seen."""
    values = data.get(f"r{number}")
    return parse(GitHubQueryRepository, values).nameWithOwner if isinstance(values, dict) else ""


def read_facts(data: Mapping[str, Any], number: int) -> RepositoryFacts | None:
    """Return what *data* says of repository *number*; ``None`` where it cannot be seen."""
    values = data.get(f"r{number}")
    if not isinstance(values, dict):
        return None
    objects = [values.pop(key) for key in tuple(values) if re.fullmatch(r"c\d+", key)]
    repository = parse(GitHubQueryRepository, values)
    branch = repository.defaultBranchRef
    head = branch.target if branch else None
    found = [parse(GitHubQueryCommit, one) for one in objects if isinstance(one, dict)]
    commits = {one.oid: one for one in (*([head] if head else []), *found) if one.oid}
    history = head.history.nodes if head and head.history else None
    return RepositoryFacts(
        repository.nameWithOwner,
        branch.name if branch else "",
        head.oid if head else "",
        commits,
        tuple(one for one in history or () if one.oid),
    )
