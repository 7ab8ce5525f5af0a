"""How long ago something was, in few letters. Nothing is imported: the first frame needs it."""

_STEP = 5
"""Seconds in which :func:`frame_age` advances under a minute: an idle screen stays still."""


def table_age(seconds: int) -> str:
    """Return *seconds* in at most two units: ``12s``, ``2m5s``, ``2h10m``, ``4d``."""
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s") if minutes else f"{seconds}s"
    if hours < 10:
        return _two(hours, "h", minutes % 60, "m") if hours else f"{minutes}m"
    if days < 10:
        return _two(days, "d", hours % 24, "h") if days else f"{hours}h"
    return f"{days}d"


def frame_age(seconds: int) -> str:
    """Return *seconds* for the frame around the tables, changing no oftener than it must.

    ``now``, then ``25s`` in steps of five, ``3m``, ``2h10m``, ``4d``.
    """
    if seconds < 60:
        return f"{seconds // _STEP * _STEP}s" if seconds >= _STEP else "now"
    if seconds < 3_600:
        return f"{seconds // 60}m"
    return table_age(seconds) if seconds < 86_400 else f"{seconds // 86_400}d"


def largest_unit(age: str) -> str:
    """Return ``2h`` of ``2h10m``: cut anywhere else, it would be another time.

    What stands before its first digit is kept: ``≥2h``.
    """
    units = (at for at, letter in enumerate(age, 1) if letter.isalpha())
    return age[: next(units, len(age))]


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big}{big_unit}{small}{small_unit}" if small else f"{big}{big_unit}"
