"""What must not be shown of what a command prints."""

import re
from collections.abc import Mapping
from typing import Final

from opsboard_adapters.secret_names import sounds_secret

SHORTEST: Final = 6
"""Characters of a secret: anything shorter is part of too many words."""
MASK: Final = "***"
_TOLD: Final = re.compile(
    r"(?i)((?:passw\w*|secret\w*|\w*token|credential\w*|api[._-]?key|access[._-]?key)"
    r"[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)"
)


def secrets_of(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values in *env* that may be secrets, the longest first; paths are none."""
    found = {value for name, value in env.items() if sounds_secret(name)}
    kept = (one for one in found if len(one) >= SHORTEST and not one.startswith("/"))
    return tuple(sorted(kept, key=len, reverse=True))


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """Return *text* without *secrets*, and without what it says is one."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _TOLD.sub(rf"\1{MASK}", text)
