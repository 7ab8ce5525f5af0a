"""The words of the last known board, for completion: sources, actions, tables, targets.

They are read only where every login is as it was when they were written, as for the first frame:
what one login saw is not completed for another. Nothing is asked, and no adapter is imported.
"""

import json
import sqlite3
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

from opsboard.board.cache_file import workspace_of
from opsboard.board.cached_words import CachedSession, CachedTarget, cached_words
from opsboard.startup.snapshot import snapshot_that_holds
from opsboard.system import background
from opsboard.system.host_environ import HostEnviron
from opsboard.text.sanitize import is_sanitized

T = TypeVar("T")

READ_TIMEOUT: Final = 0.5
"""Seconds for reading what is hashed: a file on a dead mount must not hold up the shell."""


class LastKnownWords:
    """What is known of the sources that *config* (``None``: discovery) names.

    *cache* is the folder of the cache. Everything is empty where nothing is known.
    """

    def __init__(self, cache: Path, config: Path | None, host_environ: HostEnviron) -> None:
        self._cache = cache
        self._config = config
        self._host_environ = host_environ

    def sources(self) -> Sequence[str]:
        """Return the names of the sources: as the config has them now, else as they were found."""
        if self._config is None:
            return tuple(self._words.get("sources", ()))
        try:
            tables = tomllib.loads(self._config.read_text("utf-8")).get("sources", {})
        except (OSError, ValueError):
            return ()
        return tuple(filter(is_sanitized, tables)) if isinstance(tables, dict) else ()

    def actions(self) -> Mapping[str, str]:
        """Return the title of each action, by its id."""
        return {name: spec["title"] for name, spec in self._words.get("actions", {}).items()}

    def panes(self) -> Mapping[str, str]:
        """Return the title of each table, by its word."""
        return {name: pane["title"] for name, pane in self._words.get("panes", {}).items()}

    def fields(self, filtered: str) -> Sequence[str]:
        """Return the fields that a filter may name: of a table or ``timeline``, ``""`` for all."""
        known = self._words.get("fields", {})
        chosen = [known[filtered]] if filtered in known else known.values()
        return sorted({field for fields in chosen for field in fields})

    def kinds(self, *, action: str = "", pane: str = "") -> Set[str] | None:
        """Return the kinds that *action* is for, or of *pane*; ``None`` where neither is known."""
        if spec := self._words.get("actions", {}).get(action):
            return frozenset(spec["kinds"])
        if table := self._words.get("panes", {}).get(pane):
            return frozenset({table["kind"]})
        return None

    def targets(self, kinds: Set[str] | None, prefix: str) -> Mapping[str, str]:
        """Return the names of records of *kinds* (``None``: all) that begin with *prefix*.

        Beside a name that several records have, each of them is given as ``SOURCE:ID``. The values
        say what a record is: ``deployment, production``.
        """
        named: dict[str, dict[str, CachedTarget]] = {}
        for target in self._targets(kinds, prefix):
            if name := next((it for it in _names(target) if it.startswith(prefix)), ""):
                named.setdefault(name, {})[f"{target.source}:{target.id}"] = target
        found = {name: _description(targets.values()) for name, targets in named.items()}
        for targets in named.values():
            if len(targets) > 1:
                found |= {full: _description([target]) for full, target in targets.items()}
        return found

    def environments(self) -> Sequence[str]:
        """Return the environments that records are in."""
        return sorted({it.environment for it in self._targets(None, "")} - {""})

    def _targets(self, kinds: Set[str] | None, prefix: str) -> Sequence[CachedTarget]:
        if self._session is None:
            return ()
        keys = self._session.keys

        def read() -> Sequence[CachedTarget]:
            with cached_words(self._cache) as words:
                return tuple(words.targets(keys, kinds, prefix)) if words else ()

        return _in_time(read) or ()

    @cached_property
    def _words(self) -> Mapping[str, Any]:
        if self._session is None:
            return {}
        words: Mapping[str, Any] = json.loads(self._session.words)
        return words

    @cached_property
    def _session(self) -> CachedSession | None:
        """What the last session left, where all that it depends on is as it was."""
        return _in_time(self._read_session)

    def _read_session(self) -> CachedSession | None:
        place = workspace_of(self._config, self._host_environ.cwd)
        with cached_words(self._cache) as words:
            session = words.session(place) if words else None
        if session is None:
            return None
        held = snapshot_that_holds(session.snapshot, self._config, self._host_environ)
        return session if held else None


def _in_time(read: Callable[[], T]) -> T | None:
    """Return what *read* returns; ``None`` where it takes too long, or where it cannot be read."""
    try:
        return background.run_in_thread(read).result(READ_TIMEOUT)
    except (OSError, ValueError, TypeError, KeyError, sqlite3.Error):  # and TimeoutError
        return None


def _names(target: CachedTarget) -> Iterator[str]:
    """Yield the names of *target* that a command takes, those that people use first."""
    if target.namespace:
        yield f"{target.namespace}/{target.name}"
    yield target.name
    yield f"{target.source}:{target.id}"
    yield target.id


def _description(targets: Iterable[CachedTarget]) -> str:
    of_each = ((it.kind.replace("-", " "), it.environment) for it in targets)
    return ", ".join(dict.fromkeys(filter(None, (part for parts in of_each for part in parts))))
