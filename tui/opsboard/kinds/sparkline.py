"""The last values of a measure as a line of bars, one column each."""

import math
from collections.abc import Sequence
from typing import Final

_BARS: Final = "▁▂▃▄▅▆▇█"


_SHARE: Final = 4
"""Columns of the bar of a share."""


def share_bar(part: int, whole: int) -> str:
    """Return how much of *whole* there is, as a bar: ``███▁``. It is full only if all is."""
    if whole <= 0:
        return ""
    full = min(_SHARE, part * _SHARE // whole)
    return "█" * full + "▁" * (_SHARE - full)


def sparkline(values: Sequence[float], most: int = 12) -> str:
    """Return the last *most* finite *values*, each as one of eight levels of what is between them.

    A screen that cannot draw bars draws others in their place.
    """
    shown = [value for value in values[-most:] if math.isfinite(value)]
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    span = (high - low) or 1.0
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1))] for value in shown)
