"""All collectors of a board, run side by side in the event loop of the engine."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from opsboard.adapter import Change, Clock, HostEnviron, Principal, SourceError
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.collect.collector import Collector
from opsboard.collect.context import SourceContext
from opsboard.collect.enrichment import Enrichment
from opsboard.collect.redact import Redactor
from opsboard.config.broken_source import broken_source
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.startup.login_fingerprint import LoginFingerprint, fingerprint_logins
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from opsboard.system import background

SourceResolver: TypeAlias = Callable[[], Awaitable[Sequence[ResolvedSource]]]
"""Finds the sources. Runs in the engine's thread, where it delays no frame."""

Identified: TypeAlias = Callable[[str, str, str, Principal | None], None]
"""Called with name, title and address of a source, and who its server says that asks."""

KEY_TIMEOUT: Final = 5.0
"""Seconds for reading the logins of all sources; after that, nothing is cached."""

ENRICH_DELAY: Final = 1.0
"""Seconds for which identities are gathered before the sources that know more of them are told."""

_log = logging.getLogger(__name__)


class Supervisor:
    """Makes a collector for every source, and runs all of them at the same time."""

    def __init__(
        self,
        *,
        host_environ: HostEnviron,
        environments: EnvironmentRules,
        clock: Clock,
        redactor: Redactor,
        deliver: Callable[[BoardEvent], None],
        startup_settings: StartupSettings | None = None,
        on_identified: Identified | None = None,
    ) -> None:
        self._host_environ = host_environ
        self._environments = environments
        self._clock = clock
        self._redactor = redactor
        self._deliver = deliver
        self._startup_settings = startup_settings
        self._on_identified = on_identified
        self._collectors: dict[str, Collector] = {}
        self._sources_known = asyncio.Event()
        self._enrichment = Enrichment()
        self._enriching: asyncio.TimerHandle | None = None

    async def run(self, resolve: SourceResolver) -> None:
        """Find the sources, then collect from all of them until cancelled."""
        sources = await self._resolve(resolve)
        self._deliver(BoardEvent("", await self._source_list(sources), self._clock.now()))
        self._collectors = {source.name: self._collector(source) for source in sources}
        self._sources_known.set()
        async with asyncio.TaskGroup() as group:
            for collector in self._collectors.values():
                group.create_task(collector.run(), name=f"collect {collector.context.name}")

    async def collector(self, source: str) -> Collector:
        """Return the collector of *source*, once it is known which sources there are."""
        await self._sources_known.wait()
        try:
            return self._collectors[source]
        except KeyError:
            raise SourceError(f"there is no source called {source!r}") from None

    async def sources_known(self) -> None:
        """Return once it is known which sources there are."""
        await self._sources_known.wait()

    def resolved(self, source: str) -> ResolvedSource | None:
        """Return the source called *source*. May be called from any thread."""
        collector = self._collectors.get(source)
        return collector.resolved if collector else None

    def refresh(self, source: str | None) -> None:
        """End the pause of *source*, or of all."""
        for name, collector in self._collectors.items():
            if source in {None, name}:
                collector.context.refresh()

    def adapter_of(self, source: str) -> Any:
        """Return the adapter class of *source*, or ``None``. May be called from any thread."""
        collector = self._collectors.get(source)
        return collector.resolved.adapter if collector else None

    async def _resolve(self, resolve: SourceResolver) -> Sequence[ResolvedSource]:
        try:
            return await resolve()
        except Exception as error:  # whatever it is, it is shown on the board
            _log.exception("cannot find out the sources")
            message = f"cannot find out the sources: {type(error).__name__}: {error}"
            return [
                broken_source("opsboard", self._redactor.redact(message), "see the program's log")
            ]

    async def _source_list(self, sources: Sequence[ResolvedSource]) -> SourceList:
        keys, fingerprint = await self._fingerprint(sources)
        infos = {s.name: SourceInfo(s.adapter.title, keys.get(s.name, "")) for s in sources}
        if self._startup_settings is None or fingerprint is None:
            return SourceList(infos)
        return SourceList(infos, StartupSnapshot(self._startup_settings, fingerprint).to_json())

    async def _fingerprint(
        self, sources: Sequence[ResolvedSource]
    ) -> tuple[Mapping[str, str], LoginFingerprint | None]:
        """Read the logins in a thread: a file may be on a network mount that does not answer."""
        asked = background.run_in_thread(lambda: fingerprint_logins(sources, self._host_environ))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), KEY_TIMEOUT)
        except Exception:  # without keys, nothing is cached; the sources are shown all the same
            _log.exception("the logins of the sources could not be read")
            return {}, None

    def _collector(self, source: ResolvedSource) -> Collector:
        def emit(change: Change) -> None:
            self._deliver(BoardEvent(source.name, change, self._clock.now()))
            if self._enrichment.note(source.name, change) and self._enriching is None:
                loop = asyncio.get_running_loop()
                self._enriching = loop.call_later(ENRICH_DELAY, self._enrich)

        context = SourceContext(
            source.name,
            source.settings,
            host_environ=self._host_environ,
            environments=self._environments,
            clock=self._clock,
            redactor=self._redactor,
        )
        collector = Collector(source, context, emit, self._redactor)
        if self._on_identified is not None:
            collector.on_identified = partial(
                self._on_identified, source.name, source.adapter.title
            )
        self._enrichment.add(source.name, source.adapter.enriches, collector.enrich)
        return collector

    def _enrich(self) -> None:
        self._enriching = None
        self._enrichment.deliver()
