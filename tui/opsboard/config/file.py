"""Which config file is read, and what tells one text of it from another."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from opsboard.config.paths import user_paths


def config_file(named: Path | None, env: Mapping[str, str]) -> Path | None:
    """Return the config file to read: *named*, by environment, or the default if it exists.

    A file that was named is returned whether it exists or not, so that its absence is an error.
    """
    if named is not None:
        return named
    if told := env.get("OPSBOARD_CONFIG"):
        return Path(told)
    default = user_paths().config_file
    return default if default.exists() else None


def digest(text: str) -> str:
    """Return what tells *text* from any other. It may hold secrets; they cannot be told from it."""
    return hashlib.sha256(text.encode()).hexdigest()
