"""When a source is asked again: after a failure, and as learned from its own pauses."""

import random
from collections.abc import Callable, Iterator
from typing import Final

from opsboard.adapter import Change, Due, Fresh, ScopeRemoved
from opsboard.board.change_algebra import CONFIRMING

BASE: Final = 1.0
MAX_BACKOFF: Final = 120.0
MIN_WAIT: Final = 0.25
"""Seconds: the first ceiling of a wait, the highest one, and the shortest wait of all."""


class Backoff:
    """Exponential back-off with full jitter, so that boards do not all return at the same moment.

    The wait after failure *n* is drawn evenly between 0 and ``BASE * 2 ** n`` seconds, or
    :data:`MAX_BACKOFF` where that is less. *draw* takes both bounds; tests hand in their own.
    """

    def __init__(self, draw: Callable[[float, float], float] = random.uniform) -> None:
        self._draw = draw
        self._failures = 0

    def next(self) -> float:
        """Return how many seconds to wait after one more failure."""
        ceiling = min(MAX_BACKOFF, BASE * 2 ** min(self._failures, 10))
        self._failures += 1
        return max(MIN_WAIT, self._draw(0.0, ceiling))

    def reset(self) -> None:
        """Start again with short waits: the source is well."""
        self._failures = 0


class DueTracker:
    """Learns from the pauses of a source when it looks at each scope again.

    What was confirmed before a pause of 15 s is looked at again after it: that is what a
    :class:`~opsboard.adapter.Due` of 15 s says. Scopes of which the source itself says when, and
    those that stream, are left out.
    """

    def __init__(self) -> None:
        self._confirmed: dict[str, None] = {}
        self._own: set[str] = set()
        self._said: dict[str, float] = {}

    def record(self, change: Change) -> None:
        """Take in *change*, which the source has yielded."""
        if isinstance(change, Due):
            self._own.add(change.scope)
            self._confirmed.pop(change.scope, None)
        elif isinstance(change, ScopeRemoved) or (isinstance(change, Fresh) and change.streaming):
            self._confirmed.pop(change.scope, None)
        elif isinstance(change, CONFIRMING) and change.scope not in self._own:
            self._confirmed[change.scope] = None

    def dues_before_pause(self, seconds: float) -> Iterator[Due]:
        """Yield a ``Due`` for each scope of which a pause of *seconds* says something new."""
        for scope in self._confirmed:
            if self._said.get(scope) != seconds:
                self._said[scope] = seconds
                yield Due(scope, seconds)
        self._confirmed.clear()
