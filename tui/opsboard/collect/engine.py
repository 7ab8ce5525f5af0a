"""The engine: a thread with an event loop of its own, in which all sources are collected.

A terminal behind a stalled link blocks the loop of the screen. It must not keep the sources
from being asked, nor a watch from being read.

Why it is so: docs/adr/0002-engine-thread.md.
"""

import asyncio
import logging
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from opsboard.adapter import Clock, HostEnviron, Past
from opsboard.board.events import ActivityUpdate, BoardEvent, SourceList
from opsboard.collect.cache_writer import CacheWriter
from opsboard.collect.context import SystemClock
from opsboard.collect.engine_loop import EngineLoop, stopped
from opsboard.collect.inbox import Inbox
from opsboard.collect.program_runner import ProgramRunner
from opsboard.collect.redact import Redactor
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import JSON, Activity, Ref

if TYPE_CHECKING:
    from concurrent.futures import Future

    from opsboard.adapter import (
        Comparand,
        Description,
        Detail,
        ListingCatalog,
        ListingQuery,
        ListingUpdate,
        LogLine,
        LogPart,
        LogQuery,
        ObjectTree,
        Series,
        Source,
    )
    from opsboard.board.alert_acks import AckChange
    from opsboard.collect.bounded_stream import Put
    from opsboard.collect.collector import Collector
    from opsboard.collect.history_recorder import HistoryRecorder
    from opsboard.collect.supervisor import Reconfigured, SourceResolver, Supervisor
    from opsboard.startup.snapshot import StartupSettings

STOP_WITHIN: Final = 1.5
"""Seconds after which a thread that hangs in a source is abandoned (it is a daemon thread)."""

CACHED_WITHIN: Final = 0.5
"""Seconds that the end of a program waits for the cache to be written."""

RECORDED_WITHIN: Final = 1.0
"""Seconds that it waits for the history to be written, and let go for others."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Engine:
    """Implements :class:`opsboard.collect.feed.Feed`.

    *sources* are known, or a function that finds them; it is awaited in the engine's thread.
    *restored* is what the board has out of the cache already. *enrich_delay* is for how many
    seconds identities are gathered before the sources that know more of them are told.
    """

    def __init__(
        self,
        sources: "Sequence[ResolvedSource] | SourceResolver",
        *,
        host_environ: HostEnviron,
        environments: EnvironmentRules | None = None,
        clock: Clock | None = None,
        redactor: Redactor | None = None,
        cache_writer: CacheWriter | None = None,
        make_history_recorder: "Callable[[], HistoryRecorder] | None" = None,
        startup_settings: "StartupSettings | None" = None,
        restored: Sequence[BoardEvent] = (),
        enrich_delay: float | None = None,
    ) -> None:
        self._resolve = sources if callable(sources) else _known(sources)
        self._redactor = redactor or Redactor()
        self._cache_writer = cache_writer
        self._make_history_recorder = make_history_recorder
        self.history_recorder: HistoryRecorder | None = None
        """What records the history; ``None`` until :meth:`start`, and where none is kept."""
        self.programs = ProgramRunner()
        """Runs the programs of actions; the screen attaches its terminal to it."""
        self._inbox = Inbox()
        self._restored = restored
        self._loop = EngineLoop(self._main)
        self._supervisor: Supervisor | None = None
        self._when_sources_found: list[Callable[[], None]] = []
        self._make_supervisor: Callable[[], Supervisor] = lambda: _new_supervisor(
            host_environ=host_environ,
            environments=environments or EnvironmentRules({}),
            clock=clock or SystemClock(),
            redactor=self._redactor,
            deliver=self._deliver,
            startup_settings=startup_settings,
            programs=self.programs,
            on_identified=self.history_recorder.identify if self.history_recorder else None,
            forget=self._forget,
            **({} if enrich_delay is None else {"enrich_delay": enrich_delay}),
        )

    # --- from any thread -------------------------------------------------------------------------

    def start(self) -> None:
        if self._cache_writer is not None:
            self._cache_writer.start()
        self._loop.start()

    def stop(self) -> None:
        self._loop.stop(STOP_WITHIN)
        if self._cache_writer is not None:
            self._cache_writer.stop(timeout=CACHED_WITHIN)
        if self.history_recorder is not None:
            self.history_recorder.stop(timeout=RECORDED_WITHIN)

    def note_ack(self, change: "AckChange") -> None:
        """Let the history know of an acknowledgement, where one is kept."""
        if self.history_recorder is not None:
            self.history_recorder.note_ack(change)

    def on_wake(self, wake: Callable[[], None]) -> None:
        self._inbox.on_wake(wake)

    def drain(self) -> Sequence[BoardEvent]:
        return self._inbox.drain()

    def refresh(self, source: str | None = None) -> None:
        self._loop.call_soon(lambda: self._running_supervisor.refresh(source))

    def reconfigure(
        self, sources: Sequence[ResolvedSource], startup_settings: "StartupSettings | None"
    ) -> "Future[Reconfigured]":
        """Collect from *sources* from now on; those that are as they were go on undisturbed.

        Raises :exc:`SourceError` where the engine does not run.
        """
        return self._loop.begin(self._running_supervisor.reconfigure(sources, startup_settings))

    def changed_files(self) -> "Future[Mapping[str, Sequence[Path]]]":
        """Return the files of each source that are not what they were when it was connected.

        Raises :exc:`SourceError` where the engine does not run.
        """
        return self._loop.begin(self._running_supervisor.changed_files())

    def reconnect(self, sources: Collection[str]) -> "Future[Reconfigured]":
        """Connect *sources* again, with the settings that they have. Raises as above."""
        return self._loop.begin(self._running_supervisor.reconnect(sources))

    def _forget(self, source: str) -> None:
        """Let nobody have any more of what the source of that name has yielded."""
        self._inbox.forget(source)
        if self._cache_writer is not None:
            self._cache_writer.forget(source)
        if self.history_recorder is not None:
            self.history_recorder.forget_source(source)

    def enriching(self) -> frozenset[str]:
        """Return the sources that have yet to tell what they know of what others have stated.

        All of that which they told before it is called is in :meth:`drain`.
        """
        return self._supervisor.enriching() if self._supervisor else frozenset()

    def has_log(self, ref: Ref) -> bool:
        adapter = self._supervisor.adapter_of(ref.source) if self._supervisor else None
        return adapter is not None and ref.kind in adapter.log_kinds

    async def detail(self, ref: Ref) -> "Detail":
        detail = await self._ask(ref, lambda source: source.detail(ref))
        redacted: Detail = await asyncio.to_thread(self._redactor.detail, detail)
        return redacted

    async def log_parts(self, ref: Ref) -> "Sequence[LogPart]":
        parts = await self._ask(ref, lambda source: source.log_parts(ref))
        redact = self._redactor.redact
        return [
            replace(one, name=redact(one.name), group=redact(one.group), note=redact(one.note))
            for one in parts
        ]

    async def describe(self, ref: Ref) -> "Description":
        description = await self._ask(ref, lambda source: source.describe(ref))
        return await asyncio.to_thread(self._redactor.description, description)

    async def tree(self, ref: Ref) -> "ObjectTree":
        tree = await self._ask(ref, lambda source: source.tree(ref))
        return self._redactor.tree(tree)

    async def raw(self, ref: Ref) -> JSON:
        raw = await self._ask(ref, lambda source: source.raw(ref))
        redacted: JSON = await asyncio.to_thread(self._redactor.structure, raw)
        return redacted

    async def comparand(self, ref: Ref) -> "Comparand":
        from opsboard.collect.comparand_masking import masked_comparand  # noqa: PLC0415 - seldom

        side = await self._ask(ref, lambda source: source.comparand(ref))
        return await asyncio.to_thread(masked_comparand, side, self._redactor)

    async def metric_series(self, ref: Ref, metrics: Sequence[str]) -> "Sequence[Series]":
        return await self._ask(ref, lambda source: source.metric_series(ref, metrics))

    def logs(self, ref: Ref, query: "LogQuery") -> AsyncGenerator["LogLine", None]:
        from opsboard.collect import source_readers  # noqa: PLC0415 - seldom
        from opsboard.collect.bounded_stream import BoundedStream  # noqa: PLC0415 - as above

        async def fill(put: "Put[LogLine]") -> None:
            collector = await self._running_supervisor.collector(ref.source)
            await source_readers.read_log(collector, ref, query, put, self._redactor)

        return BoundedStream(self._loop, fill, source_readers.MAX_LINES).items()

    async def listing_types(self) -> "Mapping[str, ListingCatalog]":
        async def ask() -> "Mapping[str, ListingCatalog]":
            from opsboard.collect.source_readers import read_catalogs  # noqa: PLC0415 - seldom

            collectors = await self._running_supervisor.collectors()
            return await read_catalogs(collectors, self._redactor)

        return await self._loop.run(ask())

    def listing(
        self, source: str, name: str, query: "ListingQuery"
    ) -> "AsyncGenerator[ListingUpdate, None]":
        from opsboard.collect import source_readers  # noqa: PLC0415 - as above
        from opsboard.collect.bounded_stream import BoundedStream  # noqa: PLC0415 - as above

        async def fill(put: "Put[ListingUpdate]") -> None:
            collector = await self._running_supervisor.collector(source)
            await source_readers.read_listing(collector, name, query, put, self._redactor)

        return BoundedStream(self._loop, fill, source_readers.MAX_UPDATES).items()

    async def _ask(self, ref: Ref, question: "Callable[[Source], Awaitable[T]]") -> T:
        async def ask() -> T:
            collector = await self._running_supervisor.collector(ref.source)
            return await collector.ask(question)

        return await self._loop.run(ask())

    # --- for acting ------------------------------------------------------------------------------

    def call_when_sources_found(self, call: Callable[[], None]) -> None:
        """Call *call* in the engine's loop once the sources have been found.

        To be used before :meth:`start`.
        """
        self._when_sources_found.append(call)

    def resolved(self, source: str) -> ResolvedSource | None:
        """Return the source called *source*; ``None`` where it is unknown, or not found yet."""
        return self._supervisor.resolved(source) if self._supervisor else None

    async def wait_for_sources(self) -> None:
        """Return once the sources have been found. In the engine's loop."""
        await self._running_supervisor.sources_known()

    async def collector(self, source: str) -> "Collector":
        """Return the collector that runs *source*. In the engine's loop. Raises SourceError."""
        return await self._running_supervisor.collector(source)

    async def collectors(self) -> "Sequence[Collector]":
        """Return the collectors of all sources, once those are known. In the engine's loop."""
        return await self._running_supervisor.collectors()

    def publish(self, activities: Sequence[Activity], at: datetime) -> None:
        """Show *activities* on the board. In the engine's loop."""
        event = BoardEvent("", ActivityUpdate(activities), at)
        if self.history_recorder is not None:
            self.history_recorder.record(event)
        self._inbox.put(event)

    async def run_in_engine(self, work: Coroutine[Any, Any, T]) -> T:
        """Await *work* in the engine's loop; cancelling the one cancels the other."""
        return await self._loop.run(work)

    # --- in the engine's thread ------------------------------------------------------------------

    @property
    def _running_supervisor(self) -> "Supervisor":
        """The supervisor. Raises :exc:`SourceError` where the engine does not run."""
        if self._supervisor is None:
            raise stopped()
        return self._supervisor

    def _deliver(self, event: BoardEvent) -> None:
        if self._cache_writer is not None:
            if isinstance(event.change, SourceList):
                self._cache_writer.set_sources(
                    event.change.sources, event.at, event.change.snapshot, event.change.words
                )
            else:
                self._cache_writer.record(event)
        if self.history_recorder is not None:
            if isinstance(event.change, SourceList):
                self.history_recorder.set_sources(event.change.sources)
            else:
                self.history_recorder.record(event)
        if not isinstance(event.change, Past):
            self._inbox.put(event)

    def _start_recording(self) -> None:
        """Begin to record the history; a fault in that keeps nobody from being shown a board."""
        if self._make_history_recorder is None:
            return
        try:
            self.history_recorder = self._make_history_recorder()
            self.history_recorder.start()
        except Exception:
            _log.exception("the history")

    async def _main(self, stopping: asyncio.Event) -> None:
        self._inbox.note_restored(self._restored)
        self._start_recording()
        self._supervisor = self._make_supervisor()
        work = [
            asyncio.create_task(self._supervisor.run(self._resolve), name="supervisor"),
            asyncio.create_task(self._announce(), name="announce"),
        ]
        await stopping.wait()
        await self.programs.close()
        for task in work:
            task.cancel()

    async def _announce(self) -> None:
        await self.wait_for_sources()
        for call in self._when_sources_found:
            call()


def _new_supervisor(**options: Any) -> "Supervisor":
    """Return a supervisor. Its imports take long, so they are left to the engine's thread."""
    from opsboard.collect.supervisor import Supervisor  # noqa: PLC0415 - see above

    return Supervisor(**options)


def _known(sources: Sequence[ResolvedSource]) -> "SourceResolver":
    async def resolve() -> Sequence[ResolvedSource]:
        return sources

    return resolve
