"""What must not be shown of what a command prints."""

from collections.abc import Mapping
from typing import Final

from opsboard.masking import is_reference, mask_text, sounds_secret

SHORTEST: Final = 4
"""Characters of a secret: anything shorter is part of too many words."""
MASK: Final = "***"


def secrets_of(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values in *env* that may be secrets, the longest first; paths are none."""
    found = {value for name, value in env.items() if sounds_secret(name)}
    kept = (one for one in found if len(one) >= SHORTEST and not is_reference(one))
    return tuple(sorted(kept, key=len, reverse=True))


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """Return *text* without *secrets*, and without what it says is one."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return mask_text(text)
