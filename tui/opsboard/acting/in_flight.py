"""Requests whose answer was not seen: how long one may still take effect, and what that means.

A request without an answer may be delayed on its way and arrive later. How long is bounded by what
can delay it:

- the kernel of a program that was killed goes on sending what the program has written: about 100 s
  while nothing is acknowledged (``tcp_orphan_retries``, tcp(7), 8 tries);
- a proxy or balancer that has read it waits for its server: 60 s to connect and 60 s for an answer
  (nginx ``proxy_connect_timeout``, ``proxy_read_timeout``; the usual ones of others are shorter);
- the server itself gives up: ``kube-apiserver --request-timeout`` after 60 s, GitHub after 10 s,
  gunicorn below MLflow after 30 s.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from opsboard.acting.audit.action_history import ActionRun
from opsboard.acting.audit.entry import AuditEvent
from opsboard.adapter import ReconcileOutcome, ReconcileResult

SEND_TIMEOUT: Final = 120.0
"""Seconds for a server to accept a request; after that its outcome counts as unknown."""

REQUEST_LIFETIME: Final = 300.0
"""Seconds after which a request can have no effect any more: the sum of the above, rounded up.

It also covers the moment until a server shows in a listing what it has done.
"""

PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between two polls at the world; the last one repeats."""


def deadline(run: ActionRun, now: datetime) -> datetime:
    """Return when the last request of *run* can have no effect any more.

    It was sent within :data:`SEND_TIMEOUT` of the intent, and before anything else was written of
    the act. The program that sent it may say that it took longer: a machine that was suspended
    goes on sending where it stood. An intent from the future is of a clock that was wrong: it is
    as old as *now*.
    """
    sent_by = min(run.intent.at, now) + timedelta(seconds=SEND_TIMEOUT)
    if run.later_entries:
        first = run.later_entries[0]
        own = first.event is AuditEvent.OUTCOME
        sent_by = min(first.at, now) if own else min(sent_by, first.at)
    return sent_by + timedelta(seconds=REQUEST_LIFETIME)


def clock_time(at: datetime) -> str:
    """Return *at* for a sentence: the time of day, in UTC."""
    return f"{at:%H:%M:%S} UTC"


def minute_time(at: datetime, now: datetime) -> str:
    """Return *at* for a sentence, to the minute, in UTC, with the date where it is not today's."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


class InFlightRequest:
    """What of *run* may still be in flight, over several looks at the world from *now* on.

    Time is counted by what was slept, not by a wall clock, which may be set meanwhile.
    """

    def __init__(self, run: ActionRun, now: datetime) -> None:
        self._left = (deadline(run, now) - now).total_seconds()
        self._version = ""
        self._looks = 0
        self._failed_looks = 0

    @property
    def is_possible(self) -> bool:
        """Whether a request may still be in flight."""
        return self._left > 0

    def is_conclusive(self, seen: ReconcileResult) -> bool:
        """Return whether *seen* is final: no request of the run can change it any more."""
        first = self._version
        self._version = first or seen.version
        if seen.outcome is ReconcileOutcome.DONE or not self.is_possible:
            return True
        moved_on = bool(first and seen.version) and first != seen.version
        return seen.outcome is ReconcileOutcome.NOT_DONE and (seen.final or moved_on)

    @property
    def should_give_up(self) -> bool:
        """Whether enough looks have failed since nothing can be in flight any more."""
        return self._failed_looks >= len(PAUSES)

    def pause(self) -> float:
        """Return the seconds to sleep until the next look."""
        pause = PAUSES[min(self._looks, len(PAUSES) - 1)]
        self._looks += 1
        if not self.is_possible:
            self._failed_looks += 1
            return PAUSES[min(self._failed_looks, len(PAUSES)) - 1]
        pause = min(pause, self._left)
        self._left -= pause
        return pause

    def message(self, why: str, now: datetime) -> str:
        """Return the message while the outcome is unknown; *why* is what the last look said."""
        if not self.is_possible:
            return f"outcome unknown: {why}"
        until = clock_time(now + timedelta(seconds=self._left))
        return f"outcome unknown: {why}; it may still take effect until {until}"
