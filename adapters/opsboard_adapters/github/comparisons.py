"""Whether one commit contains another, asked of GitHub once for each pair.

Two SHAs stand to each other as they always did, so an answer is kept for as long as the pair is of
interest. Where GitHub knows one of them no more (after a force-push), nobody can say what contains
it: the state is ``unknown``, and it is asked again now and then.

https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final, NamedTuple

from opsboard.adapter import NotFound, SourceError
from opsboard.records import ComparisonState
from opsboard_adapters import http
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.models import GitHubComparison, parse
from opsboard_adapters.listing.partial import HOST_WIDE

PER_HOUR: Final = 90
"""Comparisons an hour at most: 2 % of the allowance. What is left waits for the next hour."""
AT_ONCE: Final = 30
"""Comparisons that are asked for in one poll."""
AGAIN_AFTER: Final = timedelta(hours=6)
"""After how long a pair is asked about again of which GitHub knows a commit no more."""
FAILED_AGAIN: Final = timedelta(hours=1)
"""After how long it is where the answer was an error, or none that makes sense."""
NEWS_AFTER: Final = timedelta(minutes=1)
"""How old "unknown" has to be to be asked about again because somebody asks for news."""
MAX_KEPT: Final = 5_000
_HOUR: Final = timedelta(hours=1)
_COUNTS_ONLY: Final = {"per_page": 1, "page": 2}
"""The first page lists the changed files, which may be megabytes; the counts are on each."""


class CommitPair(NamedTuple):
    """Two commits of a repository, of which *head* is expected to be the newer one."""

    repository: str
    base: str
    head: str


class ComparisonResult(NamedTuple):
    """How *head* stands to *base*: see :class:`opsboard.records.CommitComparison`."""

    state: ComparisonState = ComparisonState.UNKNOWN
    ahead: int = -1
    behind: int = -1


class _Unknown(NamedTuple):
    """When a pair was asked about in vain, and when it is asked about again."""

    asked_at: datetime
    again_at: datetime


class Comparisons:
    """The pairs that were asked about, and the answers."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._known: OrderedDict[CommitPair, ComparisonResult] = OrderedDict()
        self._unknown: dict[CommitPair, _Unknown] = {}
        self._asked: deque[datetime] = deque()

    def result(self, pair: CommitPair) -> ComparisonResult | None:
        """Return what is known of *pair*; ``None`` where it was not asked about yet."""
        return self._known.get(pair)

    def ask_again(self) -> None:
        """Ask the next time for what is not known: what refused it may be well again."""
        now = self._api.now()
        for pair, unknown in self._unknown.items():
            if now - unknown.asked_at >= NEWS_AFTER:
                self._unknown[pair] = unknown._replace(again_at=now)

    async def ask(self, pairs: Sequence[CommitPair]) -> bool:
        """Ask about those of *pairs* that are not known, as far as the limit of an hour allows: the
        first ones first, and last what was asked in vain. Return whether anything new is known.
        """
        due: list[CommitPair] = []
        for pair in sorted(pairs, key=self._unknown.__contains__):
            if self._is_due(pair) and len(due) < AT_ONCE:
                if not self._may_ask():
                    break
                self._asked.append(self._api.now())
                due.append(pair)
        results = await asyncio.gather(*map(self._compare, due))
        changed = [self._keep(*one) for one in zip(due, results, strict=True)]
        return any(changed)

    def has_more(self, pairs: Sequence[CommitPair]) -> bool:
        """Tell whether another :meth:`ask` now would ask about some of *pairs*."""
        return self._may_ask() and any(map(self._is_due, pairs))

    def _is_due(self, pair: CommitPair) -> bool:
        if pair not in self._known:
            return True
        unknown = self._unknown.get(pair)
        return unknown is not None and self._api.now() >= unknown.again_at

    def _may_ask(self) -> bool:
        now = self._api.now()
        while self._asked and now - self._asked[0] >= _HOUR:
            self._asked.popleft()
        return len(self._asked) < PER_HOUR

    async def _compare(self, pair: CommitPair) -> tuple[ComparisonResult, timedelta]:
        """Return how *pair* stands, and after how long that is asked again where it is unknown."""
        path = f"repos/{pair.repository}/compare/{pair.base}...{pair.head}"
        try:
            answer = await self._api.get(path, _COUNTS_ONLY)
            return result_of(parse(GitHubComparison, http.read_json(answer))), FAILED_AGAIN
        except HOST_WIDE:
            raise
        except NotFound:
            return ComparisonResult(), AGAIN_AFTER
        except SourceError:  # GitHub gives up at some: the rest is asked all the same
            return ComparisonResult(), FAILED_AGAIN

    def _keep(self, pair: CommitPair, told: tuple[ComparisonResult, timedelta]) -> bool:
        result, again_after = told
        before, self._known[pair] = self._known.get(pair), result
        if result.state is ComparisonState.UNKNOWN:
            now = self._api.now()
            self._unknown[pair] = _Unknown(now, now + again_after)
        else:
            self._unknown.pop(pair, None)
        while len(self._known) > MAX_KEPT:
            oldest, _ = self._known.popitem(last=False)
            self._unknown.pop(oldest, None)
        return before != result


def result_of(compared: GitHubComparison) -> ComparisonResult:
    """Return the result that GitHub's numbers stand for; unknown where they contradict its word."""
    ahead, behind = compared.ahead_by, compared.behind_by
    if ahead is None or behind is None or min(ahead, behind) < 0:
        return ComparisonResult()
    if ahead and behind:
        return ComparisonResult(ComparisonState.DIVERGED, ahead, behind)
    if ahead:
        return ComparisonResult(ComparisonState.AHEAD, ahead, 0)
    state = ComparisonState.BEHIND if behind else ComparisonState.IDENTICAL
    return ComparisonResult(state, 0, behind)


def pairs_of(repository: str, deployed: Sequence[str], head: str) -> Iterator[CommitPair]:
    """Yield the pairs of interest: each *deployed* commit with the *head* of the default branch,
    then the deployed ones with each other.
    """
    different = [sha for sha in dict.fromkeys(deployed) if sha]
    if head:
        yield from (CommitPair(repository, sha, head) for sha in different if sha != head)
    for base, newer in combinations((sha for sha in different if sha != head), 2):
        yield CommitPair(repository, *sorted((base, newer)))


def revert_pairs(
    repository: str, sha: str, deployed: Sequence[str], head: str
) -> Iterator[CommitPair]:
    """Yield what says whether *deployed* commits contain *sha*, one of the branch of *head*."""
    for one in dict.fromkeys(filter(None, deployed)):
        pair = (sha, one) if one == head else tuple(sorted((sha, one)))
        yield CommitPair(repository, *pair)
