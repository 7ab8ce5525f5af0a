"""Look at which repositories an organisation or user has."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import httpx

from opsboard.adapter import Change, Fresh, NotFound, listing
from opsboard_adapters import http
from opsboard_adapters.github.api import PAGE, Api, Params
from opsboard_adapters.github.shapes import Repository, read_all


class OrganisationLook:
    """The repositories of *name*, the last pushed first; archived ones are left out.

    One conditional request tells of a push to any of them: *pushed* holds those that were
    pushed to since the look before.
    """

    active = False

    def __init__(self, name: str, api: Api, limit: int) -> None:
        self.name = name
        self.scope = f"repositories:{name}"
        self.repository = ""
        self.repositories: tuple[str, ...] = ()
        self.pushed: frozenset[str] = frozenset()
        self._api = api
        self._limit = limit
        self._path = f"orgs/{name}/repos"
        self._params: Params = {"sort": "pushed", "direction": "desc", "per_page": PAGE}
        self._etag = ""
        self._found = False
        self._told = False
        self._pushed_at: dict[str, datetime | None] = {}

    def retell(self) -> None:
        """Say at the next look that this is a scope without records of its own."""
        self._told = False

    async def look(self) -> Sequence[Change]:
        """Ask once. What is found is on the attributes; only that it was is told."""
        first = await self._first_page()
        self.pushed = frozenset()
        if first.status_code == 200:
            self._take([one async for one in self._read_on(first)])
            self._etag = first.headers.get("ETag", "")
            self._found = True
        told, self._told = self._told, True
        return (Fresh(self.scope),) if told else listing(self.scope, ())

    async def _first_page(self) -> httpx.Response:
        """Ask where the name was found before. At first it may be a user's as well."""
        if self._found:
            return await self._api.ask(self._path, self._params, etag=self._etag)
        try:
            self._path = f"orgs/{self.name}/repos"
            return await self._api.ask(self._path, self._params)
        except NotFound as error:
            missing = error
        self._path = f"users/{self.name}/repos"
        try:
            return await self._api.ask(self._path, self._params)
        except NotFound:
            said = f"no organisation or user {self.name!r} to be seen: {missing.message}"
            raise NotFound(said, missing.mend) from None

    async def _read_on(self, first: httpx.Response) -> AsyncIterator[Repository]:
        count = 0
        async for page in self._api.pages(self._path, self._params, first):
            for one in read_all(Repository, http.read_array(page)):
                if not (one.archived or one.disabled):
                    count += 1
                    yield one
                if count >= self._limit:
                    return

    def _take(self, found: Sequence[Repository]) -> None:
        pushed_at = {one.full_name: one.pushed_at for one in found}
        before = self._pushed_at
        self.pushed = frozenset(
            name for name, at in pushed_at.items() if name in before and before[name] != at
        )
        self._pushed_at = pushed_at
        self.repositories = tuple(pushed_at)
