"""Random bytes that this installation has made for itself, for keyed hashes of what is secret.

Without them, a short password could be guessed from its hash in the ledger.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from opsboard.adapter import HostEnviron
from opsboard.system.private_files import PRIVATE, ensure_private, open_private, write_all

KEY_BYTES: Final = 32
_HINT: Final = "remove it, or give it to this user alone: a new one is made"


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """The secret bytes, and why they are not kept: then hashes are compared in this run alone."""

    secret: bytes = field(repr=False)
    problem: str = ""
    hint: str = ""


def state_folder(host: HostEnviron) -> Path:
    """Return the state folder of this user (XDG)."""
    state_home = host.env.get("XDG_STATE_HOME", "")
    base = Path(state_home) if state_home.startswith("/") else host.home / ".local" / "state"
    return base / "opsboard"


def load_installation_key(file: Path) -> InstallationKey:
    """Return the key in *file*, which is made where there is none.

    One that cannot be kept is made for this run alone. It never raises.
    """
    try:
        ensure_private(file.parent)
        found = _read(file)
        if found is None:
            _make(file)
            found = _read(file)
        if found is not None and len(found) == KEY_BYTES:
            return InstallationKey(found)
        problem = f"{file} is damaged: it is not {KEY_BYTES} bytes long"
    except OSError as error:
        problem = f"{file} cannot be used: {error.strerror or error}"
    return InstallationKey(secrets.token_bytes(KEY_BYTES), problem, _HINT)


def _read(file: Path) -> bytes | None:
    """Return what *file* holds, at most one byte too many; ``None`` where there is none.

    Raises :exc:`OSError`, for one where it belongs to somebody else.
    """
    try:
        descriptor = open_private(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        os.fchmod(descriptor, PRIVATE)  # whoever else could read it may know the values by now
        return os.read(descriptor, KEY_BYTES + 1)
    finally:
        os.close(descriptor)


def _make(file: Path) -> None:
    """Make *file* with new random bytes: whole at once, and only if there is none."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        write_all(descriptor, secrets.token_bytes(KEY_BYTES))
        os.fsync(descriptor)
        with suppress(FileExistsError):  # another board was quicker: its key is used
            file.hardlink_to(fresh)
    finally:
        os.close(descriptor)
        fresh.unlink()
