"""Numbers in text: how the value of a metric is written, and names sorted by their numbers.

In natural order, ``class_2`` comes before ``class_10`` and ``v9`` before ``v10``: a whole number
within a name counts as the number that it is; all else is ordered by code points.
"""

import re
from typing import Final

SIGNIFICANT_DIGITS: Final = 5
"""Digits that tell something: an accuracy of 0.98765 and one of 0.98764 are two."""


def format_metric(value: float) -> str:
    """Return *value* with :data:`DIGITS` digits; ``inf``, ``-inf`` and ``nan`` are words."""
    return f"{value:.{SIGNIFICANT_DIGITS}g}"


_NUMBER: Final = re.compile(r"0*([0-9]+)")
_PER_SIGN: Final = 9
"""Lengths that one sign tells apart."""


def natural_key(text: str) -> str:
    """Return a text that sorts as *text* does in natural order.

    It is a plain string, since those are quick to compare. Names that differ in leading zeros
    only have the same one.
    """
    return _NUMBER.sub(_measured, text)


def _measured(number: re.Match[str]) -> str:
    """Return the digits after a sign for how many they are, which is itself made of digits.

    So numbers stay where digits are among the other characters.
    """
    digits = number[1]
    length = len(digits)
    return f"{'9' * (length // _PER_SIGN)}{length % _PER_SIGN}{digits}"
