"""Earlier runs of which is not known the outcome: a further one on the same target is warned."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from opsboard.acting.audit.action_history import ActionRun
from opsboard.acting.in_flight import SEND_TIMEOUT, clock_time, deadline
from opsboard.acting.run_locks import LockHolder
from opsboard.adapter import Clock, Plan


class UnresolvedRuns:
    """Runs without a known outcome. *read* returns all runs that are in *file*, the audit log."""

    def __init__(
        self, file: Path, read: Callable[[], Awaitable[Sequence[ActionRun]]], clock: Clock
    ) -> None:
        self._file = file
        self._read = read
        self._clock = clock
        self._as_of: tuple[int, ...] = ()
        self._runs: Sequence[ActionRun] = ()
        self._open: Sequence[tuple[ActionRun, bool]] = ()

    def runs(self) -> Sequence[ActionRun]:
        """Return the runs as of the last :meth:`refresh`, the latest last."""
        return self._runs

    async def refresh(self) -> None:
        """Read the audit log again if its file has changed. In the engine's loop."""
        as_of = self._state_of_file()
        if as_of and as_of == self._as_of:
            return
        self._runs = await self._read()
        self._open = _unsettled(self._runs)
        self._as_of = as_of

    def describe(self, plan: Plan) -> str:
        """Return which earlier runs on the target of *plan* have no known outcome, or ``""``.

        A run that can have no effect any more counts only if nobody has acted on the target since:
        whoever did has read this warning. May be called from any thread.
        """
        now = self._clock.now()
        sentences = [
            _sentence(run, now)
            for run, is_latest in self._open
            if _is_about(run.plan, plan) and (is_latest or now < deadline(run, now))
        ]
        return "; ".join(sentences)

    def _state_of_file(self) -> tuple[int, ...]:
        try:
            found = self._file.stat()
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unsettled(runs: Sequence[ActionRun]) -> Sequence[tuple[ActionRun, bool]]:
    """Return the runs without a known outcome, and whether each is the latest on its target."""
    found, later = [], set[object]()
    for run in reversed(runs):
        subject = {run.plan.ref, run.plan.target}
        if run.is_unresolved:
            found.append((run, later.isdisjoint(subject)))
        later |= subject
    return found[::-1]


def _is_about(one: Plan, other: Plan) -> bool:
    return one.id != other.id and (one.ref == other.ref or one.target == other.target)


def _sentence(run: ActionRun, now: datetime) -> str:
    what = f"{run.plan.action} by {run.intent.actor.summary} at {clock_time(run.intent.at)}"
    sent_by = run.intent.at + timedelta(seconds=SEND_TIMEOUT)
    if not run.later_entries and run.holder is not LockHolder.NONE and now < sent_by:
        return f"{what} is being sent"
    until = deadline(run, now)
    if now < until:
        until_then = f"it may still take effect until {clock_time(until)}"
        return f"the outcome of {what} is unknown, and {until_then}"
    return f"whether {what} was carried out is not known"
