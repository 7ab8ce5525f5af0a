"""Whose history each source has: by its address, and by who its server says that asks.

Told by the engine's thread, asked by the recorder's.
"""

import threading
from collections.abc import Mapping

from opsboard.adapter import Principal
from opsboard.board.events import SourceInfo
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import SourceId


@frozen_unchecked
class HistoryOwner(Frozen):
    """Whose history a source has. *login* is the key of its present login, or ``""``."""

    id: SourceId
    title: str
    login: str


@frozen_unchecked
class _Asker(Frozen):
    """Who asks a source: what its history is kept under."""

    title: str
    address: str
    principal: Principal | None


class HistoryOwners:
    """What is known of that by now. It may be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logins: Mapping[str, SourceInfo] = {}
        self._askers: dict[str, _Asker] = {}
        self._recorded: dict[str, SourceId] = {}
        self._changed = False

    def set_sources(self, sources: Mapping[str, SourceInfo]) -> None:
        """Note which sources there are, and their logins."""
        with self._lock:
            self._logins = dict(sources)

    def identify(self, name: str, title: str, address: str, principal: Principal | None) -> None:
        """Note where the source called *name* is, and who the server says that asks."""
        with self._lock:
            self._askers[name] = _Asker(title, address, principal)
            self._changed = True

    def forget(self, name: str) -> None:
        """Forget the source called *name*: another one may be called so next."""
        with self._lock:
            self._askers.pop(name, None)
            self._recorded.pop(name, None)

    @property
    def changed(self) -> bool:
        """Whether a source was identified since :meth:`note_taken` was called last."""
        return self._changed

    def note_taken(self) -> None:
        """Note that what is known by now is taken account of."""
        with self._lock:
            self._changed = False

    def owner(self, name: str) -> HistoryOwner | None:
        """Return whose history the source called *name* has; ``None`` while nobody knows.

        Where the server names nobody, it is kept for the login.
        """
        with self._lock:
            asker, info = self._askers.get(name), self._logins.get(name)
        login = info.key if info is not None else ""
        if asker is None or not (asker.principal or login):
            return None
        if asker.principal is not None:
            return HistoryOwner(SourceId(asker.address, asker.principal.key), asker.title, login)
        return HistoryOwner(SourceId(asker.address, "", login), asker.title, login)

    def recorded(self) -> Mapping[str, SourceId]:
        """Return under whose name each source is recorded, as far as any is by now."""
        with self._lock:
            return dict(self._recorded)

    def note_recorded(self, name: str, id_: SourceId) -> None:
        """Note that the source called *name* is recorded as that of *id_* from now on."""
        with self._lock:
            self._recorded[name] = id_
