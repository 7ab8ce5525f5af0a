"""How long roll-outs took before, in words: a median and a nine-in-ten, or a list of too few."""

from collections.abc import Sequence
from math import ceil
from typing import Final

FEWEST: Final = 3
"""Roll-outs below which no figure is told: those that there are are listed."""


def percentile(durations: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of *durations*, of which there is at least one."""
    ordered = sorted(durations)
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def duration_text(seconds: float) -> str:
    """Return *seconds* as people say them: ``45s``, ``2m10s``, ``1h05m``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m{left:02}s" if left else f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m"


def usual_text(durations: Sequence[float]) -> str:
    """Return how long it took before, for the plan; ``""`` where nothing is known."""
    if not durations:
        return ""
    if len(durations) < FEWEST:
        listed = ", ".join(map(duration_text, durations))
        return f"{listed} ({len(durations)} earlier: too few for a figure)"
    p50, p90 = (duration_text(percentile(durations, share)) for share in (0.5, 0.9))
    return f"p50 {p50}, p90 {p90} ({len(durations)} earlier)"


def range_text(durations: Sequence[float]) -> str:
    """Return what to hold one against that goes on: ``usually 1m40s to 3m``; ``""`` for too few."""
    if len(durations) < FEWEST:
        return ""
    low, high = (duration_text(percentile(durations, share)) for share in (0.1, 0.9))
    return f"usually {low}" if low == high else f"usually {low} to {high}"


def against_usual(durations: Sequence[float], seconds: float) -> str:
    """Return how one stands that goes on for *seconds*: ``2m10s so far, usually 1m40s to 3m``."""
    usual = range_text(durations)
    return f"{duration_text(max(seconds, 0.0))} so far, {usual}" if usual else ""
