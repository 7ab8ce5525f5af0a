"""Chance that can be had again: every draw follows from the seed."""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar
from uuid import UUID

T = TypeVar("T")

DEFAULT_SEED: Final = 7
"""That of the usual world."""

_NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # those that Kubernetes makes names of


class SeededRandom:
    """A seeded source of numbers, choices and identifiers."""

    def __init__(self, seed: int | str) -> None:
        self._random = Random(seed)  # noqa: S311 - a story is told here, no secret is made

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)

    def randint(self, low: int, high: int) -> int:
        """Return an integer from *low* to *high*, both included."""
        return self._random.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def gauss(self, deviation: float) -> float:
        return self._random.gauss(0.0, deviation)

    def hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def uid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def suffix(self, length: int) -> str:
        """Return a suffix as Kubernetes generates them."""
        return "".join(self._random.choices(_NAME_LETTERS, k=length))
