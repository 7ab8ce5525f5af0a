"""The singular of a word that names a list, by how plurals are spelled in English."""

from typing import Final

_ENDINGS: Final = (
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("uses", "us"),
)
_NO_PLURAL: Final = ("ss", "us", "is")


def singular(word: str) -> str:
    """Return ``ingress`` of ``ingresses``; what is no plural, as ``status``, as it is."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + instead
    return word if word.endswith(_NO_PLURAL) or len(word) == 1 else word.removesuffix("s")
