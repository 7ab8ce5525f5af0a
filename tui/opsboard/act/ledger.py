"""The audit trail read as acts: what each was, how far it came, and what is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from opsboard.act.actor import Actor
from opsboard.act.audit.entry import Entry, Event, Result
from opsboard.act.audit.follower import START
from opsboard.act.audit.trail import Trail
from opsboard.act.holds import Holder, Holds
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
    Result.DONE: ActivityState.FOLLOWING,
    Result.NOT_DONE: ActivityState.REFUSED,
    Result.UNKNOWN: ActivityState.UNKNOWN,
    Result.SUCCEEDED: ActivityState.SUCCEEDED,
    Result.FAILED: ActivityState.FAILED,
    Result.TIMED_OUT: ActivityState.TIMED_OUT,
}


@dataclass(slots=True)
class Act:
    """An act as the trail tells it: the intent, what was written of it since, who has it now."""

    intent: Entry
    since: list[Entry] = field(default_factory=list)
    holder: Holder = Holder.NOBODY

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
    def is_open(self) -> bool:
        """Whether it has to be settled, or followed."""
        return self.is_unsettled or self.is_unfollowed

    @property
    def is_left(self) -> bool:
        """Whether it is open, and no program has it in its hands."""
        return self.is_open and self.holder is Holder.NOBODY


def acts_of(entries: Iterable[Entry], holds: Holds) -> Sequence[Act]:
    """Return the acts in *entries*, in the order of their intents; *holds* tells who has them."""
    acts: dict[str, Act] = {}
    _take(entries, acts)
    return _held(acts.values(), holds)


def _take(entries: Iterable[Entry], acts: dict[str, Act]) -> None:
    """Let *acts*, by their plans, go on with *entries*."""
    for entry in entries:
        if entry.event is Event.INTENT and entry.plan is not None:
            acts.setdefault(entry.plan_id, Act(entry))
        elif entry.plan_id in acts:
            acts[entry.plan_id].since.append(entry)


def _held(acts: Iterable[Act], holds: Holds) -> Sequence[Act]:
    """Return *acts* as they stand on record, each with who has it in his hands."""
    found = tuple(Act(act.intent, [*act.since]) for act in acts)
    for act in found:
        if act.is_open:
            act.holder = holds.holder(act.plan.id, act.last.actor)
    return found


class ActReader:
    """The acts on record in *trail*, read again and again. May be used from several threads."""

    def __init__(self, trail: Trail, holds: Holds) -> None:
        self._trail = trail
        self._holds = holds
        self._mark = START
        self._acts: dict[str, Act] = {}
        self._reading = Lock()

    def read(self) -> Sequence[Act]:
        """Return all acts, in the order of their intents. Raises AuditError.

        What was read before is not read again, unless the trail was changed.
        """
        with self._reading:
            news = self._trail.news(self._mark)
            if news.anew:
                self._acts.clear()
            self._mark = news.mark
            _take(news.entries, self._acts)
            return _held(self._acts.values(), self._holds)


def activity_of(act: Act, **counted: int) -> Activity:
    """Return *act* as the board shows it, with how far it came where that was *counted*."""
    last, plan = act.last, act.plan
    state, message = _state_of(act), last.message
    if act.is_open and act.holder is Holder.ELSEWHERE:
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


def _is_sought(act: Act) -> bool:
    """Tell whether what became of *act* is found out next."""
    given_up = act.last.event is Event.SETTLED or act.holder is Holder.ELSEWHERE
    return act.is_unsettled and not given_up


def _state_of(act: Act) -> ActivityState:
    if act.last.event is Event.INTENT and act.holder is Holder.PROGRAM:
        return ActivityState.RUNNING
    return _STATES.get(act.last.result or "", ActivityState.UNKNOWN)


def _elsewhere(actor: Actor) -> str:
    return (
        f"held elsewhere: by {actor.told} on {actor.host}, process {actor.pid}, unless that has "
        "ended; then take it up"
    )


_UNSEEN: Final = "outcome unknown"
_SAID: Final = {
    ActivityState.UNKNOWN: f"{_UNSEEN}: the program ended before it was seen",
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
