"""A GitHub with many repositories, for some hours of a clock that runs by itself.

Used by the tests of thrift, and by the benchmark that reports it.
"""

import json
import random
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.github.support import (
    NOW,
    Enough,
    FakeContext,
    connected,
    context,
    run,
    runs,
)

BUDGET = 5_000
HOURS = 1.2
CHANGES_EVERY = 30.0
"""Seconds between two changes to a run that moves, in the mean: a job or a step ends."""


class Ledger:
    """A GitHub that counts what it would take off the allowance, hour by hour.

    *others* is what is taken each hour by others who use the same login. With *deployed*, each
    repository is deployed to two environments, at commits that wait for the head of its branch.
    """

    def __init__(
        self,
        ctx: FakeContext,
        *,
        active: int = 0,
        etags: bool = True,
        others: int = 0,
        deployed: bool = False,
    ) -> None:
        self.ctx = ctx
        self.active = {f"o/r{number}" for number in range(active)}
        self.etags = etags
        self.others = others
        self.deployed = deployed
        self.queries: dict[int, int] = defaultdict(int)
        self.paid: dict[int, int] = defaultdict(int)
        self.asked: dict[int, int] = defaultdict(int)
        self.asked_by_minute: dict[int, int] = defaultdict(int)
        self.paid_for_idle: dict[int, int] = defaultdict(int)
        self.seen: dict[str, list[datetime]] = defaultdict(list)
        self._times = {repository: list(_changes(repository)) for repository in self.active}

    @property
    def hour(self) -> int:
        return int((self.ctx.time - NOW) / timedelta(hours=1))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/graphql":
            return self._query(request)
        _, _, owner, name, *rest = request.url.path.split("/")
        repository = f"{owner}/{name}"
        self.asked[self.hour] += 1
        self.asked_by_minute[int((self.ctx.time - NOW) / timedelta(minutes=1))] += 1
        if rest == ["actions", "runs"]:
            self.seen[repository].append(self.ctx.time)
        etag, body = self._state(repository, rest)
        if self.etags and request.headers.get("If-None-Match") == etag:
            return self._answer(httpx.Response(304, headers={"ETag": etag}))
        self.paid[self.hour] += 1
        self.paid_for_idle[self.hour] += repository not in self.active
        return self._answer(httpx.Response(200, json=body, headers={"ETag": etag}))

    def _state(self, repository: str, rest: list[str]) -> tuple[str, object]:
        if rest != ["actions", "runs"]:
            return f'"{"-".join(rest)}"', self._of_deployments(rest)
        if repository not in self.active:
            return '"idle"', runs(run(1))
        tick = bisect(self._times[repository], self.ctx.time)
        at = self.ctx.time - timedelta(seconds=5)
        return f'"{tick}"', runs(run(2, at=at, status="in_progress", conclusion=None))

    def _of_deployments(self, rest: list[str]) -> object:
        if rest[0] == "compare":
            return {"status": "ahead", "ahead_by": 4, "behind_by": 0}
        if not self.deployed:
            return []
        if rest[-1] == "statuses":
            return [{"state": "success", "created_at": NOW.isoformat()}]
        numbers = {"staging": 2, "production": 1}
        return [
            {"id": n, "environment": name, "sha": f"{n:040x}", "created_at": NOW.isoformat()}
            for name, n in numbers.items()
        ]

    def _query(self, request: httpx.Request) -> httpx.Response:
        """Answer a query: it has an allowance of its own, of which it takes a point."""
        self.queries[self.hour] += 1
        head = {"oid": "f" * 40, "message": "Mend it", "committedDate": NOW.isoformat()}
        keys = re.findall(r"(r\d+): repository", json.loads(request.content)["query"])
        names = {"nameWithOwner": "o/r", "defaultBranchRef": {"name": "main", "target": head}}
        headers = {"X-RateLimit-Resource": "graphql", "X-RateLimit-Limit": str(BUDGET)}
        headers["X-RateLimit-Remaining"] = str(BUDGET - self.queries[self.hour])
        return httpx.Response(200, json={"data": dict.fromkeys(keys, names)}, headers=headers)

    def _answer(self, response: httpx.Response) -> httpx.Response:
        left = max(BUDGET - self.others - self.paid[self.hour], 0)
        reset = NOW + timedelta(hours=self.hour + 1)
        response.headers.update(
            {
                "X-RateLimit-Limit": str(BUDGET),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset": str(int(reset.timestamp())),
            }
        )
        return response


def _changes(repository: str) -> Iterator[datetime]:
    """Yield when something about a run that moves changes: at random, the same each time."""
    chance, at = random.Random(repository), NOW
    while at < NOW + timedelta(hours=HOURS):
        at += timedelta(seconds=chance.expovariate(1 / CHANGES_EVERY))
        yield at


class Patient(FakeContext):
    """A context that is patient for so many hours of its own time."""

    async def pause(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        if self.time >= NOW + timedelta(hours=HOURS):
            raise Enough


async def watch(ledger: Ledger, ctx: FakeContext, repositories: int = 100, **settings: Any) -> None:
    names = [f"o/r{number}" for number in range(repositories)]
    async with connected(ledger, ctx, repositories=names, **settings) as source:
        with pytest.raises(Enough):
            async for _ in source.changes():
                pass


def patient(tmp_path: Path, **env: str) -> Patient:
    return Patient(context(tmp_path, **env).host_environ)


def longest_gap(ledger: Ledger, repository: str) -> float:
    """Return the most seconds between two looks at *repository*, up to the end of the time."""
    times = [*ledger.seen[repository], NOW + timedelta(hours=HOURS)]
    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(times)]
    return max(gaps)
