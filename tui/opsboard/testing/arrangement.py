"""How the suite gets at an adapter: worlds to connect to, and patience with them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, NamedTuple

from opsboard.adapter import (
    Adapter,
    Check,
    Detail,
    Discovery,
    Grid,
    HostEnviron,
    LogLine,
    LogQuery,
    NotFound,
    Source,
    SourceSettings,
    Unsupported,
)
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording

HOSTILE_TEXT: Final = "\x1b]0;owned\x07\x1b[31mhos\x00tile\u202e\x9b2J\r\nname"
"""Let your fake server use this as a name or title, and set ``hostile`` on the :class:`World`."""

CANARY: Final = "canary-0f9d2c7a51e84b63"
"""A secret that must never be seen again; see :meth:`Arrangement.refusing_world`."""

BOUND: Final = 60.0
"""Seconds that anything here may take."""


@dataclass(frozen=True)
class World:
    """A server to talk to, and the *settings* that lead there.

    *hostile* says that :data:`HOSTILE_TEXT` is the name, title or message of some record. *state*,
    if given, returns what actions could change, to be compared: needed where it is not changed by
    requests of httpx, which the suite sees by itself.
    """

    settings: SourceSettings
    env: Mapping[str, str] = field(default_factory=dict)
    hostile: bool = False
    state: Callable[[], Awaitable[object]] | None = None


class Listed(NamedTuple):
    """A source that has listed everything it has."""

    recorder: Recorder
    world: World
    context: FakeContext
    source: Source


class Arrangement:
    """What an author gives, and the ways to use it."""

    adapter: ClassVar[type[Adapter[Any]]]
    registered: ClassVar[bool] = True
    """Whether the adapter is installed, so that its entry point must lead to it."""

    kinds_in_world: ClassVar[frozenset[Kind]] = frozenset()
    """The kinds of which :meth:`world` has at least one record; by default any one will do."""

    reading_requests: ClassVar[Sequence[str]] = ()
    """Patterns of requests that change nothing although they are no GET: searches, dry runs.

    They are looked for in the method, the URL and the body, which are separated by blanks.
    """

    # --- what the author gives -------------------------------------------------------------------

    def world(self) -> AbstractAsyncContextManager[World]:
        """Return a context that holds a server with a few records on it."""
        raise NotImplementedError("give the suite a world to connect to")

    def refusing_world(self) -> AbstractAsyncContextManager[World] | None:
        """Return a world whose settings hold :data:`CANARY` as the secret, which is refused.

        The meanest of servers quotes the secret in its answer. ``None`` if there are no secrets.
        """
        return None

    def unreachable(self) -> SourceSettings | None:
        """Return settings that lead to a port where nobody listens; ``None`` if none can."""
        return None

    def settled(self, recorder: Recorder, context: FakeContext) -> bool:
        """Tell whether the source has listed everything it has.

        Where scopes are listed side by side, one is done before another begins; so a source
        announces each with a report of :attr:`Condition.STARTING`, and all of them are waited for.
        """
        listed = bool(recorder.complete) and recorder.scopes.keys() <= recorder.complete
        listed = listed and not recorder.starting
        return listed and bool(context.pausing or recorder.streaming)

    # --- how it is used --------------------------------------------------------------------------

    @asynccontextmanager
    async def connected(self, world: World) -> AsyncIterator[tuple[Source, FakeContext]]:
        context = FakeContext(env=world.env)
        async with self.adapter.connect(world.settings, context) as source:
            yield source, context

    @asynccontextmanager
    async def listed(self) -> AsyncIterator[Listed]:
        """Connect to the world, and wait until everything is listed."""
        async with (
            self.world() as world,
            self.connected(world) as (source, context),
            recording(source) as recorder,
        ):
            await self.settle(recorder, context)
            yield Listed(recorder, world, context, source)

    async def settle(self, recorder: Recorder, context: FakeContext) -> None:
        """Wait until the source is settled; it may become so by a pause, which says nothing."""

        async def nudge() -> None:
            while True:
                await asyncio.sleep(0.01)
                await recorder.nudge()

        nudging = asyncio.create_task(nudge())
        try:
            await recorder.until(lambda: self.settled(recorder, context), BOUND)
        finally:
            nudging.cancel()
            await asyncio.wait([nudging])

    async def refs(self, world: World) -> set[Ref]:
        async with self.connected(world) as (source, context), recording(source) as recorder:
            await self.settle(recorder, context)
            return set(recorder.records)

    async def discover(self, host_environ: HostEnviron) -> Sequence[Discovery]:
        return list(await asyncio.wait_for(self.adapter.discover(host_environ), 5))

    async def checks(self, source: Source) -> list[Check]:
        async with asyncio.timeout(BOUND * 2):
            return [check async for check in source.checks()]

    async def detail(self, source: Source, ref: Ref) -> Detail | None:
        try:
            return await asyncio.wait_for(source.detail(ref), BOUND)
        except Unsupported:
            return None

    async def with_rows(self, source: Source, refs: list[Ref]) -> list[Ref]:
        """Return *refs*, and one of each kind that their details lead to."""
        found = {ref.kind: ref for ref in refs}
        for ref in refs:
            detail = await self.detail(source, ref)
            for section in detail.sections if detail else ():
                if isinstance(section, Grid):
                    for row in section.rows:
                        if row.ref is not None:
                            found.setdefault(row.ref.kind, row.ref)
        return list(found.values())

    async def log(self, source: Source, ref: Ref) -> list[LogLine] | None:
        """Return the end of the log of *ref*, or ``None`` where it has none by its nature."""
        try:
            async with asyncio.timeout(BOUND):
                lines = [line async for line in source.logs(ref, LogQuery(tail=5))]
        except Unsupported:
            return None
        except NotFound:
            return []
        assert all(isinstance(line, LogLine) for line in lines)
        return lines
