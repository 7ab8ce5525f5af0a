"""Names that repositories have had: what others state by them is of the same repository.

GitHub leads from a former name to the repository, for as long as no other has taken that name, and
answers with the present one. Asked about are the names in which other sources state commits (the
label of an image, say) and which this source does not know, a batch of them in one query, and once;
now and then again, since a name may be given away.

https://docs.github.com/en/repositories/creating-and-managing-repositories/renaming-a-repository
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import Forbidden, Malformed, NotFound
from opsboard.records import Repository, Status
from opsboard.records.claims import Identity, stated
from opsboard.records.identity import git_repository, repository
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.repository_query import is_name, name_document, read_name

BATCH: Final = 20
"""Names in one query, and in one poll."""
MAX_NAMES: Final = 200
AGAIN_AFTER: Final = timedelta(hours=6)
"""After how long a name is asked about again."""


class FormerNames:
    """What GitHub has answered for names that this source does not know."""

    def __init__(self, source: str, host: RepositoryHost, api: GitHubApi) -> None:
        self._source = source
        self._host = host
        self._api = api
        self._wanted: tuple[str, ...] = ()
        self._present: dict[str, str] = {}
        """Name that was asked about -> the present name; empty where GitHub shows none."""
        self._asked_at: dict[str, datetime] = {}

    def want(self, identities: Iterable[Identity], known: Iterable[str]) -> None:
        """Ask about the repositories of *identities* on this host, but for the *known* ones."""
        ours = {name.casefold() for name in known}
        prefix = f"{self._host.name.casefold()}/"
        scopes = {one.scope for one in identities if one.scope.startswith(prefix)}
        names = sorted(scope.removeprefix(prefix) for scope in scopes)
        fitting = [name for name in names if name not in ours and is_name(name)]
        self._wanted = tuple(fitting[:MAX_NAMES])
        for name in self._asked_at.keys() - set(self._wanted):
            del self._asked_at[name]
            self._present.pop(name, None)

    async def ask(self) -> bool:
        """Ask about names that are not known; return whether anything new is known."""
        now, before = self._api.now(), dict(self._present)
        due = [name for name in self._wanted if self._is_due(name, now)][:BATCH]
        if due:
            self._present |= await self._query(due)
            self._asked_at |= dict.fromkeys(due, now)
        return self._present != before

    def _is_due(self, name: str, now: datetime) -> bool:
        at = self._asked_at.get(name)
        return at is None or now - at >= AGAIN_AFTER

    async def _query(self, names: list[str]) -> dict[str, str]:
        try:
            data = await self._api.query(name_document(names))
            return {name: read_name(data, at) for at, name in enumerate(names)}
        except (NotFound, Forbidden, Malformed):  # none of them is there, or to be seen
            return dict.fromkeys(names, "")

    def former(self, name: str) -> tuple[str, ...]:
        """Return the former names of the repository that is called *name* now."""
        return tuple(old for old, new in self._present.items() if _same(new, name))

    def records(self, configured: Mapping[str, str]) -> Iterator[Repository]:
        """Yield the repositories that have had other names.

        *configured* are the names in the config, each with the present one.
        """
        former: dict[str, dict[str, None]] = {}
        for old, new in (*configured.items(), *self._present.items()):
            if new and not _same(old, new):
                former.setdefault(new, {})[old] = None
        for name, names in former.items():
            yield self._record(name, names)

    def _record(self, name: str, former: Iterable[str]) -> Repository:
        where = repository(self._host.of(name))
        names = tuple(sorted({repository(self._host.of(one)) for one in former} - {where}))
        return Repository(
            source=self._source,
            id=where,
            name=name,
            status=Status.OK,
            repository=where,
            former=names,
            outputs=stated(
                git_repository(where, "GitHub repository"),
                *(git_repository(one, "GitHub: renamed") for one in names),
            ),
        )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
