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
from opsboard.ui.actions.action import Action, Place
from opsboard.ui.actions.declared import ACTIONS
from opsboard.ui.bulk_rows import bulk_rows
from opsboard.ui.consent import Asked, ask_for_consent
from opsboard.ui.detail_rows import Paper
from opsboard.ui.host import host_of
from opsboard.ui.looks import looks_of
from opsboard.ui.messages import LooksChanged, Ticked
from opsboard.ui.plan_rows import plan_rows
from opsboard.ui.planning import Draft
from opsboard.ui.screens.planned import PlannedScreen, Step
from opsboard.ui.trouble import trouble_rows
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page import PageView, Row

_WAITS: Final = {
    Step.FILLING: "reading what it can be told ...",
    Step.PLANNING: "planning: reading what it would change; nothing is done yet ...",
    Step.BEGINNING: "beginning ...",
    Step.BEGUN: "begun",
    Step.LEFT: "begun",
}


class PlanScreen(PlannedScreen):
    """Shows the plan, or what there is instead, and carries it out with what the policy wants."""

    PLACES: ClassVar = (Place.PLAN, Place.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(Place.PLAN)

    keep_going = False
    """Whether the others are gone on with where one fails."""

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        yield Caption("plan", self._title)
        yield PageView()

    @property
    def _title(self) -> str:
        return f"{self.planner.offer.title}  {self.named}"

    # --- carrying out ----------------------------------------------------------------------------

    def planned(self, *, first: bool) -> None:
        """Begin at once where nobody has to look at it first."""
        if first and self.draft.harmless and self.judgement.decision is PolicyDecision.ALLOW:
            self._begin(self.draft, Consent())

    def disabled_reason(self, action: Action) -> str:
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
        if not self.draft.able:
            blockers = [why for plan in self.draft.blocked for why in plan.blockers]
            return blockers[0] if blockers else "nothing is left to be carried out"
        return self.judgement.explanation or "denied" if self.judgement.denied else ""

    def _why_unplanned(self) -> str:
        return "" if self.step is Step.PLANNED else _WAITS.get(self.step, "there is no plan")

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
            self.judge()
        except SourceError as error:
            self.go_to(Step.FAILED, error)
            return
        self.write()
        if why := self._why_not_now():
            host_of(self).say(f"Carry out: {why}", wrong=True)
            return
        asked = Asked(
            self.planner.offer.title, self.draft.able, self.judgement, keep_going=self.keep_going
        )
        ask_for_consent(self, asked, partial(self._begin, self.draft))

    def _begin(self, draft: Draft, consent: Consent) -> None:
        """Begin *draft*, unless something else has been planned since it was consented to."""
        if self.step is not Step.PLANNED or draft is not self.draft:
            host_of(self).say("It was planned anew meanwhile: look at it again", wrong=True)
            return
        if gone := self.gone:
            host_of(self).say(gone, wrong=True)
            return
        self.go_to(Step.BEGINNING)
        # the app's own, since it goes on when this screen is left
        self.app.run_worker(self._carry_out(draft, consent), exit_on_error=False)

    async def _carry_out(self, draft: Draft, consent: Consent) -> None:
        host, plans = host_of(self), draft.able
        host.follow(plan.id for plan in plans)
        try:
            await self.acts.start(plans, consent, keep_going=self.keep_going)
        except SourceError as error:
            if not self.is_attached:
                raise
            self.go_to(Step.FAILED, error)
            return
        named = plans[0].target if len(plans) == 1 else f"{len(plans)} targets"
        host.say(f"{self.planner.offer.title} has begun: {named}")
        self.step = Step.BEGUN
        self._leave()

    @on(ScreenResume)
    def _leave(self) -> None:
        """Go back to where one was, as soon as nothing is above."""
        if self.step is Step.BEGUN and self.is_active:  # whatever is on top would be popped
            self.step = Step.LEFT
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
        host_of(self).copy(self.query_one(PageView).row.copy, "line")

    # --- showing ---------------------------------------------------------------------------------

    @on(Ticked)
    @on(LooksChanged)
    def write(self) -> None:
        """Show how it is now."""
        if self.is_mounted:
            self.query_one(PageView).show_rows(self._rows())
            wrong = self.moved or self.error is not None
            self.query_one(Caption).tell(self._state(), wrong=wrong, title=self._title)

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self.write()

    def _state(self) -> str:
        if self.step is not Step.PLANNED or self.planned_at is None:
            return self.step.value
        if self.gone:
            return "gone from the board"
        if self.moved:
            return "changed since; r plans anew"
        age = age_text(self.planned_at, host_of(self).clock.now())
        return "as of now" if age == "now" else f"as of {age} ago"

    def _rows(self) -> list[Row]:
        paper = Paper(looks_of(self), host_of(self).clock.now(), self.size.width - 1)
        if self.error is not None:
            return list(trouble_rows(self.error, paper.looks, paper.width))
        if self.step is not Step.PLANNED:
            return [Row(Text(f"  {_WAITS[self.step]}", paper.looks.muted))]
        if self.many:
            title, going = self.planner.offer.title, self.keep_going
            return list(bulk_rows(title, self.draft, self.judgement, paper, keep_going=going))
        return list(plan_rows(self.draft.plans[0], self.judgement, paper))
