"""Earlier acts of which nobody knows the outcome: what they leave in doubt for a further one."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from opsboard.acting.audit.action_history import ActionRun
from opsboard.acting.in_flight import SEND_TIMEOUT, clock_time, deadline
from opsboard.acting.run_locks import LockHolder
from opsboard.adapter import Clock, Plan


class UnresolvedRuns:
    """What of the record is in doubt. *read* returns all acts in *file*, the audit trail."""

    def __init__(
        self, file: Path, read: Callable[[], Awaitable[Sequence[ActionRun]]], clock: Clock
    ) -> None:
        self._file = file
        self._read = read
        self._clock = clock
        self._as_of: tuple[int, ...] = ()
        self._acts: Sequence[ActionRun] = ()
        self._open: Sequence[tuple[ActionRun, bool]] = ()

    def runs(self) -> Sequence[ActionRun]:
        """Return the acts on record, the latest last, as they were read last."""
        return self._acts

    async def refresh(self) -> None:
        """Read the record again, where it has been written to since. In the engine's loop."""
        as_of = self._state_of_file()
        if as_of and as_of == self._as_of:
            return
        self._acts = await self._read()
        self._open = _unsettled(self._acts)
        self._as_of = as_of

    def describe(self, plan: Plan) -> str:
        """Return which earlier acts on the target of *plan* nobody knows the outcome of, or ``""``.

        Of those that can have no effect any more, only one after which nobody has acted on the
        target counts: who acted since has been told of it. Quick; from any thread.
        """
        now = self._clock.now()
        told = [
            _told(act, now)
            for act, is_latest in self._open
            if _is_about(act.plan, plan) and (is_latest or now < deadline(act, now))
        ]
        return "; ".join(told)

    def _state_of_file(self) -> tuple[int, ...]:
        try:
            found = self._file.stat()
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unsettled(acts: Sequence[ActionRun]) -> Sequence[tuple[ActionRun, bool]]:
    """Return the acts that are in doubt, and whether each is the latest on its target."""
    found, later = [], set[object]()
    for act in reversed(acts):
        subject = {act.plan.ref, act.plan.target}
        if act.is_unresolved:
            found.append((act, later.isdisjoint(subject)))
        later |= subject
    return found[::-1]


def _is_about(one: Plan, other: Plan) -> bool:
    return one.id != other.id and (one.ref == other.ref or one.target == other.target)


def _told(act: ActionRun, now: datetime) -> str:
    what = f"{act.plan.action} by {act.intent.actor.summary} at {clock_time(act.intent.at)}"
    sent_by = act.intent.at + timedelta(seconds=SEND_TIMEOUT)
    if not act.later_entries and act.holder is not LockHolder.NONE and now < sent_by:
        return f"{what} is being sent"
    until = deadline(act, now)
    if now < until:
        until_then = f"it may still take effect until {clock_time(until)}"
        return f"the outcome of {what} is unknown, and {until_then}"
    return f"whether {what} was carried out is not known"
