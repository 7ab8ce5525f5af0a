"""Random numbers, choices and identifiers that follow from a seed."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""The alphabet of ``k8s.io/apimachinery/pkg/util/rand``, which Kubernetes makes suffixes of."""


class SeededRandom:
    """Draws that are the same for the same *seed* and the same order of calls.

    For simulated data only: nothing that it returns is a secret.
    """

    def __init__(self, seed: int | str) -> None:
        self._random = Random(seed)  # noqa: S311 - simulated data, no secret

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)

    def randint(self, low: int, high: int) -> int:
        """Return an integer from *low* to *high*, both included."""
        return self._random.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def chance(self, probability: float) -> bool:
        """Return ``True`` with that *probability* (0 to 1)."""
        return self._random.random() < probability

    def gauss(self, deviation: float) -> float:
        """Return a draw of the normal distribution around 0."""
        return self._random.gauss(0.0, deviation)

    def hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def uid(self) -> str:
        """Return a random UUID (version 4)."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def suffix(self, length: int) -> str:
        """Return a suffix as Kubernetes generates them for names."""
        return "".join(self._random.choices(_NAME_LETTERS, k=length))
