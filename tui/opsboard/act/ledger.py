"""The audit trail read as acts: what each was, how far it came, and what is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from opsboard.act.audit.entry import Entry, Event, Result
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

_STATES: Final = {
    Result.DONE: ActivityState.FOLLOWING,
    Result.NOT_DONE: ActivityState.REFUSED,
    Result.UNKNOWN: ActivityState.UNKNOWN,
    Result.SUCCEEDED: ActivityState.SUCCEEDED,
    Result.FAILED: ActivityState.FAILED,
    Result.TIMED_OUT: ActivityState.TIMED_OUT,
}


@dataclass(slots=True)
class Act:
    """An act as the trail tells it: the intent, and what was written of it since."""

    intent: Entry
    since: list[Entry] = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        assert self.intent.plan is not None  # noqa: S101 - an intent has one: see acts_of()
        return self.intent.plan

    @property
    def last(self) -> Entry:
        return self.since[-1] if self.since else self.intent

    @property
    def receipt(self) -> Receipt | None:
        """What the server answered, where that is known."""
        told = [entry.receipt for entry in self.since if entry.receipt is not None]
        return told[-1] if told else None

    @property
    def is_unsettled(self) -> bool:
        """Whether nobody knows whether it was carried out."""
        return self.last.event is Event.INTENT or self.last.result is Result.UNKNOWN

    @property
    def is_unfollowed(self) -> bool:
        """Whether it was carried out, and has no verdict yet."""
        return self.last.result is Result.DONE

    @property
    def is_held(self) -> bool:
        """Whether the program that has it in its hands still runs."""
        return self.last.actor.is_running


def acts_of(entries: Iterable[Entry]) -> Sequence[Act]:
    """Return the acts in *entries*, in the order of their intents."""
    acts: dict[str, Act] = {}
    for entry in entries:
        if entry.event is Event.INTENT and entry.plan is not None:
            acts.setdefault(entry.plan_id, Act(entry))
        elif entry.plan_id in acts:
            acts[entry.plan_id].since.append(entry)
    return tuple(acts.values())


def activity_of(act: Act, **counted: int) -> Activity:
    """Return *act* as the board shows it, with how far it came where that was *counted*."""
    last, plan = act.last, act.plan
    state = _STATES[last.result] if last.result else ActivityState.UNKNOWN
    if last.event is Event.INTENT and act.is_held:
        state = ActivityState.RUNNING
    closed = state not in {ActivityState.RUNNING, ActivityState.FOLLOWING}
    receipt = act.receipt
    return activity(
        plan,
        act.intent,
        state,
        last.message or _SAID.get(state, ""),
        produced=receipt.produced if receipt else None,
        url=receipt.url or None if receipt else None,
        updated_at=last.at,
        finished_at=last.at if closed else None,
        **counted,
    )


_SAID: Final = {
    ActivityState.UNKNOWN: "outcome unknown: the program ended before it was seen",
    ActivityState.RUNNING: "being sent",
}


def activity(
    plan: Plan, intent: Entry, state: ActivityState, message: str, **more: object
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
        actor=intent.actor.told,
        cause=intent.reason,
        **more,  # type: ignore[arg-type]
    )
