"""Numbers in text: how the value of a metric is written, and names sorted by their numbers.

In natural order, ``class_2`` comes before ``class_10`` and ``v9`` before ``v10``: a whole number
within a name counts as the number that it is; all else is ordered by code points.
"""

import re
from typing import Final

SIGNIFICANT_DIGITS: Final = 5
"""Significant digits: accuracies of 0.98765 and 0.98764 are shown as different."""


def format_metric(value: float) -> str:
    """Return *value* with :data:`SIGNIFICANT_DIGITS` digits; ``inf``, ``-inf`` and ``nan`` are
    words."""
    return f"{value:.{SIGNIFICANT_DIGITS}g}"


_NUMBER: Final = re.compile(r"0*([0-9]+)")
_PER_SIGN: Final = 9
"""Lengths that one digit of the prefix can stand for."""


def natural_key(text: str) -> str:
    """Return a text that sorts as *text* does in natural order.

    It is a plain string, since those compare fast. Names that differ only in leading zeros have
    the same key.
    """
    return _NUMBER.sub(_measured, text)


def _measured(number: re.Match[str]) -> str:
    """Return the digits after a prefix for their number, which is made of digits as well.

    So numbers keep the place of digits among other characters.
    """
    digits = number[1]
    length = len(digits)
    return f"{'9' * (length // _PER_SIGN)}{length % _PER_SIGN}{digits}"
