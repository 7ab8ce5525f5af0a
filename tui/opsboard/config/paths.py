"""The program's folders, by the XDG Base Directory Specification, its config file, its environment.

The XDG folders are used on macOS too: that is where terminal users look. Their content tells
about production, so each folder is made with mode 0700.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from platformdirs.unix import Unix

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system.host_environ import HostEnviron


@frozen_unchecked
class Paths(Frozen):
    """Folders of this user. They need not exist; see :func:`ensure`."""

    config: Path
    state: Path
    cache: Path

    @property
    def config_file(self) -> Path:
        """The file that is read unless ``--config`` or ``OPSBOARD_CONFIG`` names another."""
        return self.config / "config.toml"

    @property
    def themes(self) -> Path:
        """The user's own themes."""
        return self.config / "themes"


def user_paths() -> Paths:
    """Return the folders of the user who runs this process."""
    dirs = Unix("opsboard", appauthor=False)
    return Paths(
        config=dirs.user_config_path, state=dirs.user_state_path, cache=dirs.user_cache_path
    )


def ensure(folder: Path) -> Path:
    """Return *folder*, made with mode 0700 if it was missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def current_environ() -> HostEnviron:
    """Return the environment, the home folder and the working folder."""
    return HostEnviron(env=dict(os.environ), home=Path.home(), cwd=Path.cwd())


def config_file(named: Path | None, env: Mapping[str, str]) -> Path | None:
    """Return the config file: *named*, else ``$OPSBOARD_CONFIG``, else the default if it exists.

    A file that was named is returned even if it does not exist, so that its absence is an error.
    """
    if named is not None:
        return named
    if by_variable := env.get("OPSBOARD_CONFIG"):
        return Path(by_variable)
    default = user_paths().config_file
    return default if default.exists() else None


def digest(text: str) -> str:
    """Return the SHA-256 of *text*, which may hold secrets: they cannot be derived from it."""
    return hashlib.sha256(text.encode()).hexdigest()
