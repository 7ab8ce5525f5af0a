"""Hashes of the values of ConfigMaps and Secrets: they tell that one has changed, and not which.

They are keyed, by random bytes that this installation has made for itself: without them, a short
password could be guessed from its hash in the ledger. Cluster, object and entry go into each hash,
so that equal values in two places are not seen to be equal. A hash begins with a few digits that
name the key: hashes of two keys say nothing of each other.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final

from opsboard.adapter import HostEnviron
from opsboard_adapters.installation_key import KEY_BYTES, load_installation_key, state_folder

_HASH_BYTES: Final = 8
_NAME_BYTES: Final = 2


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
    return state_folder(host) / "kubernetes" / "config-hash.key"


def load_hash_key(host: HostEnviron) -> HashKey:
    """Return the key of this installation, which is made where there is none. It never raises."""
    found = load_installation_key(key_file(host))
    return HashKey(found.secret, found.problem, found.hint)
