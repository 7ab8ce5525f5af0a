"""All collectors of a board, run side by side in the event loop of the engine."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from opsboard.adapter import Change, Clock, HostEnviron, Principal, ProgramHost, SourceError
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.collect.collector import Collector
from opsboard.collect.command_words import command_words
from opsboard.collect.context import SourceContext
from opsboard.collect.enrichment import Enrichment
from opsboard.collect.redact import Redactor
from opsboard.collect.source_files import Digests, changed_files, digests_of
from opsboard.config.broken_source import broken_source
from opsboard.config.resolved_source import ResolvedSource
from opsboard.environments.rules import EnvironmentRules
from opsboard.startup.login_fingerprint import LoginFingerprint
from opsboard.startup.login_keys import fingerprint_logins
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from opsboard.system import background

SourceResolver: TypeAlias = Callable[[], Awaitable[Sequence[ResolvedSource]]]
"""Finds the sources. Runs in the engine's thread, where it delays no frame."""

Identified: TypeAlias = Callable[[str, str, str, Principal | None], None]
"""Called with name, title and address of a source, and who its server says that asks."""

KEY_TIMEOUT: Final = 5.0
"""Seconds for reading the logins of all sources; after that, nothing is cached."""

END_TIMEOUT: Final = 2.0
"""Seconds that a source has to let go of its server, when the config has it no more."""

ENRICH_DELAY: Final = 1.0
"""Seconds for which identities are gathered before the sources that know more of them are told."""

_log = logging.getLogger(__name__)


class Reconfigured(NamedTuple):
    """The sources that were begun, and those that were ended; one may be both."""

    begun: tuple[str, ...]
    ended: tuple[str, ...]


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
        forget: Callable[[str], None] = lambda _: None,
        enrich_delay: float = ENRICH_DELAY,
        programs: ProgramHost | None = None,
    ) -> None:
        self._programs = programs
        self._host_environ = host_environ
        self._environments = environments
        self._clock = clock
        self._redactor = redactor
        self._deliver = deliver
        self._startup_settings = startup_settings
        self._on_identified = on_identified
        self._forget = forget
        self._group: asyncio.TaskGroup | None = None
        self._collectors: dict[str, Collector] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._digests: Mapping[str, Digests] = {}
        """Of each source, the files that it was connected by."""
        self._sources_known = asyncio.Event()
        self._enrichment = Enrichment()
        self._enrich_delay = enrich_delay
        self._enriching: asyncio.TimerHandle | None = None

    async def run(self, resolve: SourceResolver) -> None:
        """Find the sources, then collect from all of them until cancelled."""
        sources = await self._resolve(resolve)
        known, self._digests = await asyncio.gather(
            self._source_list(sources), self._read_digests(sources)
        )
        self._deliver(BoardEvent("", known, self._clock.now()))
        self._collectors = {source.name: self._collector(source) for source in sources}
        self._sources_known.set()
        async with asyncio.TaskGroup() as group:
            self._group = group
            for collector in self._collectors.values():
                self._start(group, collector)
            await asyncio.Event().wait()  # others may come

    def _start(self, group: asyncio.TaskGroup, collector: Collector) -> None:
        name = collector.context.name
        self._tasks[name] = group.create_task(collector.run(), name=f"collect {name}")

    async def reconfigure(
        self,
        sources: Sequence[ResolvedSource],
        startup_settings: StartupSettings | None,
        again: Collection[str] = (),
    ) -> Reconfigured:
        """Collect from *sources* from now on; those that are as they were go on undisturbed.

        What a source that is gone, is another one now or is to be connected *again* has yielded is
        forgotten everywhere.
        """
        await self._sources_known.wait()
        if self._group is None:  # nothing is running that could be changed
            raise SourceError("the board is closing")
        kept = {
            source.name: self._collectors[source.name]
            for source in sources
            if source.name in self._collectors
            and source.name not in again
            and _is_same(self._collectors[source.name].resolved, source)
        }
        ended = [name for name in self._collectors if name not in kept]
        self._collectors = dict(kept)
        await self._end(ended)
        self._startup_settings = startup_settings
        self._collectors = {
            source.name: kept.get(source.name) or self._collector(source) for source in sources
        }
        known = replace(await self._source_list(sources), reset=tuple(ended))
        self._deliver(BoardEvent("", known, self._clock.now()))
        begun = [name for name in self._collectors if name not in kept]
        read = await self._read_digests([one for one in sources if one.name in begun])
        self._digests = {**self._digests, **read}
        for name in begun:
            self._start(self._group, self._collectors[name])
        return Reconfigured(begun=tuple(begun), ended=tuple(ended))

    async def changed_files(self) -> Mapping[str, Sequence[Path]]:
        """Return the files that are not what they were when their source was connected."""
        await self._sources_known.wait()
        now = await self._read_digests([one.resolved for one in self._collectors.values()])
        changed = {
            name: changed_files(self._digests[name], digests)
            for name, digests in now.items()
            if name in self._digests
        }
        return {name: files for name, files in changed.items() if files}

    async def reconnect(self, names: Collection[str]) -> Reconfigured:
        """Connect the sources called *names* again, with the settings that they have."""
        sources = [one.resolved for one in self._collectors.values()]
        return await self.reconfigure(sources, self._startup_settings, names)

    async def _read_digests(self, sources: Sequence[ResolvedSource]) -> Mapping[str, Digests]:
        """Read them in a thread, as the logins are; nothing where that takes too long."""
        asked = background.run_in_thread(lambda: digests_of(sources, self._host_environ))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), KEY_TIMEOUT)
        except Exception:
            _log.exception("the files of the sources could not be read")
            return {}

    async def _end(self, names: Sequence[str]) -> None:
        """End the collectors called *names*, and forget what they have yielded.

        One whose source does not let go of its server in time is left to it: what it yields is
        heard by nobody.
        """
        tasks = [self._tasks.pop(name) for name in names]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=END_TIMEOUT)
        for name in names:
            self._enrichment.remove(name)
            self._forget(name)

    async def collector(self, source: str) -> Collector:
        """Return the collector of *source*, once it is known which sources there are."""
        await self._sources_known.wait()
        try:
            return self._collectors[source]
        except KeyError:
            raise SourceError(f"there is no source called {source!r}") from None

    async def collectors(self) -> Sequence[Collector]:
        """Return all collectors, once it is known which sources there are."""
        await self._sources_known.wait()
        return tuple(self._collectors.values())

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

    def enriching(self) -> frozenset[str]:
        """Return the sources that have yet to tell what they know of what others have stated.

        May be called from any thread.
        """
        collectors = list(self._collectors.items())
        if self._enriching is not None:  # they are about to be told
            return frozenset(name for name, one in collectors if one.resolved.adapter.enriches)
        return frozenset(name for name, one in collectors if one.is_enriching)

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
        infos = {
            s.name: SourceInfo(s.adapter.title, keys.get(s.name, ""), s.adapter.kind_names())
            for s in sources
        }
        if self._startup_settings is None or fingerprint is None:
            return SourceList(infos)
        snapshot = StartupSnapshot(self._startup_settings, fingerprint).to_json()
        return SourceList(infos, snapshot, command_words(sources))

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
            if self._collectors.get(source.name) is not collector:
                return  # it has ended, and its source does not know that yet
            self._deliver(BoardEvent(source.name, change, self._clock.now()))
            if self._enrichment.note(source.name, change) and self._enriching is None:
                loop = asyncio.get_running_loop()
                self._enriching = loop.call_later(self._enrich_delay, self._enrich)

        context = SourceContext(
            source.name,
            source.settings,
            host_environ=self._host_environ,
            environments=self._environments,
            clock=self._clock,
            redactor=self._redactor,
            programs=self._programs,
        )
        collector = Collector(source, context, emit, self._redactor)
        if (report := self._on_identified) is not None:

            def identified(address: str, principal: Principal | None) -> None:
                if self._collectors.get(source.name) is collector:
                    report(source.name, source.adapter.title, address, principal)

            collector.on_identified = identified
        self._enrichment.add(source.name, source.adapter.enriches, collector.enrich)
        return collector

    def _enrich(self) -> None:
        self._enriching = None
        self._enrichment.deliver()


def _is_same(one: ResolvedSource, other: ResolvedSource) -> bool:
    """Tell whether *other* would be collected as *one* is."""
    return one.adapter is other.adapter and one.settings == other.settings
