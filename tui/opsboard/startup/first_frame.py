"""Whether the last known board may be painted at once, found without config, adapters, pydantic.

To validate settings, adapters have to be imported, which takes longer than painting. Where the
text of the config file and every input of a login are as they were when the last session read
them (:mod:`opsboard.startup.snapshot`), its settings and the keys of its sources still hold. The
config is read all the same, behind the first frame, and what it says then counts.
"""

from collections.abc import Set
from pathlib import Path
from typing import Final

from opsboard.adapter import HostEnviron
from opsboard.board.cache import BoardCache
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.startup.snapshot import StartupSettings, snapshot_that_holds
from opsboard.system import background

LOAD_TIMEOUT: Final = 0.5
"""Seconds for reading all that is hashed; a file on a dead mount must not keep the board away."""


@frozen_unchecked
class FirstFrame(Frozen):
    """The settings of the last session, and the login keys of its sources, which still hold."""

    settings: StartupSettings
    keys: Set[str]


def load_first_frame(
    cache: Path, workspace: str, config: Path | None, host_environ: HostEnviron
) -> FirstFrame | None:
    """Return what still holds of the last session in *workspace*; ``None`` if anything changed.

    *cache* is the folder of the cache, *config* the config file.
    """

    def load() -> FirstFrame | None:
        return _load(cache, workspace, config, host_environ)

    try:
        return background.run_in_thread(load).result(LOAD_TIMEOUT)
    except (OSError, ValueError, TypeError, KeyError):  # TimeoutError is an OSError
        return None


def _load(
    folder: Path, workspace: str, config: Path | None, host_environ: HostEnviron
) -> FirstFrame | None:
    cache = BoardCache(folder)
    try:
        text, keys = cache.snapshot(workspace)
    finally:
        cache.close()
    if not text or not keys:
        return None
    snapshot = snapshot_that_holds(text, config, host_environ)
    return FirstFrame(snapshot.settings, keys) if snapshot else None
