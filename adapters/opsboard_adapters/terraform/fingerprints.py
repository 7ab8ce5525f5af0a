"""Keyed hashes of attributes: they tell that some attribute is another one now, and not which.

The key is random bytes: without it, a short password could be guessed from a hash in the ledger.
The address goes into each hash, so that equal resources are not seen to be equal.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final

from opsboard.adapter import HostEnviron
from opsboard_adapters.installation_key import state_folder

_BYTES: Final = 8
_KEY_BYTES: Final = 32


class Fingerprints:
    """Hashes with one key."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(secret, digest_size=_KEY_BYTES, person=b"tf-attributes").digest()

    def __repr__(self) -> str:
        return "Fingerprints()"

    def of(self, address: str, attributes: bytes) -> str:
        """Return the hash of *attributes*, which are of *address*; ``""`` where there are none."""
        if not attributes:
            return ""
        where = address.encode("utf-8", "surrogatepass")
        own = blake2b(where, key=self._key, digest_size=_KEY_BYTES).digest()
        return blake2b(attributes, key=own, digest_size=_BYTES).hexdigest()


def key_file(host: HostEnviron) -> Path:
    """Return where the key is kept: the hashes of an earlier start can be compared by it."""
    return state_folder(host) / "terraform" / "attributes.key"
