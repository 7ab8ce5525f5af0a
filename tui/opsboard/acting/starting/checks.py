"""The checks of one plan, while they go on: what is found is told as it comes."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from datetime import datetime
from math import isfinite
from typing import Any, Final, cast

from opsboard.acting.engine_port import EnginePort
from opsboard.acting.starting.judges import StartJudge
from opsboard.acting.starting.needs import check_need
from opsboard.adapter import (
    Need,
    Plan,
    SourceError,
    StartFinding,
    StartReport,
    StartState,
    not_told,
)
from opsboard.adapter.actions.start_checks import run_checks, why_not_told
from opsboard.adapter.start_findings import MAX_FINDINGS, worst_first
from opsboard.system.containment import contained, named

TOTAL_TIMEOUT: Final = 9.0
"""Seconds after which a plan is not waited for any more, whatever is still asked."""

MAX_PLANS: Final = 200
"""Plans whose checks are remembered, beside those that are under way."""

_log = logging.getLogger(__name__)


class StartChecks:
    """Checks plans, each once. Called in the engine's loop, if not told otherwise."""

    def __init__(
        self, engine: EnginePort, now: Callable[[], datetime], judges: Sequence[StartJudge] = ()
    ) -> None:
        self._engine = engine
        self._now = now
        self._judges = judges
        self._running: OrderedDict[str, _PlanChecks] = OrderedDict()

    def use(self, judges: Sequence[StartJudge]) -> None:
        """Ask *judges* of every plan that is checked from now on. From any thread."""
        self._judges = judges

    async def after(self, plan: Plan, seen: int) -> Plan:
        """Return *plan* with its findings, as soon as there are other than *seen* or all are in."""
        if plan.start_state is not StartState.CHECKING:
            return plan
        checks = self._running.get(plan.id)
        if checks is None:
            checks = self._running[plan.id] = _PlanChecks(
                plan, self._engine, self._now, self._judges
            )
            self._forget()
        return await checks.after(seen)

    def _forget(self) -> None:
        """Forget the oldest plans that are too many; one that is being checked is waited for."""
        done = [plan for plan, checks in self._running.items() if checks.is_done]
        for plan in done[: max(len(self._running) - MAX_PLANS, 0)]:
            del self._running[plan]


class _PlanChecks:
    """The checks of *plan*, which begin at once."""

    def __init__(
        self,
        plan: Plan,
        engine: EnginePort,
        now: Callable[[], datetime],
        judges: Sequence[StartJudge],
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._now = now
        self._judges = judges
        self._durations: tuple[float, ...] = ()
        self._found: dict[tuple[str, str], StartFinding] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self.is_done = False
        self._main = asyncio.create_task(self._check_all())

    async def after(self, seen: int) -> Plan:
        """Return the plan as soon as it has more than *seen* findings, or all."""
        while min(len(self._found), MAX_FINDINGS) <= seen and not self.is_done:
            self._changed.clear()
            await self._changed.wait()
        findings = tuple(worst_first(list(self._found.values())))[:MAX_FINDINGS]
        state = StartState.CHECKED if self.is_done else StartState.CHECKING
        found = {"start_findings": findings, "start_state": state, "durations": self._durations}
        return self._plan.model_copy(update=found)

    async def _check_all(self) -> None:
        self._spawn(self._of_source())
        for judge in self._judges:
            self._spawn(self._of_judge(judge))
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT):
                while self._tasks:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            why = f"not all answers came within {TOTAL_TIMEOUT:g} s"
            self._take((not_told("the rest", why, at=self._now()),))
        finally:
            for task in self._tasks:
                task.cancel()
            self.is_done = True
            self._changed.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take(self, findings: Sequence[StartFinding]) -> None:
        for one in findings:
            self._found.setdefault((one.text, one.subject), one)
        self._changed.set()

    # --- whom it asks ----------------------------------------------------------------------------

    async def _of_source(self) -> None:
        plan, about = self._plan, "what its source knows"
        try:
            collector = await self._engine.collector(plan.by)
            source = await collector.source()
            with contained():
                reports = cast("Any", source.start_checks(plan))
                async with aclosing(reports) as stream:
                    async for report in stream:
                        self._take_report(report)
        except SourceError as error:
            self._take((not_told(about, why_not_told(error), source=plan.by, at=self._now()),))
        except Exception as error:  # a third party's code may raise anything
            _log.exception("%s: whether %s will start", plan.by, plan.id)
            self._take((not_told(about, named(error), source=plan.by, at=self._now()),))

    def _take_report(self, report: object) -> None:
        if not isinstance(report, StartReport):
            raise SourceError(f"the adapter returned {type(report).__name__}, and no StartReport")
        self._take(report.findings)
        for need in report.needs:
            self._spawn(self._of_need(need))
        durations = tuple(one for one in report.durations if isfinite(one) and one >= 0)
        if len(durations) > len(self._durations):
            self._durations = durations

    async def _of_need(self, need: Need) -> None:
        try:
            for judge in self._judges:
                need = await judge.pinned(self._plan, need)
            self._take(await check_need(need, await self._engine.collectors(), self._now))
        except Exception as error:  # what is not told would look as if it was there
            _log.exception("%s: whether %s is there", self._plan.id, need)
            what = str(getattr(need, "what", "something that it needs"))
            self._take((not_told(what, named(error), at=self._now()),))

    async def _of_judge(self, judge: StartJudge) -> None:
        async for report in run_checks(judge.checks(self._plan), judge.source, self._now):
            self._take_report(report)
