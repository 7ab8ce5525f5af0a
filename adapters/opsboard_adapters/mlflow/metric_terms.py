"""The words of a metric's name, whatever its spelling: ``ks_p-value``, ``KsPValue``, ``ks/pvalue``.

MLflow lets names hold letters, digits, ``_ - . / :`` and blanks. A word ends where a sign stands,
or where the case changes; digits belong to the letters before them (``chi2``, ``f1``, ``p95``).
So ``psi`` is no word of ``stepsize``, nor ``ks`` one of ``tasks``.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_CHUNK: Final = re.compile(r"[^\W_]+")
_CAMEL: Final = re.compile(
    r"(?:PSI|CSI|MMD|TVD)(?=[a-z])"  # an acronym whose end the case does not show: PSIage
    r"|[A-Z0-9]+?(?=P[Vv]al)"  # KSPValue
    r"|[A-Z]+(?![a-z])[0-9]*"
    r"|[A-Z]?[a-z]+[0-9]*"
    r"|[0-9]+"
)
_P_VALUE: Final = re.compile(
    r"(ks|chi2?|chisq|chisquared?|cvm|mmd|fisher|mannwhitneyu?|drift|[tzgf]|[tzg]test)?"
    r"(p)(val(?:ue)?s?)"
)
_PLAIN: Final = str.maketrans("éèëáäöüšÉ²", "eeeaaousE2")
"""Letters of the names of methods (Cramér, Székely), with as many characters as before."""
_PARTS: Final = re.compile(r"[./:]")


class MetricTerm(NamedTuple):
    """A word in lower case, where it stands in the name, and in which part of a path."""

    text: str
    start: int
    end: int
    part: int = 0


def terms_of(name: str) -> Sequence[MetricTerm]:
    """Return the words of *name*, in their order."""
    return tuple(_words(name))


def _words(name: str) -> Iterator[MetricTerm]:
    plain = name.translate(_PLAIN)
    for chunk in _CHUNK.finditer(plain):
        part = len(_PARTS.findall(plain, 0, chunk.start()))
        if not chunk[0].isascii():
            yield MetricTerm(chunk[0].casefold(), *chunk.span(), part)
            continue
        for found in _CAMEL.finditer(plain, *chunk.span()):
            yield from _parted(MetricTerm(found[0].lower(), *found.span(), part))


def _parted(word: MetricTerm) -> Iterator[MetricTerm]:
    """Yield *word*, in three where a p-value is written together with its test: ``kspvalue``."""
    glued = _P_VALUE.fullmatch(word.text)
    if glued is None:
        yield word
        return
    for number in (1, 2, 3):
        if glued[number]:
            start, end = glued.span(number)
            yield MetricTerm(glued[number], word.start + start, word.start + end, word.part)


def texts(words: Sequence[MetricTerm]) -> tuple[str, ...]:
    """Return the texts of *words*."""
    return tuple(word.text for word in words)


def position(phrase: Sequence[str], words: Sequence[str]) -> int:
    """Return where *phrase* begins among *words*, -1 where it is none of them."""
    length = len(phrase)
    ends = range(len(words) - length + 1)
    return next((at for at in ends if tuple(words[at : at + length]) == tuple(phrase)), -1)
