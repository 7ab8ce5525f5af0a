"""How the value of a metric is written: the same way wherever it stands."""

from typing import Final

SIGNIFICANT_DIGITS: Final = 5
"""Digits that tell something: an accuracy of 0.98765 and one of 0.98764 are two."""


def format_metric(value: float) -> str:
    """Return *value* with :data:`DIGITS` digits; ``inf``, ``-inf`` and ``nan`` are words."""
    return f"{value:.{SIGNIFICANT_DIGITS}g}"
