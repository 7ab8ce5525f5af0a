"""Which names sound like those of secrets, so that their values are better not shown."""

import re
from itertools import pairwise
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ALONE: Final = frozenset({"pass", "passphrase", "pwd", "token", "auth", "dsn"})
_ANYWHERE: Final = ("password", "passwd", "secret", "credential", "apikey")
_KEYS: Final = frozenset(
    {"access", "account", "api", "encryption", "license", "master", "private", "signing", "ssh"}
)
"""What makes a key a secret one: ``sort_key`` is none."""


def sounds_secret(name: str) -> bool:
    """Tell whether what has this *name* may be a secret: ``db_password``, ``apiKey``, ``CI_TOKEN``.

    Names are taken word by word: ``max_tokens`` and ``author`` are no secrets.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    together = "".join(words)
    return (
        any(part in together for part in _ANYWHERE)
        or not _ALONE.isdisjoint(words)
        or any(a in _KEYS and b in {"key", "keys"} for a, b in pairwise(words))
    )
