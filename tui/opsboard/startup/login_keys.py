"""Under which keys the last known boards of sources are kept, and on what fingerprint."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from opsboard.adapter import Adapter, HostEnviron
from opsboard.board.cache import source_key
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_fingerprint import LoginFingerprint, Watched, gather

_log = logging.getLogger(__name__)


def key_of_source(source: ResolvedSource, host_environ: HostEnviron) -> str:
    """Return the key of *source* with the login it has now; ``""`` where that cannot be told."""
    adapter = source.adapter
    try:
        identity = adapter.identity(source.settings, host_environ)
    except Exception:  # a stranger's code; without a key, nothing is cached
        _log.exception("%s: identity", source.name)
        return ""
    return source_key(source.name, adapter.name, identity)


def identify(
    sources: Sequence[ResolvedSource], host_environ: HostEnviron
) -> tuple[Mapping[str, str], LoginFingerprint | None]:
    """Return the key of each source, and what tells that all of them still hold.

    There is no fingerprint where an adapter does not say what it looks at, or where that changes
    under one's eyes.
    """
    watched = {source.name: Watched(host_environ) for source in sources}
    keys = {
        source.name: key_of_source(source, watched[source.name].host_environ) for source in sources
    }
    fingerprint = _fingerprint(sources, host_environ, watched.values())
    if fingerprint is None or not all(keys.values()):
        return keys, None
    again = {source.name: key_of_source(source, host_environ) for source in sources}
    return keys, fingerprint if again == keys and fingerprint.holds(host_environ) else None


def _fingerprint(
    sources: Iterable[ResolvedSource], host_environ: HostEnviron, watched: Iterable[Watched]
) -> LoginFingerprint | None:
    looks, files = list(watched), list[Path]()
    for source in sources:
        if not _tells_its_files(source.adapter):
            return None
        look = Watched(host_environ)
        try:
            files += source.adapter.login_files(source.settings, look.host_environ)
        except Exception:  # a stranger's code; without fingerprint, it is asked again
            _log.exception("%s: login_files", source.name)
            return None
        looks.append(look)
    return gather(looks, files, host_environ)


def _tells_its_files(adapter: type[Adapter[Any]]) -> bool:
    """Tell whether whoever overrides ``identity`` overrides ``login_files`` as well."""
    for cls in adapter.__mro__:
        if "login_files" in vars(cls):
            return True
        if "identity" in vars(cls):
            return False
    return False
