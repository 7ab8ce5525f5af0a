"""Hashes of the values of ConfigMaps and Secrets: they tell that one has changed, and not which.

They are keyed, by random bytes that this installation has made for itself: without them, a short
password could be guessed from its hash in the ledger. Cluster, object and entry go into each hash,
so that equal values in two places are not seen to be equal. A hash begins with a few digits that
name the key: hashes of two keys say nothing of each other.
"""

import os
import secrets
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final

from opsboard.adapter import HostEnviron
from opsboard.system.private_files import PRIVATE, ensure_private, open_private, write_all

KEY_BYTES: Final = 32
_HASH_BYTES: Final = 8
_NAME_BYTES: Final = 2
_HINT: Final = "remove it, or give it to this user alone: a new one is made"


@dataclass(frozen=True, slots=True)
class HashKey:
    """The secret bytes, and why they are not kept: then hashes are compared in this run alone."""

    secret: bytes = field(repr=False)
    problem: str = ""
    hint: str = ""

    def hash_entries(
        self, place: str, data: Mapping[str, str], encoded: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """Yield the entries of the object at *place* by name, each with the hash of its value.

        The values of *encoded* are in base64, as the API has those of Secrets and ``binaryData``.
        """
        for name, text in data.items():
            yield name, self._hash(place, name, text.encode("utf-8", "surrogatepass"))
        for name, text in encoded.items():
            yield name, self._hash(place, name, _decoded(text))

    def _hash(self, place: str, name: str, value: bytes) -> str:
        where = f"{len(place)}:{place}{name}".encode("utf-8", "surrogatepass")
        own = blake2b(where, key=self.secret, digest_size=KEY_BYTES).digest()
        told = blake2b(value, key=own, digest_size=_HASH_BYTES).hexdigest()
        return f"{blake2b(self.secret, digest_size=_NAME_BYTES).hexdigest()}:{told}"


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):  # what no server sends
        return text.encode("utf-8", "surrogatepass")


def key_file(host: HostEnviron) -> Path:
    """Return where the key is kept: in the state folder of this user (XDG)."""
    state_home = host.env.get("XDG_STATE_HOME", "")
    base = Path(state_home) if state_home.startswith("/") else host.home / ".local" / "state"
    return base / "opsboard" / "kubernetes" / "config-hash.key"


def load_hash_key(host: HostEnviron) -> HashKey:
    """Return the key of this installation, which is made where there is none.

    One that cannot be kept is made for this run alone. It never raises.
    """
    file = key_file(host)
    try:
        ensure_private(file.parent)
        found = _read(file)
        if found is None:
            _make(file)
            found = _read(file)
        if found is not None and len(found) == KEY_BYTES:
            return HashKey(found)
        problem = f"{file} is damaged: it is not {KEY_BYTES} bytes long"
    except OSError as error:
        problem = f"{file} cannot be used: {error.strerror or error}"
    return HashKey(secrets.token_bytes(KEY_BYTES), problem, _HINT)


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
