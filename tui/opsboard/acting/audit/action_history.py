"""The audit trail read as acts: what each was, how far it came, and what is open."""

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

SOURCE: Final = "opsboard"
"""What stands for the source of activities: the program itself."""

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
    """An act as the trail tells it: the intent, what was written of it since, who has it now."""

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
        """What the server answered, where that is known."""
        told = [entry.receipt for entry in self.later_entries if entry.receipt is not None]
        return told[-1] if told else None

    @property
    def is_unresolved(self) -> bool:
        """Whether nobody knows whether it was carried out."""
        return self.last.event is AuditEvent.INTENT or self.last.result is AuditResult.UNKNOWN

    @property
    def awaits_verdict(self) -> bool:
        """Whether it was carried out, and has no verdict yet."""
        return self.last.result is AuditResult.DONE

    @property
    def is_open(self) -> bool:
        """Whether it has to be settled, or followed."""
        return self.is_unresolved or self.awaits_verdict

    @property
    def is_abandoned(self) -> bool:
        """Whether it is open, and no program has it in its hands."""
        return self.is_open and self.holder is LockHolder.NONE


def action_runs(entries: Iterable[AuditEntry], holds: RunLocks) -> Sequence[ActionRun]:
    """Return the acts in *entries*, in the order of their intents; *holds* tells who has them."""
    acts: dict[str, ActionRun] = {}
    _take(entries, acts)
    return _held(acts.values(), holds)


def _take(entries: Iterable[AuditEntry], acts: dict[str, ActionRun]) -> None:
    """Let *acts*, by their plans, go on with *entries*."""
    for entry in entries:
        if entry.event is AuditEvent.INTENT and entry.plan is not None:
            acts.setdefault(entry.plan_id, ActionRun(entry))
        elif entry.plan_id in acts:
            acts[entry.plan_id].later_entries.append(entry)


def _held(acts: Iterable[ActionRun], holds: RunLocks) -> Sequence[ActionRun]:
    """Return *acts* as they stand on record, each with who has it in his hands."""
    found = tuple(ActionRun(act.intent, [*act.later_entries]) for act in acts)
    for act in found:
        if act.is_open:
            act.holder = holds.holder(act.plan.id, act.last.actor)
    return found


class ActionRunReader:
    """The acts on record in *trail*, read again and again. May be used from several threads."""

    def __init__(self, trail: AuditLog, holds: RunLocks) -> None:
        self._trail = trail
        self._holds = holds
        self._mark = START
        self._acts: dict[str, ActionRun] = {}
        self._reading = Lock()

    def read(self) -> Sequence[ActionRun]:
        """Return all acts, in the order of their intents. Raises AuditError.

        What was read before is not read again, unless the trail was changed.
        """
        with self._reading:
            news = self._trail.new_entries(self._mark)
            if news.is_reset:
                self._acts.clear()
            self._mark = news.position
            _take(news.entries, self._acts)
            return _held(self._acts.values(), self._holds)


def activity_of(act: ActionRun, **counted: int) -> Activity:
    """Return *act* as the board shows it, with how far it came where that was *counted*."""
    last, plan = act.last, act.plan
    state, message = _state_of(act), last.message
    if act.is_open and act.holder is LockHolder.ELSEWHERE:
        state, message = ActivityState.UNKNOWN, f"{message or _UNSEEN}; {_elsewhere(last.actor)}"
    closed = state not in {ActivityState.RUNNING, ActivityState.FOLLOWING} and not _is_sought(act)
    receipt = act.receipt
    return activity(
        plan,
        act.intent,
        state,
        message or _SAID.get(state, ""),
        produced=receipt.produced if receipt else None,
        url=receipt.url or None if receipt else None,
        updated_at=last.at,
        finished_at=last.at if closed else None,
        **counted,
    )


def _is_sought(act: ActionRun) -> bool:
    """Tell whether what became of *act* is found out next."""
    given_up = act.last.event is AuditEvent.SETTLED or act.holder is LockHolder.ELSEWHERE
    return act.is_unresolved and not given_up


def _state_of(act: ActionRun) -> ActivityState:
    if act.last.event is AuditEvent.INTENT and act.holder is LockHolder.PROGRAM:
        return ActivityState.RUNNING
    return _STATES.get(act.last.result or "", ActivityState.UNKNOWN)


def _elsewhere(actor: Actor) -> str:
    return (
        f"held elsewhere: by {actor.summary} on {actor.host}, process {actor.pid}, unless that has "
        "ended; then take it up"
    )


_UNSEEN: Final = "outcome unknown"
_SAID: Final = {
    ActivityState.UNKNOWN: f"{_UNSEEN}: the program ended before it was seen",
    ActivityState.RUNNING: "being sent",
}


def activity(
    plan: Plan, intent: AuditEntry, state: ActivityState, message: str, **more: object
) -> Activity:
    """Return the activity of *plan* in *state*; *more* are fields of it."""
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
        before=plan.before,
        after=plan.after,
        actor=intent.actor.summary,
        cause=intent.reason,
        **more,  # type: ignore[arg-type]
    )
