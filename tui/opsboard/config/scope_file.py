"""The scope that somebody has chosen on a board, kept over restarts: one line of JSON each.

It is kept by the config file, or the folder, that the board is of, as the cache is.
"""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from opsboard.config.paths import digest
from opsboard.system.private_files import ensure_private, open_private, write_in_place

MAX_BYTES: Final = 64 * 1024
_MOST_KEPT: Final = 50
"""Boards whose scopes are kept; the one that was not used for longest is forgotten."""
_log = logging.getLogger(__name__)

Names = Mapping[str, tuple[str, ...]]


class ScopeFile:
    """Where the scope of the board of *workspace* is kept: in the folder *state*."""

    def __init__(self, state: Path, workspace: str) -> None:
        self._state, self.file = state, state / "scope.json"
        self._key = digest(workspace)[:16]

    def load(self) -> Names:
        """Return what was saved: names by ``namespaces`` and ``clusters``; nothing at the worst."""
        saved = self._read().get(self._key)
        if not isinstance(saved, dict):
            return {}
        return {key: _texts(saved.get(key)) for key in ("namespaces", "clusters")}

    def save(self, names: Names) -> str:
        """Save *names*; return why that is not possible, or ``""``."""
        kept = {key: held for key, held in self._read().items() if key != self._key}
        if any(names.values()):
            kept[self._key] = {key: list(held) for key, held in names.items()}
        newest = dict(list(kept.items())[-_MOST_KEPT:])
        try:
            ensure_private(self._state)
            beside = self.file.with_name(f".scope-{os.getpid()}")
            write_in_place(self.file, json.dumps(newest).encode(), beside)
        except OSError as error:
            return f"the scope is not kept over restarts: {error.strerror or error}: {self.file}"
        return ""

    def _read(self) -> dict[str, Any]:
        try:
            descriptor = open_private(self.file, os.O_RDONLY)
        except FileNotFoundError:
            return {}
        except OSError:
            _log.warning("the scope is not read", exc_info=True)
            return {}
        with os.fdopen(descriptor, "rb") as opened:
            content = opened.read(MAX_BYTES)
        try:
            found = json.loads(content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
