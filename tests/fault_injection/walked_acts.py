"""Actions during a random walk: the audit trail has to agree with the world about them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final, TypeAlias

from opsboard.acting.audit.entry import AuditEntry, AuditEvent, AuditResult
from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.adapter import Plan, Request, SourceError
from opsboard.records import Kind, Record
from tests.fault_injection.server_control import ServerControl
from tests.fault_injection.walked_board import WalkedBoard

Within: TypeAlias = Callable[[Any], Any]
"""Returns what is asked of the engine, while time goes on."""

KINDS: Final = (Kind.DEPLOYMENT, Kind.MODEL, Kind.BUILD)


@dataclass(slots=True)
class WalkedAct:
    """An act that was begun when *since* requests had changed the world."""

    plan: Plan
    since: int
    until: int | None = None


class WalkedActs:
    """Acts on *board*, one act at a time, and keeps account of them."""

    def __init__(self, board: WalkedBoard, control: ServerControl, within: Within) -> None:
        self._board = board
        self._control = control
        self._random = Random(0)
        self._within = within
        self._acts: list[WalkedAct] = []
        self._refused: Counter[str] = Counter()

    @property
    def under_way(self) -> list[str]:
        """The acts that have not ended."""
        return [act.plan.title for act in self._acts if act.until is None]

    def begin(self, random: Random) -> str:
        """Plan something, as *random* decides, and begin it where nothing stands against it."""
        self._random = random
        if self.under_way:
            return "one is under way"
        record, action = self._choice()
        if record is None:
            return "there is nothing to do"
        request = Request(action=action, ref=record.ref)
        since = len(self._control.landed())
        try:
            plan = self._planned(request)
            word = self._board.operations.decide([plan]).confirmation_text
            consent = Consent(confirmed=True, typed=word, reason="a random walk")
            self._within(self._board.operations.start([plan], consent))
        except (SourceError, Refused) as error:
            self._refused[f"{action}: {type(error).__name__}"] += 1
            return f"{action} {record.id}: {error}"
        self._acts.append(WalkedAct(plan, since))
        return f"{action} {record.id}: {plan.id}"

    def _choice(self) -> tuple[Record | None, str]:
        kind = self._random.choice(KINDS)
        records = sorted(self._board.board.records(kind).values(), key=lambda one: one.ref)
        if not records:
            return None, ""
        record = self._random.choice(records)
        offered = [one.action.id for one in self._board.operations.available_actions(record)
                   if not one.disabled_reason and one.action.id != "retrain"]  # fmt: skip
        return (record, self._random.choice(offered)) if offered else (None, "")

    def _planned(self, request: Request) -> Plan:
        """Return the plan of *request*, told what its form proposes."""
        operations = self._board.operations
        form = self._within(operations.form(request))
        values = {one.name: one.default for one in form.inputs if one.default}
        if "replicas" in {one.name for one in form.inputs}:
            values["replicas"] = str(self._random.randrange(1, 6))
        told = request.model_copy(update={"values": values})
        plan: Plan = self._within(operations.plan(told))
        return plan

    # --- what must hold --------------------------------------------------------------------------

    def breaches(self) -> list[str]:
        """Return where the world and the audit trail say different things of an act."""
        if not self._acts:
            return []
        told = self._told()
        for act in self._acts:
            if act.until is None and _is_closed(told.get(act.plan.id)):
                act.until = len(self._control.landed())
        found: list[str] = []
        for act, after in zip(self._acts, [*self._acts[1:], None], strict=True):
            if act.until is not None:
                until = after.since if after else None
                found += self._breaches(act, told[act.plan.id], until)
        return found

    def _told(self) -> dict[str, AuditEntry]:
        """Return the last entry of each act in the audit trail."""
        return {entry.plan_id: entry for entry in self._board.trail.entries() if entry.plan_id}

    def _breaches(self, act: WalkedAct, last: AuditEntry, until: int | None) -> list[str]:
        landed = self._control.landed(act.since)
        if until is not None:
            landed = landed[: until - act.since]
        done = [one for one in landed if not one["mark"]]
        what = f"{act.plan.action} of {act.plan.target} ({act.plan.id})"
        said = f"{last.event}: {last.result}: {last.message}"
        sent = [f"{one['method']} {one['path']}" for one in done]
        if len(done) > 1:
            return [f"{what} was done {len(done)} times: {sent}"]
        if last.result is AuditResult.NOT_DONE and done:
            return [f"{what} is on record as not done, and it was: {sent}; {said}"]
        if last.result not in {AuditResult.NOT_DONE, AuditResult.UNKNOWN} and not done:
            return [f"{what} is on record as done, and nothing was: {said}"]
        return []

    def summary(self) -> dict[str, int]:
        """Return how many acts came to what, and why others were not begun."""
        told = self._told()
        ended = Counter(str(told[act.plan.id].result or "begun") for act in self._acts)
        return dict(ended + self._refused)


def _is_closed(last: AuditEntry | None) -> bool:
    """Tell whether it is on record what was done, by *last*; it may be followed still."""
    if last is None or last.event is AuditEvent.INTENT:
        return False
    return last.event is not AuditEvent.OUTCOME or last.result is not AuditResult.UNKNOWN
