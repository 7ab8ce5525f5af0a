"""What must not be shown of what a command prints."""

import re
from collections.abc import Mapping
from typing import Final

SHORTEST: Final = 6
"""Characters of a secret: anything shorter is part of too many words."""
MASK: Final = "***"
_NAME: Final = re.compile(
    r"passw|secret|token|credential|private|api[._-]?key|access[._-]?key", re.IGNORECASE
)
_TOLD: Final = re.compile(
    r"(?i)((?:passw\w*|secret\w*|\w*token|credential\w*|api[._-]?key|access[._-]?key)"
    r"[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)"
)


def sounds_secret(name: str) -> bool:
    """Tell whether what has this *name* may be a secret."""
    return _NAME.search(name) is not None


def secrets_of(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values in *env* that may be secrets, the longest first."""
    found = {value for name, value in env.items() if sounds_secret(name)}
    return tuple(sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True))


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """Return *text* without *secrets*, and without what it says is one."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _TOLD.sub(rf"\1{MASK}", text)
