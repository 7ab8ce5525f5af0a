"""Reads pull requests for their pages: state, reviews, and checks of their last commit."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Detail, GridRow, NotFound, Section, SourceError
from opsboard.records import JSON, BuildJob, PullRequest, PullRequestState, Status
from opsboard.records.claims import stated
from opsboard.records.identity import commit, pull_request, repository
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.models import parse
from opsboard_adapters.github.pull_request_models import (
    GitHubApp,
    GitHubCheckPage,
    GitHubCheckRun,
    GitHubCommitStatus,
    GitHubPull,
    GitHubReview,
)
from opsboard_adapters.github.pull_request_page import (
    checks_grid,
    pull_request_facts,
    reviews_grid,
)
from opsboard_adapters.github.status_map import state_of, status_of
from opsboard_adapters.github.translate import split_number, web_url
from opsboard_adapters.http.decoding import decode_array, decode_each, decode_page
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.listing.partial import collecting_errors
from opsboard_adapters.times import format_time

MAX_PAGES: Final = 3
"""Pages of reviews, or of checks, that are read: 300 of each."""

_ACTIONS: Final = "github-actions"
"""The app whose check runs are jobs, with the same ids."""


class PullRequestReader:
    """Reads the pages of pull requests of one source."""

    def __init__(self, source: str, host: RepositoryHost, api: GitHubApi) -> None:
        self._source, self._host, self._api = source, host, api

    async def detail(self, record_id: str) -> Detail:
        """Return the page of the pull request that a record is about."""
        name, number = self._place(record_id)
        pull = parse(GitHubPull, await self._api.get_object(f"repos/{name}/pulls/{number}"))
        errors: list[SourceError] = []
        skips = SkippedRecords("reviews and checks")
        reviews: Sequence[GitHubReview] = ()
        checks: Sequence[GridRow] = ()
        with collecting_errors(errors):
            reviews = await self._reviews(f"repos/{name}/pulls/{number}/reviews", skips)
        sha = pull.head.sha if pull.head else ""
        if sha:
            with collecting_errors(errors):
                checks = await self._checks(name, sha, skips)
            with collecting_errors(errors):
                checks = [*checks, *await self._statuses(name, sha, skips)]
        sections: list[Section] = [
            pull_request_facts(pull),
            reviews_grid(pull, reviews),
            checks_grid(checks),
        ]
        record = self._record(name, pull, _worst(checks))
        return Detail(record=record, sections=(*sections, *unread_section(errors, skips)))

    async def raw(self, record_id: str) -> JSON:
        """Return it as GitHub's JSON."""
        name, number = self._place(record_id)
        return await self._api.get_object(f"repos/{name}/pulls/{number}")

    def _place(self, record_id: str) -> tuple[str, str]:
        """Return repository and number. Raises :exc:`NotFound` where it is not one of this host."""
        where, _, number = record_id.rpartition("#")
        prefix = f"{repository(self._host.of('x')).removesuffix('x')}"
        if not where.startswith(prefix):
            raise NotFound(f"{where or record_id!r} is not on {self._host.name}")
        return split_number(f"{where.removeprefix(prefix)}/{number}")

    # --- reading ---

    async def _reviews(self, path: str, skips: SkippedRecords) -> Sequence[GitHubReview]:
        found: list[GitHubReview] = []
        for page in range(1, MAX_PAGES + 1):
            params = {"per_page": PAGE_SIZE, "page": page}
            items = await decode_array(await self._api.get_cached(path, params))
            found += await decode_each(items, GitHubReview, skips, _numbered)
            if len(items) < PAGE_SIZE:
                break
        return found

    async def _checks(self, name: str, sha: str, skips: SkippedRecords) -> Sequence[GridRow]:
        rows: list[GridRow] = []
        for number in range(1, MAX_PAGES + 1):
            path = f"repos/{name}/commits/{sha}/check-runs"
            answer = await self._api.get_cached(path, {"per_page": PAGE_SIZE, "page": number})
            page, items = await decode_page(answer, GitHubCheckPage, "check_runs")
            found = await decode_each(items, GitHubCheckRun, skips, _numbered)
            rows += [self._check_row(name, one) for one in found]
            if not items or number * PAGE_SIZE >= page.total_count:
                break
        return rows

    def _check_row(self, name: str, one: GitHubCheckRun) -> GridRow:
        state = state_of(one.status, one.conclusion)
        app = one.app or GitHubApp()
        job = None
        if app.slug == _ACTIONS:
            job = BuildJob(
                source=self._source, id=f"{name}/{one.id}", name=one.name, build="",
                repository=name, state=state, status=status_of(state), started_at=one.started_at,
                finished_at=one.completed_at,
            )  # fmt: skip
        at = one.completed_at or one.started_at
        cells = (one.name, state.replace("_", " "), format_time(at), app.name)
        return GridRow(cells=cells, status=status_of(state), record=job)

    async def _statuses(self, name: str, sha: str, skips: SkippedRecords) -> Sequence[GridRow]:
        path = f"repos/{name}/commits/{sha}/status"
        answer = await self._api.get_cached(path, {"per_page": PAGE_SIZE})
        _, items = await decode_page(answer, GitHubCheckPage, "statuses")
        found = await decode_each(items, GitHubCommitStatus, skips, _numbered)
        return [
            GridRow(
                cells=(one.context, one.state, format_time(one.updated_at), one.description or ""),
                status=Status.RUNNING if one.state == "pending" else status_of(one.state),
            )
            for one in found
        ]

    # --- the record ---

    def _record(self, name: str, pull: GitHubPull, checks: Status) -> PullRequest:
        where = repository(self._host.of(name))
        head = pull.head.sha if pull.head else ""
        state = pull.record_state
        merge_commit = (pull.merge_commit_sha or "") if state is PullRequestState.MERGED else ""
        is_open = state is PullRequestState.OPEN
        return PullRequest(
            source=self._source,
            id=f"{where}#{pull.number}",
            name=pull.title or f"#{pull.number}",
            status=checks if is_open else Status.OK,
            reason=_reason(pull, state, checks),
            created_at=pull.merged_at,
            url=web_url(pull.html_url),
            repository=where,
            number=pull.number,
            state=state,
            author=pull.user.login if pull.user else "",
            head=head,
            merge_commit=merge_commit,
            merged_at=pull.merged_at,
            inputs=stated(commit(where, head, "GitHub pull request: head")),
            outputs=stated(
                pull_request(where, pull.number, "GitHub pull request"),
                commit(where, merge_commit, "GitHub pull request: merge_commit_sha"),
            ),
        )


def _numbered(_values: object, number: int) -> str:
    return f"entry {number}"


def _reason(pull: GitHubPull, state: PullRequestState, checks: Status) -> str:
    if state is not PullRequestState.OPEN:
        return ""  # as the board has it, by the facts for joins
    words = "draft" if pull.draft else state.value
    return words if checks is Status.OK else f"{words}, checks {checks.value}"


def _worst(rows: Sequence[GridRow]) -> Status:
    statuses: Sequence[Status] = [row.status for row in rows if row.status is not None]
    return max(statuses, key=lambda status: status.severity, default=Status.OK)
