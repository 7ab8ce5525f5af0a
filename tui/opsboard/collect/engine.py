"""The engine: a thread with an event loop of its own, in which all sources are collected.

A terminal behind a stalled link blocks the loop of the screen. It must not keep the sources
from being asked, nor a watch from being read.

Why it is so: docs/adr/0002-engine-thread.md.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from opsboard.adapter import Clock, HostEnviron, Past, Source, SourceError
from opsboard.board.events import ActivityUpdate, BoardEvent, SourceList
from opsboard.collect.cache_writer import CacheWriter
from opsboard.collect.context import SystemClock
from opsboard.collect.inbox import Inbox
from opsboard.collect.log_stream import LogStream, Put
from opsboard.collect.redact import Redactor
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import JSON, Activity, Ref

if TYPE_CHECKING:
    from opsboard.adapter import Detail, LogLine
    from opsboard.collect.collector import Collector
    from opsboard.collect.history_recorder import HistoryRecorder
    from opsboard.collect.supervisor import SourceResolver, Supervisor
    from opsboard.startup.snapshot import StartupSettings

STOP_WITHIN: Final = 2.0
"""Seconds after which a thread that hangs in a source is abandoned (it is a daemon thread)."""

_GRACE: Final = 1.0
_log = logging.getLogger(__name__)
T = TypeVar("T")


class Engine:
    """Implements :class:`opsboard.collect.feed.Feed`.

    *sources* are known, or a function that finds them; it is awaited in the engine's thread.
    *restored* is what the board has out of the cache already.
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
    ) -> None:
        self._resolve = sources if callable(sources) else _known(sources)
        self._redactor = redactor or Redactor()
        self._cache_writer = cache_writer
        self._make_history_recorder = make_history_recorder
        self.history_recorder: HistoryRecorder | None = None
        """What records the history; ``None`` until :meth:`start`, and where none is kept."""
        self._inbox = Inbox()
        self._restored = restored
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_log_unhandled)
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="opsboard-engine", daemon=True)
        self._supervisor: Supervisor | None = None
        self._when_sources_found: list[Callable[[], None]] = []
        self._make_supervisor: Callable[[], Supervisor] = lambda: _new_supervisor(
            host_environ=host_environ,
            environments=environments or EnvironmentRules({}),
            clock=clock or SystemClock(),
            redactor=self._redactor,
            deliver=self._deliver,
            startup_settings=startup_settings,
            on_identified=self.history_recorder.identify if self.history_recorder else None,
        )

    # --- from any thread -------------------------------------------------------------------------

    def start(self) -> None:
        if self._cache_writer is not None:
            self._cache_writer.start()
        self._thread.start()

    def stop(self) -> None:
        if self._thread.ident is None:
            self._loop.close()
            return
        self._soon(self._stopping.set)
        self._thread.join(STOP_WITHIN - 0.5)
        if self._cache_writer is not None:
            self._cache_writer.stop(timeout=0.5)
        if self.history_recorder is not None:
            self.history_recorder.stop(timeout=1.0)

    def on_wake(self, wake: Callable[[], None]) -> None:
        self._inbox.on_wake(wake)

    def drain(self) -> Sequence[BoardEvent]:
        return self._inbox.drain()

    def refresh(self, source: str | None = None) -> None:
        self._soon(lambda: self._running_supervisor.refresh(source))

    def has_log(self, ref: Ref) -> bool:
        adapter = self._supervisor.adapter_of(ref.source) if self._supervisor else None
        return adapter is not None and ref.kind in adapter.log_kinds

    async def detail(self, ref: Ref) -> "Detail":
        detail = await self._ask(ref, lambda source: source.detail(ref))
        redacted: Detail = await asyncio.to_thread(self._redactor.detail, detail)
        return redacted

    async def raw(self, ref: Ref) -> JSON:
        raw = await self._ask(ref, lambda source: source.raw(ref))
        redacted: JSON = await asyncio.to_thread(self._redactor.structure, raw)
        return redacted

    async def logs(self, ref: Ref, *, follow: bool, tail: int) -> AsyncIterator["LogLine"]:
        async def fill(put: Put) -> None:
            collector = await self._running_supervisor.collector(ref.source)
            await self._read_log(collector, ref, put, follow=follow, tail=tail)

        if self._loop.is_closed():
            raise _stopped()
        stream = LogStream(self._loop, fill).lines()
        try:
            async for line in stream:
                yield line
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    async def _ask(self, ref: Ref, question: Callable[[Source], Awaitable[T]]) -> T:
        async def ask() -> T:
            collector = await self._running_supervisor.collector(ref.source)
            return await collector.ask(question)

        return await self.run_in_engine(ask())

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

    def publish(self, activities: Sequence[Activity], at: datetime) -> None:
        """Show *activities* on the board. In the engine's loop."""
        event = BoardEvent("", ActivityUpdate(activities), at)
        if self.history_recorder is not None:
            self.history_recorder.record(event)
        self._inbox.put(event)

    async def run_in_engine(self, work: Coroutine[Any, Any, T]) -> T:
        """Await *work* in the engine's loop; cancelling the one cancels the other."""
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise _stopped() from None
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():
                raise _stopped() from None
            raise

    def _soon(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: there is nothing left to call
            self._loop.call_soon_threadsafe(call)

    # --- in the engine's thread ------------------------------------------------------------------

    @property
    def _running_supervisor(self) -> "Supervisor":
        """The supervisor. Raises :exc:`SourceError` where the engine does not run."""
        if self._supervisor is None:
            raise _stopped()
        return self._supervisor

    def _deliver(self, event: BoardEvent) -> None:
        if self._cache_writer is not None:
            if isinstance(event.change, SourceList):
                self._cache_writer.set_sources(
                    event.change.sources, event.at, event.change.snapshot
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

    async def _read_log(
        self, collector: "Collector", ref: Ref, put: Put, *, follow: bool, tail: int
    ) -> None:
        source = await collector.source()
        lines: AsyncIterator[LogLine] | None = None
        redact, parts = self._redactor.log(), lru_cache(self._redactor.redact)
        try:
            lines = source.logs(ref, follow=follow, tail=tail)
            async for line in lines:
                redacted = {"text": redact(line.text), "part": parts(line.part)}
                same = redacted == {"text": line.text, "part": line.part}
                await put(line if same else line.model_copy(update=redacted))
        except Exception as error:
            raise collector.as_source_error(error) from None
        finally:
            close = getattr(lines, "aclose", None)
            if close is not None:
                await close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._inbox.note_restored(self._restored)
            self._start_recording()
            self._supervisor = self._make_supervisor()
            main = self._loop.create_task(self._main())
            while not main.done():
                self._run_on(main)
        except BaseException:
            _log.exception("the engine failed")
        finally:
            self._loop.close()

    def _start_recording(self) -> None:
        """Begin to record the history; a fault in that keeps nobody from being shown a board."""
        if self._make_history_recorder is None:
            return
        try:
            self.history_recorder = self._make_history_recorder()
            self.history_recorder.start()
        except Exception:
            _log.exception("the history")

    def _run_on(self, main: "asyncio.Task[None]") -> None:
        """Run the loop; a task of a source that raises to end the program does not end it."""
        try:
            self._loop.run_until_complete(main)
        except (KeyboardInterrupt, SystemExit):
            _log.exception("a source has tried to end the program")

    async def _main(self) -> None:
        supervisor = asyncio.create_task(
            self._running_supervisor.run(self._resolve), name="supervisor"
        )
        announce = asyncio.create_task(self._announce(), name="announce")
        await self._stopping.wait()
        supervisor.cancel()
        announce.cancel()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        _, stubborn = await asyncio.wait(rest, timeout=_GRACE) if rest else (rest, rest)
        if stubborn:
            _abandon(stubborn)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._loop.shutdown_asyncgens(), 0.2)

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


def _abandon(tasks: set[asyncio.Task[Any]]) -> None:
    """Hold *tasks* in a thread that never ends.

    Python closes a task that nobody holds, which runs its source's code once more, and prints
    what that raises beneath the board. Not even its end takes anything from a daemon thread.
    """

    def hold(_: set[asyncio.Task[Any]]) -> None:
        threading.Event().wait()

    threading.Thread(target=hold, args=(tasks,), name="opsboard-left-behind", daemon=True).start()


def _stopped() -> SourceError:
    return SourceError("the board is closing")


def _log_unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    _log.error("%s", context.get("message"), exc_info=context.get("exception"))
