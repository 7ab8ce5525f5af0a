"""Under which key a source's last known board is kept."""

import logging

from opsboard.adapter import Surroundings
from opsboard.board.cache import key_of
from opsboard.config.resolved import ResolvedSource

_log = logging.getLogger(__name__)


def key_of_source(source: ResolvedSource, surroundings: Surroundings) -> str:
    """Return the key of *source* with the login it has now; ``""`` where that cannot be told."""
    adapter = source.adapter
    try:
        identity = adapter.identity(source.settings, surroundings)
    except Exception:  # a stranger's code; without a key, nothing is cached
        _log.exception("%s: identity", source.name)
        return ""
    return key_of(source.name, adapter.name, identity)
