"""What terminals draw at different widths: characters that are joined to one, and variants.

Rich counts an emoji of several as one, as some terminals draw it; others draw its parts side by
side. So it is with skin tones, flags and variation selectors: who draws them cannot go by where
the cursor is afterwards.
"""

from collections.abc import Iterator
from typing import Final
from unicodedata import category, east_asian_width

from rich.cells import cell_len, split_graphemes

_INDICATORS: Final = range(0x1F1E6, 0x1F200)
"""The letters that flags are made of, two of each."""
_SELECTORS: Final = range(0xFE00, 0xFE10)


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """Yield what of *text* belongs together, and the columns that Rich counts for it."""
    spans, _ = split_graphemes(text)
    flag = ""
    for start, end, width in spans:
        part = text[start:end]
        if flag:
            is_pair = _is_indicator(part)
            yield (flag + part, 1 + width) if is_pair else (flag, 1)
            flag = ""
            if is_pair:
                continue
        if _is_indicator(part):
            flag = part
        else:
            yield part, width
    if flag:
        yield flag, 1


def is_single_cell(char: str) -> bool:
    """Tell whether *char* takes one column, and nothing that comes after it changes that."""
    return cell_len(char) == 1 and not _is_indicator(char)


def _is_indicator(part: str) -> bool:
    return len(part) == 1 and ord(part) in _INDICATORS


def has_uncertain_width(part: str) -> bool:
    """Tell whether terminals draw *part*, which belongs together, at different widths."""
    if part.isascii() and len(part) < 2:  # nearly all of a screen
        return False
    return not all(map(_is_mark, part[1:])) or (len(part) == 1 and category(part) == "Cn")


def _is_mark(char: str) -> bool:
    """Tell whether *char* stands above or below another anywhere."""
    return category(char) == "Mn" and ord(char) not in _SELECTORS


def max_columns(part: str) -> int:
    """Return how many columns *part* may take where none of it is joined."""
    return sum(map(_columns, part)) + any(ord(char) in _SELECTORS for char in part)


def _columns(char: str) -> int:
    if category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(char) in {"W", "F"} or ord(char) in _INDICATORS else 1
