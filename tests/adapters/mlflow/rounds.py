"""Drives a source round by round, and keeps the board that its changes amount to."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Health,
    HostEnviron,
    Remove,
    Report,
    Skipped,
    Source,
    SourceError,
    Upsert,
)
from opsboard.records import Kind, Record, Ref
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.source import connect

WAIT = 60.0
"""Seconds that any one wait of a test may take."""


class AppHarness:
    """A context whose pauses last until the test goes on."""

    def __init__(self, env: Mapping[str, str] | None = None, home: Path = Path("/nowhere")) -> None:
        self.name = "ml"
        self.host_environ = HostEnviron(env=env or {}, home=home, cwd=home)
        self.concealed: list[str] = []
        self.pauses: list[float] = []
        self.paused = asyncio.Event()
        self.go = asyncio.Event()
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.paused.set()
        await self.go.wait()
        self.go.clear()
        self.time += timedelta(seconds=seconds)

    def register_secret(self, secret: str) -> None:
        self.concealed.append(secret)

    def holds_secret(self, text: str) -> bool:
        return any(secret in text for secret in self.concealed)

    def environment_of(self, *names: str) -> str:
        return "production" if "production" in (name.lower() for name in names) else ""

    def environments_of(self, *names: str) -> tuple[str, ...]:
        return (self.environment_of(*names) or "unknown",)


class Rounds:
    """A source that is asked one round at a time."""

    def __init__(self, source: Source, stage: AppHarness) -> None:
        self.source = source
        self.stage = stage
        self.records: dict[Ref, Record] = {}
        self.scopes: dict[str, set[Ref]] = {}
        self.health: dict[str | None, Health] = {}
        self.skipped: dict[str, Skipped] = {}
        self._iterator: AsyncIterator[Change] | None = None
        self._pending: asyncio.Task[Change] | None = None

    async def next(self) -> list[Change]:
        """Return the changes of one round. Raises what the source raises."""
        if self._pending is None:
            self._iterator = self.source.changes()
        else:
            self.stage.paused.clear()
            self.stage.go.set()
        found: list[Change] = []
        async with asyncio.timeout(WAIT):
            while (change := await self._change()) is not None:
                found.append(change)
        self._apply(found)
        return found

    async def _change(self) -> Change | None:
        assert self._iterator is not None
        if self._pending is None:
            self._pending = asyncio.ensure_future(anext(self._iterator))
        paused = asyncio.ensure_future(self.stage.paused.wait())
        try:
            await asyncio.wait({self._pending, paused}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            paused.cancel()
        if not self._pending.done():
            return None
        task, self._pending = self._pending, None
        change = task.result()
        self._pending = asyncio.ensure_future(anext(self._iterator))
        return change

    def _apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            match change:
                case Upsert():
                    self.records.update({record.ref: record for record in change.records})
                case Remove():
                    for ref in change.refs:
                        self.records.pop(ref, None)
                case Complete():
                    self._complete(change)
                case Skipped():
                    self.skipped[change.scope] = change
                case Report():
                    self.health[change.scope] = change.health
                case _:
                    pass

    def _complete(self, change: Complete) -> None:
        for ref in self.scopes.get(change.scope, set()) - change.refs:
            self.records.pop(ref, None)
        self.scopes[change.scope] = set(change.refs)
        self.health.pop(change.scope, None)

    def of(self, kind: Kind) -> dict[str, Any]:
        """Return the records of *kind* by id."""
        return {ref.id: record for ref, record in self.records.items() if ref.kind is kind}

    def ref(self, kind: Kind, identity: str) -> Ref:
        return Ref(self.stage.name, kind, identity)

    def ails(self) -> dict[str | None, Condition]:
        """Return the conditions of the scopes that are not live."""
        return {
            scope: health.condition
            for scope, health in self.health.items()
            if health.condition is not Condition.LIVE
        }

    async def failure(self) -> SourceError:
        """Return the error that the next round raises."""
        try:
            await self.next()
        except SourceError as error:
            self._pending = None
            return error
        raise AssertionError("the source did not fail")

    async def restart(self) -> None:
        """Let the next round be the first one of a new consumer."""
        await self.close()
        self._pending = None
        self.stage.paused.clear()

    async def close(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            await asyncio.wait({self._pending})


@asynccontextmanager
async def watching(
    uri: str, stage: AppHarness | None = None, *, page_limit: int | None = None, **settings: Any
) -> AsyncIterator[Rounds]:
    """Watch the server at *uri*."""
    stage = stage or AppHarness()
    config = MLflowSettings(tracking_uri=uri, **settings)
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(connect(config, stage, page_limit=page_limit))
        rounds = Rounds(source, stage)
        stack.push_async_callback(rounds.close)
        yield rounds
