"""The making of a plan on a screen: the form first where it is needed, and again when asked.

What it is about is frozen: whatever the board shows meanwhile, it stays the same until it is
planned anew, and that has to be asked for.
"""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from textual import on

from opsboard.acting.decision import GuardDecision
from opsboard.acting.service import ActionService
from opsboard.adapter import ActionSpec, Form, SourceError, Unsupported
from opsboard.config.settings import PolicyDecision
from opsboard.records import Record, Ref
from opsboard.ui.actions.plan_batch import PlanBatch, PlanBuilder, SkippedTarget
from opsboard.ui.actions.record_selection import GONE
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged
from opsboard.ui.render.plan_rows import environments_of
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.screens.form import FormScreen

if TYPE_CHECKING:
    from opsboard.board.state import Board


class PlanStage(StrEnum):
    """How far it is; the value is the word in the caption."""

    FILLING = "asking what it can be told"
    PLANNING = "planning"
    PLANNED = "planned"
    FAILED = "no plan"
    BEGINNING = "beginning"
    BEGUN = "begun"
    LEFT = "left"


_OVER: Final = frozenset({PlanStage.BEGINNING, PlanStage.BEGUN, PlanStage.LEFT})
"""From here on, nothing is planned any more."""


class PlanScreenBase(BaseScreen):
    """Plans *offer* for *targets*; *left_out* were meant too, and why they cannot be.

    A subclass shows it in :meth:`write`, and is told by :meth:`planned` of each plan.
    """

    def __init__(
        self,
        context: AppContext,
        offer: ActionSpec,
        targets: Sequence[RecordTarget],
        left_out: Sequence[tuple[RecordTarget, str]] = (),
    ) -> None:
        super().__init__(context)
        out = tuple(SkippedTarget(target.name, why) for target, why in left_out)
        self.planner = PlanBuilder(offer, tuple(targets), out)
        self.many = len(targets) + len(out) > 1
        self.step = PlanStage.PLANNING
        self.plan_batch = PlanBatch()
        self.judgement = GuardDecision(PolicyDecision.DENY)
        self.error: SourceError | None = None
        self.changed_since = False
        self.planned_at: datetime | None = None
        self._seen: Mapping[Ref, Record | None] = {}

    @property
    def acts(self) -> ActionService:
        """What plans and carries out. Raises :exc:`Unsupported` on a board without."""
        acts = self.context.acts
        if acts is None:
            raise Unsupported("this board only shows")
        return acts

    @property
    def targets_text(self) -> str:
        """What it is about, in short."""
        return self.planner.target_text(self.context.styles.glyphs.arrow)

    @property
    def gone(self) -> str:
        """What the board had when it was taken up, or planned, and has no more; ``""`` if all."""
        board = self.context.board
        lost = [one.name for one in self.planner.targets if self._is_lost(one, board)]
        return f"{', '.join(lost)}: {GONE}" if lost else ""

    def _is_lost(self, target: RecordTarget, board: "Board") -> bool:
        """Tell whether *target* is gone since its source was last asked about it."""
        if target.ref in self._seen:
            return self._seen[target.ref] is not None and board.get(target.ref) is None
        return target.is_gone(board)

    def on_mount(self) -> None:
        """Ask for the form where nothing can be planned without, or else for the plan."""
        self.show_environments(*(target.record.environment for target in self.planner.targets))
        self.reload()

    def write(self) -> None:
        """Show how it is now."""
        raise NotImplementedError

    def planned(self, *, first: bool) -> None:
        """Take in that there is a plan: the *first* one, or another since."""
        raise NotImplementedError

    def enter_stage(self, step: PlanStage, error: SourceError | None = None) -> None:
        """Be at *step* from now on."""
        self.step, self.error = step, error
        self.write()
        self.refresh_bindings()

    # --- planning --------------------------------------------------------------------------------

    def reload(self) -> None:
        """Plan anew."""
        if self.step in _OVER:
            return
        if self.planner.offer.needs_input and self.planner.values is None:
            self.fill_in()
        else:
            self._make()

    def _make(self) -> None:
        first = self.planned_at is None
        self.enter_stage(PlanStage.PLANNING)
        self._work(self._plan(first=first))

    def _work(self, work: Coroutine[None, None, None]) -> None:
        self.run_worker(work, group="plan", exclusive=True, exit_on_error=False)

    async def _plan(self, *, first: bool) -> None:
        context = self.context
        try:
            self.plan_batch = await self.planner.build(self.acts)
            self.refresh_decision()
        except SourceError as error:
            self.plan_batch = PlanBatch()
            self.enter_stage(PlanStage.FAILED, error)
            return
        self.show_environments(
            *environments_of(self.plan_batch.executable or self.plan_batch.blocked)
        )
        self.changed_since, self.planned_at = False, context.clock.now()
        self._seen = {ref: context.board.get(ref) for ref in self.plan_batch.refs}
        self.enter_stage(PlanStage.PLANNED)
        self.planned(first=first)

    def refresh_decision(self) -> None:
        """Ask what the guard says; of blocked plans alone, where there are no others."""
        self.judgement = self.acts.decide(self.plan_batch.executable or self.plan_batch.blocked)

    @on(BoardChanged)
    def _note_change(self, event: BoardChanged) -> None:
        """Say so where what it is about is not any more as it was; leave the plan as it is."""
        board = self.context.board
        self.changed_since |= any(board.get(ref) != seen for ref, seen in self._seen.items())
        if any(event.delta.touches(ref.kind) for ref in self._seen):
            self.write()

    # --- the form --------------------------------------------------------------------------------

    def fill_in(self) -> None:
        """Ask what it is to be told."""
        self.enter_stage(PlanStage.FILLING)
        self._work(self._ask_form())

    async def _ask_form(self) -> None:
        try:
            form = await self.planner.form(self.acts)
        except SourceError as error:
            self.enter_stage(PlanStage.FAILED, error)
            return
        if form.inputs:
            self._show(form)
        elif self.plan_batch.plans:
            self.show_notice("There is nothing that it could be told")
            self.enter_stage(PlanStage.PLANNED)
        else:
            self._make()

    def _show(self, form: Form) -> None:
        title, preset = self.planner.offer.title, self.planner.targets[0].values
        screen = FormScreen(
            self.context, title, self.targets_text, form, self._told(), gone=lambda: self.gone,
            preset=preset(self.planner.offer.id),
        )  # fmt: skip
        self.app.push_screen(screen, lambda _: self._filled_in(screen.submitted))

    def _told(self) -> Mapping[str, str]:
        """Return what the form begins with: what was told, or what the plan took for it."""
        if self.planner.values is not None:
            return self.planner.values
        plans, [target, *_] = self.plan_batch.plans, self.planner.targets
        return plans[0].values if plans else target.values(self.planner.offer.id)

    def _filled_in(self, values: Mapping[str, str] | None) -> None:
        if values is not None:
            self.planner.values = values
            self._make()
        elif self.plan_batch.plans:
            self.enter_stage(PlanStage.PLANNED)
        else:
            self.dismiss()
