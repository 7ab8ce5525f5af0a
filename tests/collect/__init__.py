"""A source that does as a test tells it, and patience with threads."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from opsboard.adapter import (
    Adapter,
    Change,
    Check,
    Context,
    Detail,
    Discovery,
    HostEnviron,
    LogLine,
    LogQuery,
    Principal,
    Source,
    SourceSettings,
)
from opsboard.collect.context import SourceContext
from opsboard.collect.redact import Redactor
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import JSON, Kind, Ref
from opsboard.testing import FakeClock
from tests.patience import PATIENCE

NOWHERE = HostEnviron(env={}, home=Path("/nonexistent"), cwd=Path("/nonexistent"))

Script = Callable[["ScriptedSource"], AsyncIterator[Change]]


class ScriptedSource(Source):
    """Its changes are what *script* yields, which is called anew at each run."""

    def __init__(self, context: Context, script: Script) -> None:
        self.context = context
        self.script = script
        self.runs = 0
        self.log_closed = threading.Event()
        self.lines_made = 0
        self.who: Callable[[], Principal | None] = lambda: None

    async def principal(self) -> Principal | None:
        return self.who()

    async def changes(self) -> AsyncIterator[Change]:
        self.runs += 1
        async for change in self.script(self):
            yield change

    async def checks(self) -> AsyncIterator[Check]:
        return
        yield  # what makes this an async generator

    async def detail(self, ref: Ref) -> Detail:
        if ref.id == "crash":
            raise ValueError("token hunter2-hunter2")
        if ref.id == "hang":
            await asyncio.Event().wait()
        return await super().detail(ref)

    async def raw(self, ref: Ref) -> JSON:
        return {"id": ref.id, "thread": threading.current_thread().name}

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator[LogLine]:
        try:
            for number in range(query.tail):
                self.lines_made += 1
                part = "Run login hunter2-hunter2"
                yield LogLine(text=f"{ref.id} {number} hunter2-hunter2", part=part)
            if ref.id == "crash":
                raise ValueError("broken pipe hunter2-hunter2")
            if query.follow:
                await asyncio.Event().wait()
        finally:
            self.log_closed.set()


class Scripted(Adapter[SourceSettings]):
    """Connects sources; the test makes a subclass for each script."""

    name = "scripted"
    title = "Scripted"
    settings = SourceSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.BUILD})
    log_kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.BUILD})
    script: ClassVar[Any]
    make: ClassVar[Any] = ScriptedSource
    sources: ClassVar[list[ScriptedSource]]

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        return ()

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: SourceSettings, context: Context) -> AsyncIterator[Source]:
        context.register_secret("hunter2-hunter2")
        source: ScriptedSource = cls.make(context, cls.script)
        cls.sources.append(source)
        yield source


def resolved(script: Script, name: str = "ci", **settings: Any) -> ResolvedSource:
    facts = {"script": staticmethod(script), "sources": []}
    adapter = type("ScriptedHere", (Scripted,), facts)
    return ResolvedSource(name, adapter, SourceSettings(**settings))


def sources_of(source: ResolvedSource) -> list[ScriptedSource]:
    made: list[ScriptedSource] = source.adapter.sources  # type: ignore[attr-defined]
    return made


def context_for(
    source: ResolvedSource, clock: FakeClock, redactor: Redactor | None = None
) -> SourceContext:
    return SourceContext(
        source.name,
        source.settings,
        host_environ=NOWHERE,
        environments=EnvironmentRules({}),
        clock=clock,
        redactor=redactor or Redactor(),
    )


async def eventually(happened: Callable[[], object]) -> None:
    """Give others their turn until *happened*."""
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110 - what it waits for knows no event
            await asyncio.sleep(0.001)


async def run_while(work: Awaitable[None], body: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.ensure_future(work)
    try:
        await body()
    finally:
        task.cancel()
        await asyncio.wait([task])
