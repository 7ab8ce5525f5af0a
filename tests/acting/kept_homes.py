"""Home folders that earlier versions left, put where the program looks for one."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from opsboard.acting import actor, run_locks

_FOLDERS: Final = {"config": ".config", "state": ".local/state", "cache": ".cache"}


def open_kept_home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home folder, a copy of *made*, on a machine that has been started again since."""
    home = Path(os.environ["HOME"])
    for here, there in _FOLDERS.items():
        shutil.copytree(made / here, home / there / "opsboard")
    for file in home.rglob("*"):  # whatever a checkout makes of their modes
        file.chmod(0o700 if file.is_dir() else 0o600)
    monkeypatch.setattr(run_locks, "is_local", lambda _: True)
    monkeypatch.setattr(actor, "boot_id", lambda: "a later boot, or another machine")
    return home
