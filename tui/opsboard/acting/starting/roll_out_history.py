"""What the ledger says of a plan: how its destination did here before, and how long it takes."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from opsboard.acting.in_flight import minute_time
from opsboard.adapter import (
    Need,
    Plan,
    Severity,
    SourceError,
    StartCheck,
    StartFinding,
    StartReport,
)
from opsboard.history.roll_outs import RollOut
from opsboard.records import Kind, Ref
from opsboard.records.identity import image_tag

SOURCE: Final = "history"
MAX_DURATIONS: Final = 50
"""Earlier roll-outs whose times are told, the latest ones."""

ReadRollOuts = Callable[[Ref], Awaitable[Sequence[RollOut]]]
"""Returns the roll-outs of a workload, the first one first. Raises SourceError."""


class PastJudge:
    """Asks *read* for the roll-outs of the workload of a plan, once for each plan."""

    source = SOURCE

    def __init__(self, read: ReadRollOuts, now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now

    def checks(self, plan: Plan) -> Sequence[StartCheck]:
        if plan.ref.kind is not Kind.DEPLOYMENT:
            return ()
        return (StartCheck("what happened here before", partial(self._report, plan)),)

    async def _report(self, plan: Plan) -> StartReport:
        found = await self._read(plan.ref)
        durations = [one.took.total_seconds() for one in found if one.took is not None]
        latest = tuple(reversed(durations[-MAX_DURATIONS:]))
        return StartReport(tuple(self._findings(plan, found)), durations=latest)

    async def pinned(self, plan: Plan, need: Need) -> Need:
        """Return *need* with the digest that its tag had when the destination ran last.

        It is known where nothing else ran beside it: which digest is whose is not on record.
        """
        if need.pinned or plan.ref.kind is not Kind.DEPLOYMENT:
            return need
        try:
            found = [one for one in await self._read(plan.ref) if one.revision in plan.destination]
        except SourceError:
            return need
        if not found or len(found[-1].digests) != 1 or len(found[-1].images) != 1:
            return need
        ran = image_tag(found[-1].images[0], SOURCE)
        is_it = ran is not None and ran.identity == need.identity
        return need._replace(pinned=found[-1].digests[0]) if is_it else need

    def _findings(self, plan: Plan, found: Sequence[RollOut]) -> Iterator[StartFinding]:
        own = [one for one in found if one.revision in plan.destination]
        if not own:
            return
        last, now = own[-1], self._now()
        name = plan.versions[1] or f"revision {last.revision}"
        if last.was_left_failing and last.failed_at is not None:
            why = f" ({last.why})" if last.why else ""
            left = f", and was left for revision {last.left_for}"
            if last.left_at is not None:
                left = f"{left} at {minute_time(last.left_at, now)}"
            text = f"{name} failed here at {minute_time(last.failed_at, now)}{why}{left}"
            yield _told(Severity.WARNING, text, last.failed_at)
        elif last.took is not None:
            text = f"{name} came up here at {minute_time(last.at, now)}"
            yield _told(Severity.NOTE, text, last.at)


def _told(severity: Severity, text: str, at: datetime) -> StartFinding:
    return StartFinding(severity=severity, text=text, subject="ledger", at=at)
