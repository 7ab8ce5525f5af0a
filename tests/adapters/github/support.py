"""A context whose time is its own, and a GitHub that is told what to answer."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from opsboard.adapter import Change, Condition, Due, HostEnviron, Past, Report, Source
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.github.source import connect

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


class Enough(Exception):
    """The test has seen as many rounds as it wanted."""


@dataclass
class FakeContext:
    """Pausing lets its clock run on, and ends the test's patience."""

    host_environ: HostEnviron
    name: str = "github"
    time: datetime = NOW
    rounds: int = 1
    woken_after: float | None = None
    pauses: list[float] = field(default_factory=list)
    concealed: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    async def pause(self, seconds: float) -> None:
        self.rounds -= 1
        self.pauses.append(seconds)
        waited = seconds if self.woken_after is None else min(seconds, self.woken_after)
        self.time += timedelta(seconds=waited)
        if self.rounds <= 0:
            raise Enough

    def register_secret(self, secret: str) -> None:
        self.concealed.append(secret)

    def holds_secret(self, text: str) -> bool:
        return any(secret in text for secret in self.concealed)

    def environment_of(self, *names: str) -> str:
        known = {"production": "production", "prod": "production", "staging": "staging"}
        return next((known[name] for name in names if name in known), "")

    def environments_of(self, *names: str) -> tuple[str, ...]:
        told = tuple(filter(None, (self.environment_of(name) for name in names)))
        return told or ("unknown",)


def context(tmp_path: Path, **env: str) -> FakeContext:
    return FakeContext(HostEnviron({"GH_TOKEN": "t0ken", **env}, tmp_path, tmp_path))


Answer = httpx.Response | Callable[[httpx.Request], httpx.Response]


@dataclass
class FakeGitHub:
    """Answers by path. A body gets an ETag by its content, and 304 where that is named."""

    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self._answer(request)
        self.statuses.append(response.status_code)
        return response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.get(request.url.path)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, httpx.Response):
            return answer
        if answer is None:
            return httpx.Response(404, json={"message": "Not Found"})
        etag = f'W/"{hash(json.dumps(answer, sort_keys=True)):x}"'
        if request.headers.get("If-None-Match") == etag:
            return httpx.Response(304, headers={"ETag": etag})
        return httpx.Response(200, json=answer, headers={"ETag": etag})

    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]


def run(number: int, *, at: datetime = NOW, **fields: Any) -> dict[str, Any]:
    """Return a run as GitHub tells it."""
    return {
        "id": number,
        "name": "ci",
        "run_number": number,
        "run_attempt": 1,
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "head_branch": "main",
        "head_sha": f"{number:040x}",
        "display_title": "Mend it",
        "html_url": f"https://github.com/o/r/actions/runs/{number}",
        "created_at": at.isoformat(),
        "updated_at": at.isoformat(),
        "actor": {"login": "amara"},
        **fields,
    }


def runs(*found: Mapping[str, Any]) -> dict[str, Any]:
    return {"total_count": len(found), "workflow_runs": list(found)}


@asynccontextmanager
async def connected(
    github: Callable[[httpx.Request], httpx.Response], ctx: FakeContext, **settings: Any
) -> AsyncIterator[Source]:
    given = GitHubSettings.model_validate({"repositories": ["o/r"], "commits": False, **settings})
    transport = httpx.MockTransport(github)
    async with connect(given, ctx, transport=transport) as source:
        yield source


async def news(source: Source) -> AsyncIterator[Change]:
    """Yield the changes of *source* without the mere names of what it will look at, and when, and
    without what it remembers of earlier times.
    """
    async for change in source.changes():
        named = isinstance(change, Report) and change.health.condition is Condition.STARTING
        if not named and not isinstance(change, Due | Past):
            yield change


async def collect(source: Source, ctx: FakeContext, rounds: int = 1) -> Sequence[Change]:
    """Return what *source* tells until it has paused *rounds* times."""
    ctx.rounds = rounds
    found: list[Change] = []
    try:
        async for change in news(source):
            found.append(change)  # noqa: PERF401 - it ends by raising
    except Enough:
        return found
    raise AssertionError("a source goes on without end")
