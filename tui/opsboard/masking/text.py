"""Texts without what looks like a secret in them."""

import re
from functools import lru_cache
from typing import Final

from opsboard.masking.commands import CLIENTS, mask_flags
from opsboard.masking.names import word_list
from opsboard.masking.pairs import MASK, mask_named, mask_pairs
from opsboard.masking.patterns import SIGNS, mask_patterns
from opsboard.text.any_of import any_of

__all__ = ["MASK", "mask_text"]

_STEMS: Final = word_list(
    """
    pass pw secret token key auth cred dsn jwt bearer sas cookie otp salt sid sess kube netrc conn
    docker code seed mnemonic rsa dsa ecdsa id_ed webhook wort slo senha clave parola sifre geheim
    contrasena wachtwoord losenord adgangskode salasana jelszo lozinka daten
    """
)
"""Of which one is in every name that sounds secret and is written in ASCII."""

_MARKS: Final = re.compile(r"[:=\-_.~<%@\uff1a\uff1d]")
_WITHOUT_MARKS: Final = word_list(
    "bearer basic login identified pass token secret akia asia abia acca aiza dapi atatt3 b3blbnnz "
    "ls0tls1c"
)
"""What secrets begin with in which there need be none of the marks."""
_PAIRED: Final = (":", "=", "</", '"-', "'-", "%3", "\uff1a", "\uff1d")
_FLAGS: Final = re.compile(r"(?:^|[\s\"'`])-{1,2}[A-Za-z]")


def mask_text(text: str) -> str:
    """Return *text* without what looks like a secret: by its shape, or by what it is called.

    Never raises, and leaves alone what it has masked before. It takes a time that grows with the
    text; most texts are let through after a look.
    """
    return _of_a_line(text) if len(text) <= _SHORT else _masked(text)


@lru_cache(maxsize=1)
def _suspicious() -> re.Pattern[str]:
    """Return what is found in every ASCII text in lower case that holds what is masked, but for
    what follows a flag of a known program."""
    return any_of((*_STEMS, *_WITHOUT_MARKS, *SIGNS))


def _masked(text: str) -> str:
    lowered = text.lower()
    if not _MARKS.search(text) and not any(sign in lowered for sign in _WITHOUT_MARKS):
        return text
    if lowered.isascii() and not _suspicious().search(lowered):
        return mask_flags(text) if _has_flags(text, lowered) else text
    text = mask_patterns(text, lowered)
    named = not lowered.isascii() or any(stem in lowered for stem in _STEMS)
    if (named and _FLAGS.search(text)) or _has_flags(text, lowered):
        text = mask_flags(text)
    if named:
        text = mask_named(text)
    if named and any(mark in text for mark in _PAIRED):
        text = mask_pairs(text)
    return text


def _has_flags(text: str, lowered: str) -> bool:
    """Tell whether *text* speaks of a known program, and of flags."""
    return (
        "-" in text
        and _FLAGS.search(text) is not None
        and any(client in lowered for client in CLIENTS)
    )


_SHORT: Final = 512
"""Characters of texts of which the last ones are remembered: sources tell the same over again."""
_of_a_line = lru_cache(maxsize=2_048)(_masked)
