"""Lengths of time and sizes, as people write them in the config: ``90d``, ``500MB``."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_BYTES: Final = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30,
}  # fmt: skip
_QUANTITY: Final = re.compile(r"(\d{1,9})\s*([A-Za-z]+)", re.ASCII)


def duration(value: object) -> timedelta:
    """Return the length of time that *value* names: ``90d``, ``12h``, ``30m``, ``4w``.

    Raises :exc:`ValueError` where it names none, or one of more than a hundred years.
    """
    if isinstance(value, timedelta):
        return value
    found = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[2].lower() not in _SECONDS:
        raise ValueError(f"{_shown(value)}is no length of time: write '90d', '12h' or '30m'")
    seconds = int(found[1]) * _SECONDS[found[2].lower()]
    if not 0 < seconds <= 100 * 366 * 86_400:
        raise ValueError(f"{value!r:.40} must be more than nothing, and at most 100 years")
    return timedelta(seconds=seconds)


def size(value: object) -> int:
    """Return the bytes that *value* names: ``500MB``, ``1GB``, ``512MiB``.

    Raises :exc:`ValueError` where it names none.
    """
    if type(value) is int and value > 0:
        return value
    found = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[2].upper() not in _BYTES or not int(found[1]):
        raise ValueError(f"{_shown(value)}is no size: write '500MB', '1GB' or '512MiB'")
    return int(found[1]) * _BYTES[found[2].upper()]


def _shown(value: object) -> str:
    """Return *value* as a beginning of a sentence; only text is as the file has it."""
    return f"{value!a:.40} " if isinstance(value, str) else ""


_WRITTEN: Final = {unit: seconds for unit, seconds in _SECONDS.items() if unit != "w"}


def duration_text(value: timedelta) -> str:
    """Return *value*, of whole seconds, as :func:`duration` reads it: ``90d``, ``36h``."""
    return _shortest(int(value.total_seconds()), _WRITTEN)


def size_text(value: int) -> str:
    """Return *value* as :func:`size` reads it: ``500MB``, ``4GIB``."""
    return _shortest(value, _BYTES)


def _shortest(value: int, units: Mapping[str, int]) -> str:
    count, unit = min((value // each, name) for name, each in units.items() if not value % each)
    return f"{count}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(duration_text, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*[smhdwSMHDW]$"}),
]
"""A length of time."""

Size = Annotated[
    int,
    BeforeValidator(size),
    PlainSerializer(size_text, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*([KMGkmg][Ii]?)?[Bb]$"}),
]
"""A number of bytes."""
