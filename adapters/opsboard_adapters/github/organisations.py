"""Poll which repositories an organisation or user has.

https://docs.github.com/en/rest/repos/repos#list-organization-repositories
"""

from collections.abc import Sequence
from datetime import datetime

import httpx

from opsboard.adapter import Change, Fresh, NotFound, SourceError, listing
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi, Params
from opsboard_adapters.github.models import GitHubRepository, name_of_repository
from opsboard_adapters.http.decoding import decode_array, decode_each
from opsboard_adapters.listing.completeness import ScopeCompleteness
from opsboard_adapters.listing.partial import HOST_WIDE, PartialList


class OrganisationPoller:
    """Polls the repositories of *name*, the last pushed first, without archived ones.

    One conditional request notices a push to any of them: *pushed* holds the repositories that were
    pushed to since the poll before.
    """

    active = False

    def __init__(self, name: str, api: GitHubApi, limit: int) -> None:
        self.name = name
        self.scope = f"repositories:{name}"
        self.repository = ""
        self.repositories: tuple[str, ...] = ()
        self.pushed: frozenset[str] = frozenset()
        self._api = api
        self._limit = limit
        self._path = f"orgs/{name}/repos"
        self._params: Params = {"sort": "pushed", "direction": "desc", "per_page": PAGE_SIZE}
        self._etag = ""
        self._found = False
        self._reported = False
        self._pushed_at: dict[str, datetime | None] = {}
        self._completeness = ScopeCompleteness(self.scope)

    def report_again(self) -> None:
        """Report at the next poll that this scope has no records of its own."""
        self._reported = False
        self._completeness.report_again()

    async def poll(self) -> Sequence[Change]:
        """Request the listing. The result is in the attributes; the changes only say that it was
        read.
        """
        first = await self._first_page()
        self.pushed = frozenset()
        if first.status_code == 200:
            found = await self._read_on(first)
            self._take(found)
            self._completeness.set_errors(
                "repositories", [] if found.error is None else [found.error]
            )
            self._etag = first.headers.get("ETag", "") if found.error is None else ""
            self._found = True
        reported, self._reported = self._reported, True
        changes = (Fresh(self.scope),) if reported else listing(self.scope, ())
        return [*changes, *self._completeness.report(len(self.repositories))]

    async def _first_page(self) -> httpx.Response:
        """Request the first page where the name was found before, at first as an organisation or a
        user.
        """
        if self._found:
            return await self._api.get(self._path, self._params, etag=self._etag)
        try:
            self._path = f"orgs/{self.name}/repos"
            return await self._api.get(self._path, self._params)
        except NotFound as error:
            missing = error
        self._path = f"users/{self.name}/repos"
        try:
            return await self._api.get(self._path, self._params)
        except NotFound:
            text = f"no organisation or user {self.name!r} is visible: {missing.message}"
            raise NotFound(text, missing.hint) from None

    async def _read_on(self, first: httpx.Response) -> PartialList[GitHubRepository]:
        """Return what all pages list; where a later page fails, what the pages before it list."""
        self._completeness.skipped.reset()
        found: list[GitHubRepository] = []
        begun = False
        try:
            async for page in self._api.pages(self._path, self._params, first):
                items = await decode_array(page)
                skips = self._completeness.skipped
                listed = await decode_each(items, GitHubRepository, skips, name_of_repository)
                found += [one for one in listed if not (one.archived or one.disabled)]
                begun = True
                if len(found) >= self._limit:
                    break
        except HOST_WIDE:
            raise
        except SourceError as error:
            if not begun:
                raise
            return PartialList(found, error)
        return PartialList(found[: self._limit])

    def _take(self, listed: PartialList[GitHubRepository]) -> None:
        """Keep what was found, and what an incomplete listing does not show."""
        found = {one.full_name: one.pushed_at for one in listed.items}
        before = self._pushed_at
        self.pushed = frozenset(
            name for name, at in found.items() if name in before and before[name] != at
        )
        self._pushed_at = found if listed.error is None else {**found, **_others(before, found)}
        self.repositories = tuple(self._pushed_at)[: self._limit]


def _others(
    before: dict[str, datetime | None], found: dict[str, datetime | None]
) -> dict[str, datetime | None]:
    return {name: at for name, at in before.items() if name not in found}
