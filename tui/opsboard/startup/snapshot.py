"""What one session leaves for the first frame of the next: a few settings, and who was logged in.

It is kept as JSON beside the cached records, and holds no secret: of a login, only the names of
its inputs and a salted hash.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opsboard.config.paths import digest
from opsboard.config.ui_prefs import UiPrefs, UiPrefsValues
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.startup.login_fingerprint import LoginFingerprint
from opsboard.system.host_environ import HostEnviron
from opsboard.text.encoding import read_text


@frozen_unchecked
class StartupSettings(Frozen):
    """What the config file says that the first frame needs.

    *config_digest* is the hash of the file's text, ``""`` without a file. *demo* is whether all
    sources are those of the demo.
    """

    config_digest: str
    ui_prefs: UiPrefs
    environments: Mapping[str, Sequence[str]]
    read_only: bool
    demo: bool = False


@frozen_unchecked
class StartupSnapshot(Frozen):
    """The settings of a session, and the fingerprint of the logins that its sources had."""

    settings: StartupSettings
    fingerprint: LoginFingerprint

    def to_json(self) -> str:
        """Return the snapshot as text."""
        settings, prefs = self.settings, self.settings.ui_prefs
        return json.dumps(
            {
                "config_digest": settings.config_digest,
                "ui_prefs": [prefs.theme, prefs.ascii, prefs.mouse, dict(prefs.keys)],
                "environments": dict(settings.environments),
                "read_only": settings.read_only,
                "demo": settings.demo,
                "fingerprint": self.fingerprint.as_json(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "StartupSnapshot":
        """Undo :meth:`to_json`.

        Raises :exc:`ValueError`, :exc:`TypeError` or :exc:`KeyError` where *text* is of another
        version, or no snapshot at all.
        """
        content: dict[str, Any] = json.loads(text)
        fingerprint = LoginFingerprint.from_json(content.pop("fingerprint"))
        prefs = UiPrefsValues(*content.pop("ui_prefs"))
        return cls(StartupSettings(ui_prefs=prefs, **content), fingerprint)


def snapshot_that_holds(
    text: str, config: Path | None, host_environ: HostEnviron
) -> StartupSnapshot | None:
    """Return the snapshot *text* if the config file and every login are as they were.

    Raises :exc:`OSError`, :exc:`ValueError`, :exc:`TypeError` or :exc:`KeyError` where that cannot
    be found out.
    """
    snapshot = StartupSnapshot.from_json(text)
    config_text = read_text(config) if config else None
    config_digest = "" if config_text is None else digest(config_text)
    if snapshot.settings.config_digest != config_digest:
        return None
    return snapshot if snapshot.fingerprint.matches(host_environ) else None
