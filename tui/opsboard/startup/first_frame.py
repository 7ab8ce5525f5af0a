"""What the first frame needs of the last session, found without config, adapters and pydantic.

The config file may be long to read: settings are validated by models of the adapters, which
have to be imported for it. Where its text and every login are as they were when the last
session had read and asked all that (:mod:`opsboard.startup.login_fingerprint`), what it came to
still holds. The config is read all the same, behind the first frame; so what is remembered here is
never believed for longer.
"""

import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import HostEnviron
from opsboard.board.cache import BoardCache
from opsboard.config.paths import digest
from opsboard.config.ui_prefs import UiPrefs, UiPrefsValues
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.startup.login_fingerprint import LoginFingerprint
from opsboard.system import background
from opsboard.text.encoding import read_text

LOAD_TIMEOUT: Final = 0.5
"""Seconds for looking at the fingerprint; a file on a dead mount must not keep the board away."""


@frozen_unchecked
class StartupSettings(Frozen):
    """What the config file tells the first frame. *config* is the digest of its text.

    *demo* is whether all that it names is the demo's world.
    """

    config: str
    taste: UiPrefs
    environments: Mapping[str, Sequence[str]]
    read_only: bool
    demo: bool = False

    def sealed(self, fingerprint: LoginFingerprint) -> str:
        """Return all of it with *fingerprint* as text, for the cache to keep."""
        taste = self.taste
        told = {
            "config": self.config,
            "taste": [taste.theme, taste.ascii, taste.mouse, dict(taste.keys)],
            "environments": dict(self.environments),
            "read_only": self.read_only,
            "demo": self.demo,
        }
        return json.dumps({"told": told, "fingerprint": fingerprint.as_plain})


@frozen_unchecked
class FirstFrame(Frozen):
    """What the last session was told, and the keys of its sources, which still hold."""

    settings: StartupSettings
    keys: Set[str]


def load_first_frame(
    cache: Path, place: str, config: Path | None, host_environ: HostEnviron
) -> FirstFrame | None:
    """Return what still holds of the last session at *place*, or ``None`` if anything does not."""
    try:
        return background.run_in_thread(lambda: _recall(cache, place, config, host_environ)).result(
            LOAD_TIMEOUT
        )
    except (OSError, ValueError, TypeError, KeyError):  # TimeoutError is an OSError
        return None


def _recall(
    folder: Path, place: str, config: Path | None, host_environ: HostEnviron
) -> FirstFrame | None:
    cache = BoardCache(folder)
    try:
        sealed, keys = cache.snapshot(place)
    finally:
        cache.close()
    if not sealed or not keys:
        return None
    told, fingerprint = _unsealed(sealed)
    text = read_text(config) if config else None
    if told.config != ("" if text is None else digest(text)) or not fingerprint.holds(host_environ):
        return None
    return FirstFrame(told, keys)


def _unsealed(text: str) -> tuple[StartupSettings, LoginFingerprint]:
    content: dict[str, Any] = json.loads(text)
    told = content["told"]
    taste = UiPrefsValues(*told.pop("taste"))
    return StartupSettings(taste=taste, **told), LoginFingerprint.from_plain(content["fingerprint"])
