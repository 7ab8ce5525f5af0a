"""The folders that belong to opsboard, after the XDG Base Directory Specification.

The XDG folders are used on macOS too: that is where terminal users look. What is in them tells
about production, so each folder is made with mode 0700.
"""

from pathlib import Path

from platformdirs.unix import Unix

from opsboard.frozen import Frozen, frozen_unchecked


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
