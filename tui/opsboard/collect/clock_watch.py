"""Finds, between two looks at the clocks, that the clock was set or that the machine slept."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol

TOLERANCE: Final = 5.0
"""Seconds by which a clock may be off from another one."""

STALL: Final = 30.0
"""Seconds for which the program may stand still, and still be said to have looked."""


class Clocks(Protocol):
    """The clocks of this machine."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""

    def running(self) -> float:
        """Return the seconds that this machine has run, without those that it slept."""

    def elapsed(self) -> float:
        """Return the seconds that have passed, those that it slept too."""


class SystemClocks:
    """The clocks of the system, after clock_gettime(2)."""

    def __init__(self) -> None:
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        read: Callable[[], float] = time.monotonic
        self._elapsed = read if boottime is None else lambda: time.clock_gettime(boottime)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def running(self) -> float:
        return time.monotonic()

    def elapsed(self) -> float:
        return self._elapsed()


class Slept(NamedTuple):
    """Nothing ran since *since*."""

    since: datetime


class Stalled(NamedTuple):
    """The program stood still between *since* and *until*: what came then was seen only after."""

    since: datetime
    until: datetime


class ClockSet(NamedTuple):
    """The clock was set from *before* to *after*."""

    before: datetime
    after: datetime


class ClockWatch:
    """Compares the clocks, each time it is asked, with what they said the time before.

    To be asked every few seconds, fewer than :data:`TOLERANCE`.
    """

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._last = self._read()

    def check(self) -> Slept | Stalled | ClockSet | None:
        """Return what has happened since the last call."""
        (now, running, elapsed), last = self._read(), self._last
        self._last = (now, running, elapsed)
        passed = elapsed - last[2]
        by_clock = (now - last[0]).total_seconds()
        if abs(by_clock - passed) > TOLERANCE:
            return ClockSet(last[0] + timedelta(seconds=passed), now)
        if passed - (running - last[1]) > TOLERANCE or passed > STALL:
            return Slept(last[0])
        return Stalled(last[0], now) if passed > TOLERANCE else None

    def _read(self) -> tuple[datetime, float, float]:
        return self._clocks.now(), self._clocks.running(), self._clocks.elapsed()
