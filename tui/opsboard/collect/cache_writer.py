"""Keeps the cache in step with what arrives, in a thread of its own, a few seconds behind."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from opsboard.adapter import Complete, Fresh, Remove, ScopeRemoved, Upsert
from opsboard.board.cache import BoardCache, CachedScope, cached_kinds
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.records import Kind, Record, Ref

_log = logging.getLogger(__name__)

WRITE_INTERVAL: Final = 3.0
"""Seconds between two batches."""

CONFIRM_EVERY: Final = 20
"""Batches between two notes of how fresh everything is that did not change."""


class _Ledger:
    """What one scope holds, and which kinds in it are other than on disk."""

    def __init__(self) -> None:
        self.records: dict[Kind, dict[Ref, Record]] = {}
        self.dirty: set[Kind] = set()
        self.listed = False
        self.fresh_at: datetime | None = None

    def upsert(self, change: Upsert) -> None:
        kept = cached_kinds()
        for record in change.records:
            if record.kind in kept:
                self.records.setdefault(record.kind, {})[record.ref] = record
                self.dirty.add(record.kind)

    def remove(self, change: Remove) -> None:
        for ref in change.refs:
            if self.records.get(ref.kind, {}).pop(ref, None) is not None:
                self.dirty.add(ref.kind)

    def complete(self, change: Complete) -> None:
        for kind, held in self.records.items():
            for ref in held.keys() - change.refs:
                del held[ref]
                self.dirty.add(kind)
        self.listed = True


class CacheWriter:
    """Notes events (in the engine's thread) and stores them (in its own).

    A scope is stored only once it was listed to its end, so that a board which is quit early
    does not trade a whole picture for the beginning of one.
    """

    def __init__(
        self, open_cache: Callable[[], BoardCache], workspace: str, interval: float = WRITE_INTERVAL
    ) -> None:
        self._open_cache = open_cache
        self._place = workspace
        self._every = interval
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._members: dict[str, SourceInfo] = {}
        self._unsaid: tuple[Mapping[str, SourceInfo], datetime, str] | None = None
        self._ledgers: dict[tuple[str, str], _Ledger] = {}
        self._thread: threading.Thread | None = None
        self.problem = ""
        """Why the last batch could not be stored; it is tried again."""

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="opsboard-cache", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """Store what is left, for at most *timeout* seconds."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def set_sources(
        self, members: Mapping[str, SourceInfo], at: datetime, sealed: str = ""
    ) -> None:
        """Note which sources there are, and what tells the next start that they are the same."""
        with self._lock:
            self._members = dict(members)
            self._unsaid = (members, at, sealed)

    def record(self, event: BoardEvent) -> None:
        """Take in what a source yielded."""
        change = event.change
        if not isinstance(change, Upsert | Remove | Complete | ScopeRemoved | Fresh):
            return
        with self._lock:
            ledger = self._ledgers.setdefault((event.source, change.scope), _Ledger())
            if isinstance(change, Upsert):
                ledger.upsert(change)
            elif isinstance(change, Remove):
                ledger.remove(change)
            elif isinstance(change, Complete):
                ledger.complete(change)
            elif isinstance(change, ScopeRemoved):
                ledger.complete(Complete(change.scope, frozenset()))
            ledger.fresh_at = event.at

    # --- in its own thread --------------------------------------------------------------

    def _run(self) -> None:
        cache = self._open_cache()
        batches = 0
        try:
            while not self._stopping.wait(self._every):
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
            unsaid, self._unsaid = self._unsaid, None
            fresh = list(self._fresh()) if confirm else []
            scopes = list(self._dirty_shelves())
        if unsaid is not None:
            cache.save_sources(self._place, *unsaid)
        for at, scope in scopes:  # one by one: a long batch would hold up the screen's thread
            if not cache.save([scope]):
                self._put_back(at, scope.kind)
        if fresh:
            cache.confirm(fresh)
        self.problem = cache.problem

    def _put_back(self, at: tuple[str, str], kind: Kind) -> None:
        """Note that what is on disk is still another picture than what is known."""
        with self._lock:
            self._ledgers[at].dirty.add(kind)

    def _listed(self) -> Iterator[tuple[str, tuple[str, str], _Ledger, datetime]]:
        for at, ledger in self._ledgers.items():
            member = self._members.get(at[0])
            if member is not None and member.key and ledger.listed and ledger.fresh_at:
                yield member.key, at, ledger, ledger.fresh_at

    def _dirty_shelves(self) -> Iterator[tuple[tuple[str, str], CachedScope]]:
        for key, at, ledger, fresh_at in self._listed():
            for kind in ledger.dirty:
                records = tuple(ledger.records[kind].values())
                yield at, CachedScope(key, at[1], kind, fresh_at, records)
            ledger.dirty.clear()

    def _fresh(self) -> Iterator[tuple[str, str, datetime]]:
        """Yield what has not changed since it was stored."""
        for key, (_, scope), ledger, fresh_at in self._listed():
            if not ledger.dirty:
                yield key, scope, fresh_at
