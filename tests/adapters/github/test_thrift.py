"""A hundred repositories for some hours, on a clock that runs by itself."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from opsboard_adapters.github.settings import GitHubSettings
from tests.adapters.github.surroundings import (
    NOW,
    Enough,
    FakeContext,
    connected,
    context,
    run,
    runs,
)

BUDGET = 5_000
HOURS = 1.5


class Ledger:
    """A GitHub that counts what it would take off the allowance, hour by hour."""

    def __init__(self, ctx: FakeContext, *, active: int = 0, etags: bool = True) -> None:
        self.ctx = ctx
        self.active = {f"o/r{number}" for number in range(active)}
        self.etags = etags
        self.paid: dict[int, int] = defaultdict(int)
        self.asked: dict[int, int] = defaultdict(int)
        self.paid_for_idle: dict[int, int] = defaultdict(int)
        self.seen: dict[str, list[datetime]] = defaultdict(list)

    @property
    def hour(self) -> int:
        return int((self.ctx.time - NOW) / timedelta(hours=1))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        _, _, owner, name, *rest = request.url.path.split("/")
        repository = f"{owner}/{name}"
        self.asked[self.hour] += 1
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
            return '"none"', []
        if repository not in self.active:
            return '"idle"', runs(run(1))
        # A run that moves: something about it changes twice a minute.
        tick = int(self.ctx.time.timestamp()) // 30
        at = self.ctx.time - timedelta(seconds=5)
        return f'"{tick}"', runs(run(2, at=at, status="in_progress", conclusion=None))

    def _answer(self, response: httpx.Response) -> httpx.Response:
        left = BUDGET - self.paid[self.hour]
        reset = NOW + timedelta(hours=self.hour + 1)
        response.headers.update(
            {
                "X-RateLimit-Limit": str(BUDGET),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Reset": str(int(reset.timestamp())),
            }
        )
        return response


class Patient(FakeContext):
    """A context that is patient for so many hours of its own time."""

    async def pause(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        if self.time >= NOW + timedelta(hours=HOURS):
            raise Enough


async def _watch(ledger: Ledger, ctx: FakeContext, repositories: int = 100) -> None:
    names = [f"o/r{number}" for number in range(repositories)]
    async with connected(ledger, ctx, repositories=names) as source:
        with pytest.raises(Enough):
            async for _ in source.changes():
                pass


def _patient(tmp_path: Path, **env: str) -> Patient:
    return Patient(context(tmp_path, **env).surroundings)


async def test_a_hundred_idle_repositories(tmp_path: Path) -> None:
    ctx = _patient(tmp_path)
    ledger = Ledger(ctx)
    await _watch(ledger, ctx)
    assert ledger.paid[0] <= BUDGET * 0.1
    assert ledger.paid[1] == 0
    # Even what is free is asked with measure: the secondary limit counts it.
    assert ledger.asked[1] <= 150 * 30
    assert _longest_gap(ledger, "o/r50") <= GitHubSettings(repositories=("o/r",)).poll_idle + 1


async def test_active_ones_stay_fresh_among_many_idle(tmp_path: Path) -> None:
    ctx = _patient(tmp_path)
    ledger = Ledger(ctx, active=5)
    await _watch(ledger, ctx)
    for repository in ledger.active:
        assert _longest_gap(ledger, repository) <= 15
    assert ledger.paid_for_idle[0] <= BUDGET * 0.1
    assert max(ledger.paid.values()) <= BUDGET * 0.5


async def test_a_server_that_knows_no_etag_does_not_eat_the_allowance(tmp_path: Path) -> None:
    ctx = _patient(tmp_path)
    ledger = Ledger(ctx, etags=False)
    await _watch(ledger, ctx)
    assert max(ledger.paid.values()) <= BUDGET * 0.5


def _longest_gap(ledger: Ledger, repository: str) -> float:
    times = ledger.seen[repository]
    gaps = [(later - sooner).total_seconds() for sooner, later in pairwise(times)]
    return max(gaps)
