"""A plan, before anything is done: read it, change what it was told, carry it out, or leave."""

from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.events import ScreenResume

from opsboard.acting.decision import Consent
from opsboard.adapter import SourceError
from opsboard.config.settings import PolicyDecision
from opsboard.kinds.ages import age_text
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.plan_batch import PlanBatch
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.messages import ClockTicked, CopyText, StylesChanged
from opsboard.ui.render.batch_rows import batch_rows
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.error_rows import error_rows
from opsboard.ui.render.layout import PageRow
from opsboard.ui.render.plan_rows import plan_rows
from opsboard.ui.screens.confirm_flow import ConfirmRequest, request_confirmation
from opsboard.ui.screens.plan_base import PlanScreenBase, PlanStage
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page_view import PageView

_WAITS: Final = {
    PlanStage.FILLING: "reading what it can be told ...",
    PlanStage.PLANNING: "planning: reading what it would change; nothing is done yet ...",
    PlanStage.BEGINNING: "beginning ...",
    PlanStage.BEGUN: "begun",
    PlanStage.LEFT: "begun",
}


class PlanScreen(PlanScreenBase):
    """Shows the plan, or what there is instead, and carries it out with what the policy wants."""

    SCOPES: ClassVar = (BindingScope.PLAN, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.PLAN)

    keep_going = False
    """Whether the others are gone on with where one fails."""

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        yield Caption(self.context, "plan", self._title)
        yield PageView(self.context)

    @property
    def _title(self) -> str:
        return f"{self.planner.offer.title}  {self.targets_text}"

    # --- carrying out ----------------------------------------------------------------------------

    def planned(self, *, first: bool) -> None:
        """Begin at once where nobody has to look at it first."""
        if (
            first
            and self.plan_batch.needs_no_review
            and self.judgement.decision is PolicyDecision.ALLOW
        ):
            self._begin(self.plan_batch, Consent())

    def disabled_reason(self, action: UiAction) -> str:
        """Say what stands against it."""
        reasons = {
            "plan.carry_out": self._why_not_now,
            "plan.edit": self._why_no_form,
            "plan.on_failure": self._why_single,
            "plan.copy": self._why_unplanned,
        }
        ask = reasons.get(action.id)
        return ask() if ask else super().disabled_reason(action)

    def _why_not_now(self) -> str:
        if why := self._why_unplanned():
            return why
        if self.gone:
            return f"{self.gone}; r plans it anew"
        if not self.plan_batch.executable:
            blockers = [why for plan in self.plan_batch.blocked for why in plan.blockers]
            return blockers[0] if blockers else "nothing is left to be carried out"
        return self.judgement.explanation or "denied" if self.judgement.denied else ""

    def _why_unplanned(self) -> str:
        return "" if self.step is PlanStage.PLANNED else _WAITS.get(self.step, "there is no plan")

    def _why_single(self) -> str:
        return "" if self.many else "it is a single one"

    def _why_no_form(self) -> str:
        if self.step in _WAITS:
            return _WAITS[self.step]
        if self.many and not self.planner.offer.needs_input:
            return "each of several takes its own defaults; plan one alone to change them"
        return ""

    def do_carry_out(self) -> None:
        """Ask for what the policy wants; as it is now, since time has passed."""
        try:
            self.refresh_decision()
        except SourceError as error:
            self.enter_stage(PlanStage.FAILED, error)
            return
        self.write()
        if why := self._why_not_now():
            self.show_notice(f"Carry out: {why}", wrong=True)
            return
        asked = ConfirmRequest(
            self.planner.offer.title,
            self.plan_batch.executable,
            self.judgement,
            keep_going=self.keep_going,
        )
        request_confirmation(self, asked, partial(self._begin, self.plan_batch))

    def _begin(self, draft: PlanBatch, consent: Consent) -> None:
        """Begin *draft*, unless something else has been planned since it was consented to."""
        if self.step is not PlanStage.PLANNED or draft is not self.plan_batch:
            self.show_notice("It was planned anew meanwhile: look at it again", wrong=True)
            return
        if gone := self.gone:
            self.show_notice(gone, wrong=True)
            return
        self.enter_stage(PlanStage.BEGINNING)
        # the app's own, since it goes on when this screen is left
        self.app.run_worker(self._carry_out(draft, consent), exit_on_error=False)

    async def _carry_out(self, draft: PlanBatch, consent: Consent) -> None:
        plans = draft.executable
        self.context.tracker.track(plan.id for plan in plans)
        try:
            await self.acts.start(plans, consent, keep_going=self.keep_going)
        except SourceError as error:
            if not self.is_attached:
                raise
            self.enter_stage(PlanStage.FAILED, error)
            return
        named = plans[0].target if len(plans) == 1 else f"{len(plans)} targets"
        self.show_notice(f"{self.planner.offer.title} has begun: {named}")
        self.step = PlanStage.BEGUN
        self._leave()

    @on(ScreenResume)
    def _leave(self) -> None:
        """Go back to where one was, as soon as nothing is above."""
        if self.step is PlanStage.BEGUN and self.is_active:  # whatever is on top would be popped
            self.step = PlanStage.LEFT
            self.dismiss()

    def do_edit(self) -> None:
        """Change what it is told."""
        self.fill_in()

    def do_on_failure(self) -> None:
        """Stop at the first that fails, or go on."""
        self.keep_going = not self.keep_going
        self.write()

    def do_copy(self) -> None:
        """Copy the line under the cursor."""
        self.post_message(CopyText(self.query_one(PageView).row.copy_text, "line"))

    # --- showing ---------------------------------------------------------------------------------

    @on(ClockTicked)
    @on(StylesChanged)
    def write(self) -> None:
        """Show how it is now."""
        if self.is_mounted:
            self.query_one(PageView).show_rows(self._rows())
            wrong = self.changed_since or self.error is not None
            self.query_one(Caption).set_state(self._state(), wrong=wrong, title=self._title)

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self.write()

    def _state(self) -> str:
        if self.step is not PlanStage.PLANNED or self.planned_at is None:
            return self.step.value
        if self.gone:
            return "gone from the board"
        if self.changed_since:
            return "changed since; r plans anew"
        age = age_text(self.planned_at, self.context.clock.now())
        return "as of now" if age == "now" else f"as of {age} ago"

    def _rows(self) -> list[PageRow]:
        page = PageFormat(self.context.styles, self.context.clock.now(), self.size.width - 1)
        if self.error is not None:
            return list(error_rows(self.error, page.styles, page.width))
        if self.step is not PlanStage.PLANNED:
            return [PageRow(Text(f"  {_WAITS[self.step]}", page.styles.muted))]
        if self.many:
            title, going = self.planner.offer.title, self.keep_going
            return list(batch_rows(title, self.plan_batch, self.judgement, page, keep_going=going))
        return list(plan_rows(self.plan_batch.plans[0], self.judgement, page))
