"""Facts about commits: default branches and their heads, titles, pull requests, comparisons.

They are of interest where something is deployed. What is deployed follows from the deployments
that this source has seen, and from what other sources state (:meth:`CommitFacts.enrich`). All are
asked for again when a commit appears that was not known, and now and then.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import Change, Malformed, Upsert
from opsboard.records import AnyRecord, Build, Deployment
from opsboard.records.claims import COMMIT, Identity, Strength
from opsboard.records.identity import repository
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.claims import RepositoryHost
from opsboard_adapters.github.commit_records import CommitTranslator, says_something
from opsboard_adapters.github.comparisons import (
    CommitPair,
    Comparisons,
    pairs_of,
    revert_pairs,
)
from opsboard_adapters.github.former_names import FormerNames
from opsboard_adapters.github.repository_query import (
    GitHubQueryCommit,
    RepositoryFacts,
    document,
    read_facts,
)
from opsboard_adapters.listing.completeness import ScopeDiff

SCOPE: Final = "commits"
BATCH: Final = 20
"""Repositories in one query."""
REFRESH_AFTER: Final = timedelta(minutes=15)
"""After how long a repository is asked about again, although nothing is known to have changed."""
MAX_ELSEWHERE: Final = 4
"""Commits of a repository that only other sources have stated, and that are compared."""
MAX_REVERTS: Final = 4
"""Reverts and cherry-picks on a default branch, the newest, that are compared with what runs."""
MAX_SEEN: Final = 500


@dataclass(slots=True)
class _Repository:
    """What is known of one repository, and what is deployed of it."""

    facts: RepositoryFacts | None = None
    asked_at: datetime | None = None
    stale: bool = True
    unreadable: bool = False
    """Whether the last answer made no sense: the one before is kept."""
    live: dict[str, str] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    seen: dict[str, None] = field(default_factory=dict)

    @property
    def deployed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.live.values(), *self.elsewhere)))

    @property
    def saying(self) -> dict[str, GitHubQueryCommit]:
        """The commits of the default branch that revert others, or are a cherry-pick of them."""
        history = self.facts.history if self.facts else ()
        return {one.oid: one for one in history if says_something(one)}

    def pairs(self, name: str) -> Iterator[CommitPair]:
        """Yield the pairs of interest, those that say what waits for deployment first."""
        head, deployed = self.facts.head if self.facts else "", self.deployed
        yield from pairs_of(name, deployed, head)
        for sha in list(self.saying)[:MAX_REVERTS]:
            if sha != head and sha not in deployed:
                yield from revert_pairs(name, sha, deployed, head)


class CommitFacts:
    """Polls the facts of all repositories of a source. One scope holds all of them."""

    active = False
    repository = ""
    scope = SCOPE

    def __init__(self, source: str, host: RepositoryHost, api: GitHubApi) -> None:
        self._translate = CommitTranslator(source, host)
        self._host = host
        self._api = api
        self.wanted: Callable[[], Sequence[str]] = tuple
        """Returns the repositories to ask about."""
        self._known: dict[str, _Repository] = {}
        self._comparisons = Comparisons(api)
        self._former = FormerNames(source, host, api)
        self._diff = ScopeDiff(SCOPE)
        self._interest: dict[str, tuple[str, ...]] | None = None
        """The commits of each repository about which something was told last."""
        self._identities: frozenset[Identity] = frozenset()
        self.renewed: frozenset[str] = frozenset()
        """The repositories whose default branch was found to be another one by the last poll."""

    def report_again(self) -> None:
        """Report everything at the next poll."""
        self._diff.report_again()

    def ask_again(self) -> None:
        """Ask at the next poll for what was refused or made no sense."""
        self._comparisons.ask_again()
        for known in self._known.values():
            known.stale |= known.facts is None or known.unreadable

    def default_branch(self, name: str) -> str:
        """Return the default branch of a repository; ``""`` where it is not known yet."""
        facts = self._of(name).facts
        return facts.default_branch if facts else ""

    def _of(self, name: str) -> _Repository:
        return self._known.setdefault(name, _Repository())

    # --- what is of interest ---

    def note(self, name: str, changes: Iterable[Change]) -> bool:
        """Take note of what runs and deployments of a repository have told; return whether there
        is something to ask about.
        """
        known = self._of(name)
        for change in changes:
            for record in change.records if isinstance(change, Upsert) else ():
                if isinstance(record, Build):
                    _see(known, record.commit)
                elif isinstance(record, Deployment):
                    _deploy(known, record)
        return known.stale

    def enrich(self, identities: frozenset[Identity]) -> None:
        """Take note of the commits among *identities*, which other sources state."""
        self._identities = frozenset(one for one in identities if one.type == COMMIT)

    def _take_elsewhere(self, names: Sequence[str]) -> None:
        by_scope: dict[str, list[str]] = {}
        for one in sorted(self._identities):
            by_scope.setdefault(one.scope, []).append(one.value)
        for name in names:
            known = self._of(name)
            found = [
                sha
                for scope in self._scopes(name, known)
                for sha in by_scope.get(scope, ())
                if sha not in known.live.values()
            ]
            elsewhere = tuple(dict.fromkeys(found))[:MAX_ELSEWHERE]
            known.stale |= bool(set(elsewhere) - set(known.elsewhere))
            known.elsewhere = elsewhere

    def _scopes(self, name: str, known: _Repository) -> Iterator[str]:
        yield repository(self._host.of(name))
        if known.facts and known.facts.name.casefold() != name.casefold():
            yield repository(self._host.of(known.facts.name))
        present = known.facts.name if known.facts else name
        yield from (repository(self._host.of(one)) for one in self._former.former(present))

    # --- polling ---

    async def poll(self) -> Sequence[Change]:
        """Ask about what is not known, or not known any more; return what has changed."""
        names = self.wanted()
        self._known = {name: self._of(name) for name in names}
        self._former.want(self._identities, {*names, *self._names().values()})
        renamed = await self._former.ask()
        self._take_elsewhere(names)
        renewed = set[str]()
        due = [name for name in names if self._is_due(self._known[name])]
        for at in range(0, len(due), BATCH):
            renewed |= await self._query(due[at : at + BATCH])
        self.renewed = frozenset(renewed)
        compared = await self._comparisons.ask(self._pairs())
        before, self._interest = self._interest, {n: one.deployed for n, one in self._known.items()}
        if before == self._interest and not (due or compared or renamed):
            return self._diff.unchanged()
        return self._diff.replace(tuple(self._records()))

    @property
    def has_more(self) -> bool:
        """Whether the last poll has left something that may be asked at once."""
        return self._comparisons.has_more(self._pairs())

    def _names(self) -> dict[str, str]:
        """Return the names of the repositories in the config, each with the present one."""
        return {name: one.facts.name for name, one in self._known.items() if one.facts}

    def _is_due(self, known: _Repository) -> bool:
        at = known.asked_at
        return known.stale or at is None or self._api.now() - at >= REFRESH_AFTER

    async def _query(self, names: Sequence[str]) -> set[str]:
        """Ask about the repositories *names*; return those with another default branch."""
        wanted = [(name, self._known[name].deployed) for name in names]
        data = await self._api.query(document(wanted))
        renewed = set[str]()
        for number, name in enumerate(names):
            known, before = self._known[name], self.default_branch(name)
            try:
                known.facts, known.unreadable = read_facts(data, number), False
            except Malformed:
                known.unreadable = True
            known.asked_at, known.stale = self._api.now(), False
            if known.facts:
                _see(known, known.facts.head)
                known.stale = False
            if self.default_branch(name) != before:
                renewed.add(name)
        return renewed

    def _pairs(self) -> list[CommitPair]:
        """Return the pairs of interest: of each repository what waits for deployment first."""
        found = [list(known.pairs(name)) for name, known in self._known.items()]
        longest = max(map(len, found), default=0)
        return [pairs[at] for at in range(longest) for pairs in found if at < len(pairs)]

    # --- records ---

    def _records(self) -> Iterator[AnyRecord]:
        for known in self._known.values():
            if (facts := known.facts) is not None:
                wanted = {facts.head, *known.deployed}
                commits = {sha: one for sha, one in facts.commits.items() if sha in wanted}
                commits = {**known.saying, **commits}
                yield from self._translate.commits(replace(facts, commits=commits))
        yield from self._former.records(self._names())
        for pair in self._pairs():
            result, facts = self._comparisons.result(pair), self._known[pair.repository].facts
            if result is not None and facts is not None:
                yield self._translate.comparison(facts, pair, result)


def _see(known: _Repository, sha: str) -> None:
    """Note a commit; one that was not seen before may be the head of the default branch now."""
    if sha and sha not in known.seen:
        known.seen[sha] = None
        known.stale = True
        while len(known.seen) > MAX_SEEN:
            del known.seen[next(iter(known.seen))]


def _deploy(known: _Repository, record: Deployment) -> None:
    claims = (c for c in record.inputs if c.type == COMMIT and c.strength is Strength.SHA)
    live = next((claim.value for claim in claims), "")
    if live != known.live.get(record.id, ""):
        known.live[record.id] = live
        known.stale = True
