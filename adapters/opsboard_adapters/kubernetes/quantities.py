"""Quantities of the Kubernetes API: ``100m``, ``1.5``, ``256Mi``, ``12345678n``, ``1e3``.

Source: ``k8s.io/apimachinery/pkg/api/resource`` (*Quantity*).
"""

import math
import re
from functools import lru_cache
from typing import Final

_QUANTITY: Final = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
    r"(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?"
)
_DECIMAL: Final = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
_FACTORS: Final = {
    **{suffix: 10.0**power for suffix, power in _DECIMAL.items()},
    **{f"{suffix}i": 1024.0**power for power, suffix in enumerate("KMGTPE", 1)},
}


@lru_cache(4_096)
def parse_quantity(text: str | float) -> float | None:
    """Return a quantity as a number, ``None`` where it is none, or is negative."""
    found = _QUANTITY.fullmatch(str(text).strip())
    if found is None:
        return None
    suffix = found["suffix"] or ""
    if suffix in _FACTORS:
        value = float(found["number"]) * _FACTORS[suffix]
    else:
        value = float(f"{found['number']}{suffix}")
    return value if value >= 0 and math.isfinite(value) else None
