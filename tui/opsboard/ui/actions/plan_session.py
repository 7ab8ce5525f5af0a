"""The plan of an action for its targets: how far it is, and whether it still holds.

The targets are fixed: whatever the board shows meanwhile, a plan stays the same until it is made
again, which the user has to ask for.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import ActionSpec, Form, Plan, SourceError, Unsupported
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import Record, Ref
from opsboard.ui.actions.plan_batch import PlanBatch, PlanBuilder, SkippedTarget
from opsboard.ui.actions.record_selection import GONE
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.context import AppContext

if TYPE_CHECKING:
    from opsboard.acting.service import ActionService
    from opsboard.board.state import BoardDelta


CHECKED_AT_ONCE: Final = 4
"""Plans that are checked at the same time: each asks several servers several things."""


class PlanStage(StrEnum):
    """How far the action is; the value is shown in the caption."""

    FILLING = "reading its inputs"
    PLANNING = "planning"
    PLANNED = "planned"
    FAILED = "no plan"
    BEGINNING = "beginning"
    BEGUN = "begun"
    LEFT = "left"


_STARTED: Final = frozenset({PlanStage.BEGINNING, PlanStage.BEGUN, PlanStage.LEFT})


class PlanSession:
    """Plans *spec* for *targets*; *skipped* were selected too, with the reasons why they are not.

    :attr:`batch` and :attr:`decision` are of the last plan, and :attr:`error` is why there is
    none. :attr:`has_changed` is set when the board has changed a target since.
    """

    def __init__(
        self,
        context: AppContext,
        spec: ActionSpec,
        targets: Sequence[RecordTarget],
        skipped: Sequence[tuple[RecordTarget, str]] = (),
    ) -> None:
        self._context = context
        left_out = tuple(SkippedTarget(target.name, reason) for target, reason in skipped)
        self.builder = PlanBuilder(spec, tuple(targets), left_out)
        self.has_several = len(targets) + len(left_out) > 1
        self.stage = PlanStage.PLANNING
        self.batch = PlanBatch()
        self.decision = GuardDecision(PolicyDecision.DENY)
        self.error: SourceError | None = None
        self.has_changed = False
        self.planned_at: datetime | None = None
        self._seen: Mapping[Ref, Record | None] = {}

    @property
    def spec(self) -> ActionSpec:
        """The action."""
        return self.builder.offer

    @property
    def acts(self) -> "ActionService":
        """What plans and executes. Raises :exc:`Unsupported` on a board that only shows."""
        if (acts := self._context.acts) is None:
            raise Unsupported("this board has no actions")
        return acts

    @property
    def is_started(self) -> bool:
        """Whether the action is being executed, so that nothing is planned any more."""
        return self.stage in _STARTED

    @property
    def targets_text(self) -> str:
        """The targets, in short."""
        return self.builder.target_text(self._context.styles.glyphs.arrow)

    @property
    def gone(self) -> str:
        """The targets that are gone from the board since they were planned; ``""`` if none is."""
        lost = [target.name for target in self.builder.targets if self._is_lost(target)]
        return f"{', '.join(lost)}: {GONE}" if lost else ""

    def _is_lost(self, target: RecordTarget) -> bool:
        board = self._context.board
        if target.ref in self._seen:
            return self._seen[target.ref] is not None and board.get(target.ref) is None
        return target.is_gone(board)

    # --- planning --------------------------------------------------------------------------------

    @property
    def needs_form(self) -> bool:
        """Whether nothing can be planned before the form was filled in."""
        return self.spec.needs_input and self.builder.values is None

    @property
    def values(self) -> Mapping[str, str]:
        """The values that the form starts with: the last ones, or those of the plan."""
        if self.builder.values is not None:
            return self.builder.values
        plans, [target, *_] = self.batch.plans, self.builder.targets
        return plans[0].values if plans else target.values(self.spec.id)

    async def form(self) -> Form:
        """Return the form of the action. Raises :exc:`SourceError`."""
        return await self.builder.form(self.acts)

    async def plan(self) -> None:
        """Make the plans, and ask the guard. Raises :exc:`SourceError`; then there is no plan."""
        try:
            self.batch = await self.builder.build(self.acts)
            self.refresh_decision()
        except SourceError:
            self.batch = PlanBatch()
            raise
        self.has_changed, self.planned_at = False, self._context.clock.now()
        self._seen = {ref: self._context.board.get(ref) for ref in self.batch.refs}

    async def check_start(self, on_found: Callable[[], None]) -> None:
        """Check whether what the plans bring back will start; call *on_found* with each finding.

        Raises :exc:`SourceError` where the checks themselves cannot be made.
        """
        turns = asyncio.Semaphore(CHECKED_AT_ONCE)

        async def check(plan: Plan) -> None:
            async with turns:
                async for checked in self.acts.start_checks(plan):
                    self.batch = self.batch.replaced(checked)
                    self.refresh_decision()
                    on_found()

        if self.batch.is_checking:
            await asyncio.gather(*map(check, self.batch.executable))

    def refresh_decision(self) -> None:
        """Ask the guard for its decision; about blocked plans only if there are no others."""
        self.decision = self.acts.decide(self.batch.executable or self.batch.blocked)

    def note_change(self, delta: "BoardDelta") -> bool:
        """Note whether *delta* has changed a target; return whether it may concern one."""
        board = self._context.board
        self.has_changed |= any(board.get(ref) != seen for ref, seen in self._seen.items())
        return any(delta.touches(ref.kind) for ref in self._seen)
