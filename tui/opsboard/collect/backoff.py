"""How long to wait before asking a source again that failed."""

import random
from collections.abc import Callable
from typing import Final

BASE: Final = 1.0
MAX_BACKOFF: Final = 120.0
MIN_WAIT: Final = 0.25


class Backoff:
    """Exponential with full jitter: many boards that failed together do not return together.

    The wait before attempt *n* is drawn evenly between nothing and ``BASE * 2 ** n``, up to
    :data:`CAP`. *draw* is there for tests.
    """

    def __init__(self, draw: Callable[[float, float], float] = random.uniform) -> None:
        self._draw = draw
        self._failures = 0

    def next(self) -> float:
        """Return the seconds to wait after one more failure."""
        ceiling = min(MAX_BACKOFF, BASE * 2 ** min(self._failures, 10))
        self._failures += 1
        return max(MIN_WAIT, self._draw(0.0, ceiling))

    def reset(self) -> None:
        """Note that all is well again."""
        self._failures = 0
