"""The audit trail read as runs: what each did, how far it got, and which are open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from opsboard.acting.actor import Actor
from opsboard.acting.audit.entry import AuditEntry, AuditEvent, AuditResult
from opsboard.acting.audit.follower import START
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.run_locks import LockHolder, RunLocks
from opsboard.adapter import Plan, Receipt
from opsboard.records import Activity, ActivityState, Status
from opsboard.text.sanitize import sanitize

SOURCE: Final = "opsboard"
"""The source of activity records: the program itself."""

_STATUS: Final = {
    ActivityState.RUNNING: Status.RUNNING,
    ActivityState.FOLLOWING: Status.RUNNING,
    ActivityState.SUCCEEDED: Status.OK,
    ActivityState.FAILED: Status.FAILED,
    ActivityState.REFUSED: Status.WARNING,
    ActivityState.TIMED_OUT: Status.WARNING,
    ActivityState.UNKNOWN: Status.UNKNOWN,
}

_STATES: Final[dict[str, ActivityState]] = {
    AuditResult.DONE: ActivityState.FOLLOWING,
    AuditResult.NOT_DONE: ActivityState.REFUSED,
    AuditResult.UNKNOWN: ActivityState.UNKNOWN,
    AuditResult.SUCCEEDED: ActivityState.SUCCEEDED,
    AuditResult.FAILED: ActivityState.FAILED,
    AuditResult.TIMED_OUT: ActivityState.TIMED_OUT,
}


@dataclass(slots=True)
class ActionRun:
    """A run of an action, from the audit trail: its intent, later entries, and who works on it."""

    intent: AuditEntry
    later_entries: list[AuditEntry] = field(default_factory=list)
    holder: LockHolder = LockHolder.NONE

    @property
    def plan(self) -> Plan:
        assert self.intent.plan is not None  # noqa: S101 - an intent has one: see acts_of()
        return self.intent.plan

    @property
    def last(self) -> AuditEntry:
        return self.later_entries[-1] if self.later_entries else self.intent

    @property
    def receipt(self) -> Receipt | None:
        """The server's answer, if it is known."""
        receipts = [entry.receipt for entry in self.later_entries if entry.receipt is not None]
        return receipts[-1] if receipts else None

    @property
    def is_unresolved(self) -> bool:
        """Whether its outcome is not known."""
        return self.last.event is AuditEvent.INTENT or self.last.result is AuditResult.UNKNOWN

    @property
    def awaits_verdict(self) -> bool:
        """Whether it was carried out and has no verdict yet."""
        return self.last.result is AuditResult.DONE

    @property
    def is_open(self) -> bool:
        """Whether it still has to be reconciled or observed."""
        return self.is_unresolved or self.awaits_verdict

    @property
    def is_abandoned(self) -> bool:
        """Whether it is open and no program works on it."""
        return self.is_open and self.holder is LockHolder.NONE


def action_runs(entries: Iterable[AuditEntry], locks: RunLocks) -> Sequence[ActionRun]:
    """Return the runs in *entries* by the order of their intents; *locks* knows their holders."""
    runs: dict[str, ActionRun] = {}
    _take(entries, runs)
    return _held(runs.values(), locks)


def _take(entries: Iterable[AuditEntry], runs: dict[str, ActionRun]) -> None:
    """Add *entries* to *runs*, which are keyed by plan id."""
    for entry in entries:
        if entry.event is AuditEvent.INTENT and entry.plan is not None:
            runs.setdefault(entry.plan_id, ActionRun(entry))
        elif entry.plan_id in runs:
            runs[entry.plan_id].later_entries.append(entry)


def _held(runs: Iterable[ActionRun], locks: RunLocks) -> Sequence[ActionRun]:
    """Return copies of *runs*, each with who works on it."""
    found = tuple(ActionRun(run.intent, [*run.later_entries]) for run in runs)
    for run in found:
        if run.is_open:
            run.holder = locks.holder(run.plan.id, run.last.actor)
    return found


class ActionRunReader:
    """Reads the runs of an audit log repeatedly. May be used from several threads."""

    def __init__(self, audit_log: AuditLog, locks: RunLocks) -> None:
        self._audit_log = audit_log
        self._locks = locks
        self._mark = START
        self._runs: dict[str, ActionRun] = {}
        self._reading = Lock()

    def read(self) -> Sequence[ActionRun]:
        """Return all runs, in the order of their intents. Raises AuditError.

        Only what was appended since is read, unless what was there has changed.
        """
        with self._reading:
            news = self._audit_log.new_entries(self._mark)
            if news.is_reset:
                self._runs.clear()
            self._mark = news.position
            _take(news.entries, self._runs)
            return _held(self._runs.values(), self._locks)


def activity_of(run: ActionRun, **counted: int) -> Activity:
    """Return *run* as the board shows it, with its progress where that was *counted*."""
    last, plan = run.last, run.plan
    state, message = _state_of(run), last.message
    if run.is_open and run.holder is LockHolder.ELSEWHERE:
        state, message = ActivityState.UNKNOWN, f"{message or _UNSEEN}; {_elsewhere(last.actor)}"
    closed = state not in {ActivityState.RUNNING, ActivityState.FOLLOWING} and not _is_sought(run)
    receipt = run.receipt
    return activity(
        plan,
        run.intent,
        state,
        message or _SAID.get(state, ""),
        produced=receipt.produced if receipt else None,
        url=receipt.url or None if receipt else None,
        updated_at=last.at,
        finished_at=last.at if closed else None,
        **counted,
    )


def _is_sought(run: ActionRun) -> bool:
    """Return whether a program is about to find out the outcome of *run*."""
    given_up = run.last.event is AuditEvent.SETTLED or run.holder is LockHolder.ELSEWHERE
    return run.is_unresolved and not given_up


def _state_of(run: ActionRun) -> ActivityState:
    if run.last.event is AuditEvent.INTENT and run.holder is LockHolder.PROGRAM:
        return ActivityState.RUNNING
    return _STATES.get(run.last.result or "", ActivityState.UNKNOWN)


def _elsewhere(actor: Actor) -> str:
    return (
        f"in progress elsewhere: by {actor.summary} on {actor.host}, process {actor.pid}; "
        "take it up if that process has ended"
    )


_UNSEEN: Final = "outcome unknown"
_SAID: Final = {
    ActivityState.UNKNOWN: f"{_UNSEEN}: the program ended before it was seen",
    ActivityState.RUNNING: "being sent",
}


def activity(
    plan: Plan, intent: AuditEntry, state: ActivityState, message: str, **more: object
) -> Activity:
    """Return the activity record of *plan* in *state*, with further fields *more*."""
    before, after = plan.versions
    return Activity(
        source=SOURCE,
        id=plan.id,
        name=f"{plan.title}: {plan.name}",
        status=_STATUS[state],
        reason=state.value,
        message=message,
        environment=plan.environment,
        created_at=intent.at,
        action=plan.action,
        about=plan.ref,
        target=plan.target,
        state=state,
        before=before,
        after=after,
        actor=intent.actor.summary,
        cause=intent.reason,
        undo=_undo(plan),
        **more,  # type: ignore[arg-type]
    )


def _undo(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what takes *plan* back, unless it cannot be told whole: a mask is never written."""
    whole = all(sanitize(text) == text for pair in plan.undo.items() for text in pair)
    return tuple(plan.undo.items()) if whole else ()
