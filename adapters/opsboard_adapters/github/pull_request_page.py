"""The sections of the page of a pull request: what it is, its reviews, its checks."""

from collections.abc import Mapping, Sequence
from typing import Final

from opsboard.adapter import Fact, Facts, Grid, GridRow
from opsboard.records import PullRequestState, Status
from opsboard_adapters.github.pull_request_models import GitHubPull, GitHubReview
from opsboard_adapters.times import format_time

_MERGEABLE: Final[Mapping[str, tuple[str, Status | None]]] = {
    "clean": ("yes", Status.OK),
    "has_hooks": ("yes", Status.OK),
    "unstable": ("yes, but not all checks are well", Status.WARNING),
    "dirty": ("no: it conflicts with its base", Status.WARNING),
    "blocked": ("no: a required review or check is missing", Status.WARNING),
    "behind": ("no: its branch is behind its base", Status.WARNING),
    "draft": ("no: it is a draft", None),
}
"""What ``mergeable_state`` means. GitHub documents the word and not its values; these are those of
``MergeStateStatus`` in GraphQL, in lower case."""

_DECIDING: Final = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""Reviews that take the place of an earlier one of the same person; a comment does not."""
_REVIEWS: Final[Mapping[str, tuple[str, Status | None]]] = {
    "APPROVED": ("approved", Status.OK),
    "CHANGES_REQUESTED": ("asks for changes", Status.WARNING),
    "COMMENTED": ("commented", None),
    "DISMISSED": ("dismissed", None),
    "PENDING": ("not sent yet", None),
}


def pull_request_facts(pull: GitHubPull) -> Facts:
    state = pull.record_state
    by = f" by {pull.merged_by.login}" if pull.merged_by else ""
    words = f"{state.value}{by if state is PullRequestState.MERGED else ''}"
    if state is PullRequestState.OPEN and pull.draft:
        words = "open, a draft"
    branches = " → ".join(one.ref for one in (pull.head, pull.base) if one is not None)
    facts = [
        Fact(label="number", value=f"#{pull.number}"),
        Fact(label="state", value=words),
        *([_mergeable(pull)] if state is PullRequestState.OPEN else ()),
        *_texts(
            {
                "by": pull.user.login if pull.user else "",
                "branch": branches,
                "from": _fork(pull),
                "commit": pull.head.sha if pull.head else "",
                "merged as": pull.merge_commit_sha if state is PullRequestState.MERGED else "",
                "changes": _changes(pull),
                "labels": ", ".join(one.name for one in pull.labels or ()),
                "merges by itself": "once it can" if pull.auto_merge else "",
                "opened": format_time(pull.created_at),
                "merged": format_time(pull.merged_at),
                "updated": format_time(pull.updated_at),
            }
        ),
    ]
    return Facts(title="Pull request", facts=tuple(facts))


def _texts(values: Mapping[str, str | None]) -> Sequence[Fact]:
    return [Fact(label=label, value=value) for label, value in values.items() if value]


def _mergeable(pull: GitHubPull) -> Fact:
    """Return whether it could be merged; GitHub finds that out only when somebody asks."""
    known = _MERGEABLE.get(pull.mergeable_state or "")
    if pull.mergeable is None and known is None:
        return Fact(label="mergeable", value="GitHub is finding that out; r asks again")
    if known is None:
        can = "yes" if pull.mergeable else "no"
        word = f" ({pull.mergeable_state})" if pull.mergeable_state else ""
        return Fact(label="mergeable", value=f"{can}{word}")
    words, status = known
    return Fact(label="mergeable", value=words, status=status)


def _fork(pull: GitHubPull) -> str:
    """Return the fork that it is from, if it is from one; one that was deleted has no name."""
    if pull.head is None or pull.base is None:
        return ""
    if pull.head.repo is None:
        return "a fork that is gone"
    same = pull.base.repo is not None and pull.head.repo.full_name == pull.base.repo.full_name
    return "" if same else pull.head.repo.full_name


def _changes(pull: GitHubPull) -> str:
    if pull.changed_files is None:
        return ""
    commits = f", {pull.commits} commits" if (pull.commits or 0) > 1 else ""
    files = "1 file" if pull.changed_files == 1 else f"{pull.changed_files} files"
    return f"+{pull.additions or 0} -{pull.deletions or 0} in {files}{commits}"


def reviews_grid(pull: GitHubPull, found: Sequence[GitHubReview]) -> Grid:
    """Return what each reviewer has said last, and who has yet to say something."""
    last: dict[str, GitHubReview] = {}
    for one in found:
        login = one.user.login if one.user else "somebody"
        if login not in last or one.state in _DECIDING or last[login].state not in _DECIDING:
            last[login] = one
    rows = [_review_row(login, one) for login, one in last.items()]
    waiting = [one.login for one in pull.requested_reviewers or ()]
    waiting += [f"team {one.name}" for one in pull.requested_teams or ()]
    rows += [GridRow(cells=(name, "asked for a review", "")) for name in waiting]
    columns = ("reviewer", "says", "at")
    return Grid(title="Reviews", columns=columns, rows=tuple(rows), empty="nobody was asked")


def _review_row(login: str, one: GitHubReview) -> GridRow:
    words, status = _REVIEWS.get(one.state, (one.state.lower(), None))
    return GridRow(cells=(login, words, format_time(one.submitted_at)), status=status)


def checks_grid(rows: Sequence[GridRow]) -> Grid:
    """Return the checks, what failed first; Enter and L on a job of Actions open it and its log."""
    ordered = sorted(rows, key=_severity, reverse=True)
    columns = ("check", "state", "at", "of")
    return Grid(title="Checks", columns=columns, rows=tuple(ordered), empty="no check")


def _severity(row: GridRow) -> int:
    return row.status.severity if row.status else 0
