"""Executing one plan: it is sent once, its outcome is recorded, and it is observed to a verdict."""

import asyncio
import logging
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final, cast

from opsboard.acting.audit.action_history import ActionRun, activity, activity_of
from opsboard.acting.audit.entry import AuditEntry, AuditEvent, AuditResult
from opsboard.acting.audit.log import AuditError, AuditLog
from opsboard.acting.engine_port import EnginePort
from opsboard.acting.in_flight import PAUSES, SEND_TIMEOUT, InFlightRequest
from opsboard.acting.model_version_wait import wait_for_new_version
from opsboard.acting.plan_masking import NOT_STORED
from opsboard.acting.starting.durations import against_usual
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
from opsboard.adapter.plans import LONGEST_TIMEOUT
from opsboard.collect.redact import Redactor, is_unredacted
from opsboard.records import Activity, ActivityState
from opsboard.system.containment import contained, named

_RESULTS: Final = {
    Verdict.SUCCEEDED: AuditResult.SUCCEEDED,
    Verdict.FAILED: AuditResult.FAILED,
    Verdict.TIMED_OUT: AuditResult.TIMED_OUT,
}
_FATES: Final = {
    ReconcileOutcome.DONE: AuditResult.DONE,
    ReconcileOutcome.NOT_DONE: AuditResult.NOT_DONE,
    ReconcileOutcome.UNKNOWN: AuditResult.UNKNOWN,
}
_IN_DOUBT: Final = (OutcomeUnknown, Unreachable, Malformed)
"""Errors after which the change may have happened all the same: the request may have arrived."""

_log = logging.getLogger(__name__)


class RunExecution:
    """One run while it is executed. All of it runs in the engine's loop."""

    def __init__(
        self,
        run: ActionRun,
        engine: EnginePort,
        audit_log: AuditLog,
        clock: Clock,
        redactor: Redactor,
        *,
        whole: Plan | None = None,
    ) -> None:
        """*whole* is the plan before secrets in it were masked, where this session has made it."""
        self.run = run
        self.plan: Plan = run.plan
        self._original = whole or run.plan
        self._has_lost_secrets = whole is None and not is_unredacted(run.plan)
        """Whether the plan is only known from the audit log, which has no secrets."""
        self._engine = engine
        self._audit_log = audit_log
        self._clock = clock
        self._redactor = redactor
        self._reported: dict[str, Any] = {}
        self.shown: Activity | None = None
        """The activity that the board shows of it."""

    # --- sending ---------------------------------------------------------------------------------

    async def send(self, permit: Permit) -> AuditResult:
        """Send the plan once; return the outcome, which is in the audit log by then."""
        self.report(ActivityState.RUNNING, "being sent")
        try:
            receipt = await asyncio.wait_for(self._sent(permit), SEND_TIMEOUT)
        except TimeoutError:
            return self._unseen(permit, "the server did not answer in time")
        except NotSent as error:
            return self._record(AuditEvent.OUTCOME, AuditResult.NOT_DONE, _said(error))
        except _IN_DOUBT as error:
            return self._unseen(permit, _said(error))
        except SourceError as error:
            return self._record(AuditEvent.OUTCOME, AuditResult.NOT_DONE, _said(error))
        except asyncio.CancelledError:
            self._unseen(permit, "the program ended while it was sent")
            raise
        except Exception as error:  # an adapter's fault: nobody knows how far it came
            _log.exception("%s: carrying out %s", self.plan.by, self.plan.id)
            return self._unseen(permit, named(error))
        return self._record(AuditEvent.OUTCOME, AuditResult.DONE, receipt.message, receipt)

    def _unseen(self, permit: Permit, why: str) -> AuditResult:
        """Record that no outcome was seen. Nothing was sent if the permit was not asked for."""
        if permit.was_asked_for:
            return self._record(AuditEvent.OUTCOME, AuditResult.UNKNOWN, why)
        return self._record(AuditEvent.OUTCOME, AuditResult.NOT_DONE, f"nothing was sent: {why}")

    async def _sent(self, permit: Permit) -> Receipt:
        source = await self._source()
        with contained():
            receipt: object = await source.execute(self._original, permit)
        if not isinstance(receipt, Receipt):
            raise TypeError(f"the adapter returned {type(receipt).__name__}, and no Receipt")
        return receipt

    # --- reconciling -----------------------------------------------------------------------------

    async def reconcile(self, *, once: bool = False) -> AuditResult:
        """Find out the outcome by checking what happened, and record it.

        "Not done" is believed only once no request of the run can be in flight any more; until
        then it asks again and again. With *once*, it asks a single time and may leave it open.
        """
        if self._has_lost_secrets:
            return self._cannot_look(f"outcome unknown: {NOT_STORED}", once=once)
        flight = InFlightRequest(self.run, self._clock.now())
        self._tell_unknown(flight, "checking what happened")
        while True:
            seen, why = await self._look()
            if seen is not None and flight.is_conclusive(seen):
                return self._settled(seen)
            self._tell_unknown(flight, why)
            if once:
                return AuditResult.UNKNOWN
            if flight.should_give_up:
                return self._cannot_look(f"outcome unknown: {why}", once=False)
            await self._clock.sleep(flight.pause())

    def _settled(self, seen: ReconcileResult) -> AuditResult:
        if seen.outcome is ReconcileOutcome.UNKNOWN:
            return self._cannot_look(seen.message, once=False)
        return self._record(AuditEvent.SETTLED, _FATES[seen.outcome], seen.message, seen.receipt)

    def _cannot_look(self, why: str, *, once: bool) -> AuditResult:
        """Show *why* the outcome stays unknown, and record it unless the log says so already."""
        last, why = self.run.last, self._redactor.redact(why)
        if last.event is AuditEvent.SETTLED and last.message == why:
            self._tell_recorded()  # nobody looks any further
        elif once:
            self.report(ActivityState.UNKNOWN, why)
        else:
            self._record(AuditEvent.SETTLED, AuditResult.UNKNOWN, why)
        return AuditResult.UNKNOWN

    def _tell_unknown(self, flight: InFlightRequest, why: str) -> None:
        self.report(ActivityState.UNKNOWN, flight.message(why, self._clock.now()))

    async def _look(self) -> tuple[ReconcileResult | None, str]:
        """Return what the source says of it now, or ``None``, and a sentence on that."""
        try:
            source = await self._source()
            with contained():
                seen: object = await source.reconcile(self._original)
        except SourceError as error:
            return None, _said(error)
        except Exception as error:
            _log.exception("%s: settling %s", self.plan.by, self.plan.id)
            return None, named(error)
        if not isinstance(seen, ReconcileResult):
            return None, f"the adapter returned {type(seen).__name__}, and no result"
        return seen, seen.message

    # --- observing -------------------------------------------------------------------------------

    async def observe(self) -> AuditResult:
        """Observe it until there is a verdict or its timeout passes; return the result."""
        if self._has_lost_secrets:
            message = f"carried out; it cannot be followed: {NOT_STORED}"
            return self._record(AuditEvent.VERDICT, AuditResult.TIMED_OUT, message)
        receipt = self.run.receipt or Receipt(message="")
        timeout = min(self.plan.timeout, LONGEST_TIMEOUT)
        deadline = self._clock.now().timestamp() + timeout
        self.report(ActivityState.FOLLOWING, receipt.message, **_seen_of(receipt))
        try:
            async with asyncio.timeout(timeout):
                end = await self._end(receipt, deadline)
        except TimeoutError:
            end = None
        if end is None or end.verdict is None:
            message = f"no verdict within {timeout:.0f} s"
            if last := str(self._reported.get("message") or ""):
                message = f"{message}; last: {last}"
            return self._record(AuditEvent.VERDICT, AuditResult.TIMED_OUT, message)
        self._reported |= {"done": end.done, "total": end.total}
        return self._record(AuditEvent.VERDICT, _RESULTS[end.verdict], end.message)

    async def _end(self, receipt: Receipt, deadline: float) -> Progress | None:
        """Return the progress that has a verdict; errors on the way are retried."""
        tries = 0
        while self._clock.now().timestamp() < deadline:
            try:
                with contained():
                    end = await self._followed(receipt)
                if end is not None:
                    return end
                why = "the source ended its report without a verdict"
            except SourceError as error:
                why = _said(error)
            except Exception as error:
                _log.exception("%s: following %s", self.plan.by, self.plan.id)
                why = named(error)
            self.report(ActivityState.FOLLOWING, f"cannot be followed now: {why}")
            await self._clock.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
        return None

    async def _followed(self, receipt: Receipt) -> Progress | None:
        source = await self._source()
        stream = cast("Any", source.observe(self._original, receipt))
        async with aclosing(stream) as progress:
            async for one in progress:
                if one.verdict is not None:
                    return await self._awaited(one)
                self.report(
                    ActivityState.FOLLOWING, self._against_usual(one.message),
                    done=one.done, total=one.total,
                    **({"produced": one.produced} if one.produced else {}),
                )  # fmt: skip
        return None

    def _against_usual(self, message: str) -> str:
        """Return *message* with how long it has taken, where that can be held against others."""
        since = (self._clock.now() - self.run.intent.at).total_seconds()
        standing = against_usual(self.plan.durations, since)
        return f"{message}; {standing}" if standing else message

    async def _awaited(self, end: Progress) -> Progress:
        """Return *end*, after waiting for the new model version that the plan expects."""
        if not self.plan.awaits or end.verdict is not Verdict.SUCCEEDED:
            return end
        self.report(ActivityState.FOLLOWING, f"{end.message}; waiting for the new version")
        return await wait_for_new_version(self._original, self._engine, self._clock)

    # --- reporting -------------------------------------------------------------------------------

    async def _source(self) -> Source:
        collector = await self._engine.collector(self.plan.by)
        return await collector.source()

    def report(self, state: ActivityState, message: str, **more: Any) -> None:
        """Show *state* and *message* on the board."""
        self._reported = {**self._reported, **more, "message": self._redactor.redact(message)}
        now = self._clock.now()
        fields = {key: value for key, value in self._reported.items() if key != "message"}
        shown = activity(
            self.plan, self.run.intent, state, self._reported["message"], updated_at=now, **fields
        )
        self._show(shown, now)

    def _show(self, shown: Activity, now: datetime) -> None:
        self.shown = shown
        self._engine.publish([shown], now)

    def _record(
        self, event: AuditEvent, result: AuditResult, message: str, receipt: Receipt | None = None
    ) -> AuditResult:
        entry = self._entry(event).model_copy(
            update={
                "result": result,
                "message": self._redactor.redact(message),
                "receipt": receipt and self._redactor.structure(receipt),
            }
        )
        try:
            entry = self._audit_log.append(entry)
        except AuditError as error:  # it has happened: report it all the same
            _log.error("the audit trail misses an entry: %s", error)
            entry = entry.model_copy(
                update={"message": f"{entry.message} (not on record: {error})"}
            )
        self.run.later_entries.append(entry)
        self._tell_recorded()
        return result

    def _tell_recorded(self) -> None:
        counted = {key: self._reported[key] for key in ("done", "total") if key in self._reported}
        shown = activity_of(self.run, **counted)
        self._reported["message"] = shown.message
        self._show(shown, self._clock.now())

    def _entry(self, event: AuditEvent) -> AuditEntry:
        plan = self.plan
        return self._audit_log.entry(event).model_copy(
            update={
                "plan_id": plan.id,
                "action": plan.action,
                "target": plan.target,
                "environment": plan.environment,
                "reason": self.run.intent.reason,
            }
        )


def _said(error: SourceError) -> str:
    return f"{error.message}: {error.hint}" if error.hint else error.message


def _seen_of(receipt: Receipt) -> dict[str, Any]:
    seen = {"produced": receipt.produced, "url": receipt.url or None}
    return {key: value for key, value in seen.items() if value}
