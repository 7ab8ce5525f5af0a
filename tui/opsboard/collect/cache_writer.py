"""Writes what the sources yield to the cache, in a thread of its own, every few seconds."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from opsboard.adapter import Complete, Fresh, Remove, ScopeRemoved, Upsert
from opsboard.board.cache import BoardCache, CachedScope, cached_kinds
from opsboard.board.change_algebra import SourceContent, apply
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.records import Kind, Record, Ref

_log = logging.getLogger(__name__)

WRITE_INTERVAL: Final = 3.0
"""Seconds between two batches."""

CONFIRM_EVERY: Final = 20
"""Batches between two updates of the age of scopes that did not change."""


class _ScopeRecords:
    """The records of one scope that are to be cached, and which kinds differ from the disk."""

    def __init__(self) -> None:
        self.records: dict[Kind, dict[Ref, Record]] = {}
        self.dirty: set[Kind] = set()
        self.obsolete: set[Kind] = set()
        """Kinds of which nothing on the disk is true, listed or not."""
        self.fresh_at: datetime | None = None

    def put(self, records: Mapping[Ref, Record]) -> None:
        for ref, record in records.items():
            self.records.setdefault(ref.kind, {})[ref] = record
            self.dirty.add(ref.kind)

    def discard(self, refs: Iterable[Ref]) -> None:
        for ref in refs:
            del self.records[ref.kind][ref]
            self.dirty.add(ref.kind)


class _SourceRecords:
    """The records of one source that are to be cached, by scope."""

    def __init__(self) -> None:
        self.content = SourceContent()
        self.scopes: dict[str, _ScopeRecords] = {}

    def is_listed(self, scope: str) -> bool:
        content = self.content.scopes.get(scope)
        return content is not None and content.listed

    def take(self, change: Upsert | Remove | Complete | Fresh | ScopeRemoved, at: datetime) -> None:
        kinds = cached_kinds()
        if isinstance(change, Upsert):
            records = [record for record in change.records if record.kind in kinds]
            change = Upsert(change.scope, records)
        scope = self.scopes.setdefault(change.scope, _ScopeRecords())
        was_listed = self.is_listed(change.scope)
        effect = apply(change, self.content)
        scope.put(effect.put)
        scope.discard(effect.removed)
        for ref, left in effect.moved:
            self.scopes[left].discard((ref,))
        if isinstance(change, ScopeRemoved) or self.is_listed(change.scope) > was_listed:
            scope.obsolete |= kinds  # what an earlier session has left on the disk
        scope.fresh_at = at


class CacheWriter:
    """Records events (in the engine's thread) and writes them (in its own).

    A scope is written only once it was listed to its end, so that a board that is left early does
    not replace a whole list by a partial one.
    """

    def __init__(
        self, open_cache: Callable[[], BoardCache], workspace: str, interval: float = WRITE_INTERVAL
    ) -> None:
        self._open_cache = open_cache
        self._workspace = workspace
        self._interval = interval
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._sources: dict[str, SourceInfo] = {}
        self._source_list: tuple[Mapping[str, SourceInfo], datetime, str, str] | None = None
        self._pending: dict[str, _SourceRecords] = {}
        self._thread: threading.Thread | None = None
        self.problem = ""
        """Why the last batch could not be stored; it is tried again."""
        self.snapshot = ""
        """The start-up snapshot of the logins, as JSON; ``""`` where none is kept."""

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="opsboard-cache", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Write what is left; wait at most *timeout* seconds for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def set_sources(
        self, sources: Mapping[str, SourceInfo], at: datetime, snapshot: str = "", words: str = ""
    ) -> None:
        """Keep the list of sources, the start-up snapshot of their logins, and their words."""
        with self._lock:
            self._sources = dict(sources)
            self.snapshot = snapshot
            self._source_list = (sources, at, snapshot, words)

    def record(self, event: BoardEvent) -> None:
        """Take in a change of a source; other events are not cached."""
        change = event.change
        if not isinstance(change, Upsert | Remove | Complete | Fresh | ScopeRemoved):
            return
        with self._lock:
            self._pending.setdefault(event.source, _SourceRecords()).take(change, event.at)

    def forget(self, source: str) -> None:
        """Write nothing more of what *source* has recorded: it is gone, or another one now."""
        with self._lock:
            self._pending.pop(source, None)

    # --- in its own thread --------------------------------------------------------------

    def _run(self) -> None:
        cache = self._open_cache()
        batches = 0
        try:
            while not self._stopping.wait(self._interval):
                batches += 1
                self._try_to_store(cache, confirm=batches % CONFIRM_EVERY == 0)
            self._try_to_store(cache, confirm=True)
        finally:
            cache.close()

    def _try_to_store(self, cache: BoardCache, *, confirm: bool) -> None:
        try:
            self._store(cache, confirm=confirm)
        except Exception as error:  # a record that cannot be written must not end the thread
            _log.exception("the last known board")
            self.problem = f"the last known board cannot be kept: {type(error).__name__}"

    def _store(self, cache: BoardCache, *, confirm: bool) -> None:
        with self._lock:
            source_list, self._source_list = self._source_list, None
            fresh = list(self._fresh()) if confirm else []
            scopes = list(self._changed_scopes())
        if source_list is not None:
            cache.save_sources(self._workspace, *source_list)
        for source, cached in scopes:  # one by one: a long batch would hold up the screen's thread
            if not cache.save(cached):
                self._put_back(source, cached)
        if fresh:
            cache.confirm(fresh)
        self.problem = cache.problem

    def _put_back(self, source: str, scopes: Iterable[CachedScope]) -> None:
        """Note that what is on the disk is not yet what *scopes* say."""
        with self._lock:
            records = self._pending.get(source)  # none where it was forgotten meanwhile
            for cached in scopes:
                scope = records.scopes.get(cached.scope) if records is not None else None
                if scope is not None:
                    scope.obsolete.add(cached.kind)

    def _cacheable(self) -> Iterator[tuple[str, str, _SourceRecords]]:
        """Yield the sources whose login is known, each with its name and key."""
        for name, source in self._pending.items():
            info = self._sources.get(name)
            if info is not None and info.key:
                yield name, info.key, source

    def _changed_scopes(self) -> Iterator[tuple[str, Sequence[CachedScope]]]:
        """Yield what is to be written of each scope that differs from the disk.

        A partial list is not written, but what it cannot be any more is taken off the disk.
        """
        for name, key, source in self._cacheable():
            for scope_name, scope in source.scopes.items():
                listed = source.is_listed(scope_name)
                kinds = scope.obsolete | scope.dirty if listed else scope.obsolete
                if kinds and scope.fresh_at is not None:
                    yield (
                        name,
                        [
                            CachedScope(
                                key,
                                scope_name,
                                kind,
                                scope.fresh_at,
                                tuple(scope.records.get(kind, {}).values()) if listed else (),
                            )
                            for kind in sorted(kinds)
                        ],
                    )
                    scope.obsolete.clear()
                    if listed:
                        scope.dirty.clear()

    def _fresh(self) -> Iterator[tuple[str, str, datetime]]:
        """Yield key, scope and time of each scope that has not changed since it was stored."""
        for _, key, source in self._cacheable():
            for name, scope in source.scopes.items():
                unchanged = not (scope.dirty or scope.obsolete)
                if unchanged and source.is_listed(name) and scope.fresh_at is not None:
                    yield key, name, scope.fresh_at
