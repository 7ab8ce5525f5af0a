"""What the cells of a server's table are sorted by: numbers, amounts and spans of time as such."""

import re
from typing import Any, Final

from opsboard.text.numbers import natural_key

_SPAN_WORDS: Final = ("age", "seen", "duration", "schedule", "last", "since", "uptime")
_SPAN: Final = re.compile(r"(?:\d+(?:ms|[smhdy]))+")
_SPAN_PART: Final = re.compile(r"(\d+)(ms|[smhdy])")
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "y": 31_536_000}
_AMOUNT: Final = re.compile(r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-?inf)(m|k|[KMGTPE]i?|%)?")
_RATIO: Final = re.compile(r"(\d+)/(\d+)")
_FACTORS: Final = {
    "": 1.0, "m": 0.001, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
    "%": 0.01,
}  # fmt: skip
"""Suffixes of a Kubernetes quantity (*Resource Quantities* in its API conventions)."""

_LONGEST: Final = 32
"""Characters of a cell that may be an amount."""


def cell_key(at: int, column: str, record: Any) -> tuple[int, float, str]:
    """Return what cell *at* of a record is sorted by; *column* is the word for its column.

    Amounts come before words, in the order of what they amount to; of ``2/3`` the part counts.
    """
    text = record.cells[at] if at < len(record.cells) else ""
    number = amount(text, is_span=any(word in column for word in _SPAN_WORDS))
    if number is not None:
        return 0, number, ""
    return (1, 0.0, natural_key(text.casefold())) if text else (2, 0.0, "")


def cell_key_descending(at: int, column: str, record: Any) -> tuple[int, float, str]:
    """Return the same for the greatest first: words come after amounts there too, blanks last."""
    kind, number, text = cell_key(at, column, record)
    return -kind, number, text


def cell_number(at: int, column: str, record: Any) -> float | None:
    """Return what cell *at* of a record amounts to, for a filter to compare."""
    found = cell_key(at, column, record)
    return found[1] if found[0] == 0 else None


def amount(text: str, *, is_span: bool = False) -> float | None:
    """Return what *text* amounts to; ``None`` where it is no amount.

    ``10m`` is ten minutes where it *is_span*, and ten thousandths otherwise.
    """
    word = text[: _LONGEST + 1].partition(" ")[0]
    if len(word) > _LONGEST:
        return None
    if is_span and _SPAN.fullmatch(word):
        return sum(int(count) * _SECONDS[unit] for count, unit in _SPAN_PART.findall(word))
    if found := _AMOUNT.fullmatch(word):
        return float(found[1]) * _FACTORS[found[2] or ""]
    if found := _RATIO.fullmatch(word):
        return int(found[1]) / int(found[2]) if int(found[2]) else 1.0
    return None
