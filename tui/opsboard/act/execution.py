"""Carrying out one plan: sent once, its outcome on record, followed to a verdict."""

import asyncio
import logging
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final, cast

from opsboard.act.audit.entry import Entry, Event, Result
from opsboard.act.audit.trail import AuditError, Trail
from opsboard.act.in_flight import PAUSES, SEND_WITHIN, InFlight
from opsboard.act.ledger import Act, activity, activity_of
from opsboard.act.new_version import new_version
from opsboard.act.reach import Reach
from opsboard.act.secrecy import NOT_KEPT
from opsboard.adapter import (
    Clock,
    Malformed,
    NotSent,
    OutcomeUnknown,
    Permit,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Source,
    SourceError,
    Unreachable,
    Verdict,
)
from opsboard.collect.redact import Redactor, is_whole
from opsboard.records import Activity, ActivityState

_RESULTS: Final = {
    Verdict.SUCCEEDED: Result.SUCCEEDED,
    Verdict.FAILED: Result.FAILED,
    Verdict.TIMED_OUT: Result.TIMED_OUT,
}
_FATES: Final = {
    ReconcileOutcome.DONE: Result.DONE,
    ReconcileOutcome.NOT_DONE: Result.NOT_DONE,
    ReconcileOutcome.UNKNOWN: Result.UNKNOWN,
}
_IN_DOUBT: Final = (OutcomeUnknown, Unreachable, Malformed)
"""Errors after which it may have been done all the same: what was sent may have arrived."""

_log = logging.getLogger(__name__)


class Execution:
    """One act on its way. Runs in the engine's loop."""

    def __init__(
        self,
        act: Act,
        reach: Reach,
        trail: Trail,
        clock: Clock,
        redactor: Redactor,
        *,
        whole: Plan | None = None,
    ) -> None:
        """*whole* is the plan before it was masked, where this session has made it."""
        self.act = act
        self.plan: Plan = act.plan
        self._whole = whole or act.plan
        self._is_lacking = whole is None and not is_whole(act.plan)
        """Whether it is only known from the record, on which a secret was not kept."""
        self._reach = reach
        self._trail = trail
        self._clock = clock
        self._redactor = redactor
        self._told: dict[str, Any] = {}
        self.shown: Activity | None = None
        """What the board was last told of it."""

    # --- sending ---------------------------------------------------------------------------------

    async def send(self, permit: Permit) -> Result:
        """Carry out the plan; return what is known of that, which is on record then."""
        self.tell(ActivityState.RUNNING, "being sent")
        try:
            receipt = await asyncio.wait_for(self._sent(permit), SEND_WITHIN)
        except TimeoutError:
            return self._unseen(permit, "the server did not answer in time")
        except NotSent as error:
            return self._record(Event.OUTCOME, Result.NOT_DONE, _said(error))
        except _IN_DOUBT as error:
            return self._unseen(permit, _said(error))
        except SourceError as error:
            return self._record(Event.OUTCOME, Result.NOT_DONE, _said(error))
        except asyncio.CancelledError:
            self._unseen(permit, "the program ended while it was sent")
            raise
        except Exception as error:  # an adapter's fault: nobody knows how far it came
            _log.exception("%s: carrying out %s", self.plan.by, self.plan.id)
            return self._unseen(permit, f"{type(error).__name__}: {error}")
        return self._record(Event.OUTCOME, Result.DONE, receipt.message, receipt)

    def _unseen(self, permit: Permit, why: str) -> Result:
        """Record that no outcome was seen; until the permit was asked for, nothing was sent."""
        if permit.was_asked_for:
            return self._record(Event.OUTCOME, Result.UNKNOWN, why)
        return self._record(Event.OUTCOME, Result.NOT_DONE, f"nothing was sent: {why}")

    async def _sent(self, permit: Permit) -> Receipt:
        return await (await self._source()).execute(self._whole, permit)

    # --- settling --------------------------------------------------------------------------------

    async def reconcile(self, *, once: bool = False) -> Result:
        """Find out what became of it, and put that on record.

        That it was not done is believed once nothing of it can be under way any more: looks again
        and again until then. With *once*, it looks a single time, and leaves open what is open.
        """
        if self._is_lacking:
            return self._cannot_look(f"outcome unknown: {NOT_KEPT}", once=once)
        flight = InFlight(self.act, self._clock.now())
        self._tell_unknown(flight, "looking at the world")
        while True:
            seen, why = await self._look()
            if seen is not None and flight.settles(seen):
                return self._settled(seen)
            self._tell_unknown(flight, why)
            if once:
                return Result.UNKNOWN
            if flight.is_hopeless:
                return self._cannot_look(f"outcome unknown: {why}", once=False)
            await self._clock.sleep(flight.pause())

    def _settled(self, seen: ReconcileResult) -> Result:
        if seen.outcome is ReconcileOutcome.UNKNOWN:
            return self._cannot_look(seen.message, once=False)
        return self._record(Event.SETTLED, _FATES[seen.outcome], seen.message, seen.receipt)

    def _cannot_look(self, why: str, *, once: bool) -> Result:
        """Say *why*, and put it on record where it is not there yet."""
        last, why = self.act.last, self._redactor.redact(why)
        if last.event is Event.SETTLED and last.message == why:
            self._tell_recorded()  # looked for by nobody any more
        elif once:
            self.tell(ActivityState.UNKNOWN, why)
        else:
            self._record(Event.SETTLED, Result.UNKNOWN, why)
        return Result.UNKNOWN

    def _tell_unknown(self, flight: InFlight, why: str) -> None:
        self.tell(ActivityState.UNKNOWN, flight.told(why, self._clock.now()))

    async def _look(self) -> tuple[ReconcileResult | None, str]:
        """Return what the source sees of it now, or ``None``, and what to say of that."""
        try:
            seen = await (await self._source()).reconcile(self._whole)
        except SourceError as error:
            return None, _said(error)
        except Exception as error:
            _log.exception("%s: settling %s", self.plan.by, self.plan.id)
            return None, f"{type(error).__name__}: {error}"
        return seen, seen.message

    # --- following -------------------------------------------------------------------------------

    async def follow(self) -> Result:
        """Follow it to its verdict, which is on record then."""
        if self._is_lacking:
            told = f"carried out; it cannot be followed: {NOT_KEPT}"
            return self._record(Event.VERDICT, Result.TIMED_OUT, told)
        receipt = self.act.receipt or Receipt(message="")
        deadline = self._clock.now().timestamp() + self.plan.timeout
        self.tell(ActivityState.FOLLOWING, receipt.message, **_seen_of(receipt))
        try:
            async with asyncio.timeout(self.plan.timeout):
                end = await self._end(receipt, deadline)
        except TimeoutError:
            end = None
        if end is None or end.verdict is None:
            message = f"no verdict within {self.plan.timeout:.0f} s"
            if last := str(self._told.get("message") or ""):
                message = f"{message}; last: {last}"
            return self._record(Event.VERDICT, Result.TIMED_OUT, message)
        self._told |= {"done": end.done, "total": end.total}
        return self._record(Event.VERDICT, _RESULTS[end.verdict], end.message)

    async def _end(self, receipt: Receipt, deadline: float) -> Progress | None:
        """Return the progress with a verdict; what goes wrong on the way is tried again."""
        tries = 0
        while self._clock.now().timestamp() < deadline:
            try:
                if (end := await self._followed(receipt)) is not None:
                    return end
                why = "the source stopped telling"
            except SourceError as error:
                why = _said(error)
            except Exception as error:
                _log.exception("%s: following %s", self.plan.by, self.plan.id)
                why = f"{type(error).__name__}: {error}"
            self.tell(ActivityState.FOLLOWING, f"cannot be followed now: {why}")
            await self._clock.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
        return None

    async def _followed(self, receipt: Receipt) -> Progress | None:
        source = await self._source()
        stream = cast("Any", source.observe(self._whole, receipt))
        async with aclosing(stream) as progress:
            async for one in progress:
                if one.verdict is not None:
                    return await self._awaited(one)
                self.tell(
                    ActivityState.FOLLOWING, one.message, done=one.done, total=one.total,
                    **({"produced": one.produced} if one.produced else {}),
                )  # fmt: skip
        return None

    async def _awaited(self, end: Progress) -> Progress:
        """Return *end*, once what was to come of it is there."""
        if not self.plan.awaits or end.verdict is not Verdict.SUCCEEDED:
            return end
        self.tell(ActivityState.FOLLOWING, f"{end.message}; waiting for the new version")
        return await new_version(self._whole, self._reach, self._clock)

    # --- telling ---------------------------------------------------------------------------------

    async def _source(self) -> Source:
        collector = await self._reach.collector(self.plan.by)
        return await collector.source()

    def tell(self, state: ActivityState, message: str, **more: Any) -> None:
        """Let the board show that it is in *state*."""
        self._told = {**self._told, **more, "message": self._redactor.redact(message)}
        now = self._clock.now()
        told = {key: value for key, value in self._told.items() if key != "message"}
        shown = activity(
            self.plan, self.act.intent, state, self._told["message"], updated_at=now, **told
        )
        self._show(shown, now)

    def _show(self, shown: Activity, now: datetime) -> None:
        self.shown = shown
        self._reach.tell([shown], now)

    def _record(
        self, event: Event, result: Result, message: str, receipt: Receipt | None = None
    ) -> Result:
        entry = self._entry(event).model_copy(
            update={
                "result": result,
                "message": self._redactor.redact(message),
                "receipt": receipt and self._redactor.structure(receipt),
            }
        )
        try:
            entry = self._trail.append(entry)
        except AuditError as error:  # it has been done: say so all the same
            _log.error("the audit trail misses an entry: %s", error)
            entry = entry.model_copy(
                update={"message": f"{entry.message} (not on record: {error})"}
            )
        self.act.since.append(entry)
        self._tell_recorded()
        return result

    def _tell_recorded(self) -> None:
        counted = {key: self._told[key] for key in ("done", "total") if key in self._told}
        shown = activity_of(self.act, **counted)
        self._told["message"] = shown.message
        self._show(shown, self._clock.now())

    def _entry(self, event: Event) -> Entry:
        plan = self.plan
        return self._trail.entry(event).model_copy(
            update={
                "plan_id": plan.id,
                "action": plan.action,
                "target": plan.target,
                "environment": plan.environment,
                "reason": self.act.intent.reason,
            }
        )


def _said(error: SourceError) -> str:
    return f"{error.message}: {error.hint}" if error.hint else error.message


def _seen_of(receipt: Receipt) -> dict[str, Any]:
    seen = {"produced": receipt.produced, "url": receipt.url or None}
    return {key: value for key, value in seen.items() if value}
