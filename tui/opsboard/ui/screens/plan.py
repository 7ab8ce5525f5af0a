"""A plan, before anything is done: read it, change what it was told, carry it out, or leave.

What it is about is frozen: whatever the board shows meanwhile, it stays the same until it is
planned anew, and that has to be asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.events import ScreenResume

from opsboard.act.acts import Acts
from opsboard.act.judgement import Consent, Judgement
from opsboard.adapter import Form, Offer, SourceError, Unsupported
from opsboard.config.settings import Ruling
from opsboard.records import Record, Ref
from opsboard.ui.actions.action import Action, Place
from opsboard.ui.actions.declared import ACTIONS
from opsboard.ui.bulk_rows import bulk_rows
from opsboard.ui.consent import ask_for_consent
from opsboard.ui.detail_rows import Paper
from opsboard.ui.host import host_of
from opsboard.ui.looks import looks_of
from opsboard.ui.messages import BoardChanged, LooksChanged, Ticked
from opsboard.ui.plan_rows import plan_rows
from opsboard.ui.planning import Draft, LeftOut, Planner
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.screens.framed import FramedScreen
from opsboard.ui.trouble import trouble_rows
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page import PageView, Row
from opsboard.views.ages import age_text


class Step(StrEnum):
    """How far it is; the value is the word in the caption."""

    FILLING = "asking what it can be told"
    PLANNING = "planning"
    PLANNED = "planned"
    FAILED = "no plan"
    BEGINNING = "beginning"
    BEGUN = "begun"


_WAITS = {
    Step.FILLING: "reading what it can be told ...",
    Step.PLANNING: "planning: reading what it would change; nothing is done yet ...",
    Step.BEGINNING: "beginning ...",
    Step.BEGUN: "begun",
}


class PlanScreen(FramedScreen):
    """Plans *offer* for *records*; *left_out* were meant too, and why they cannot be."""

    PLACES: ClassVar = (Place.PLAN, Place.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(Place.PLAN)

    def __init__(
        self, offer: Offer, records: Sequence[Record], left_out: Sequence[tuple[Record, str]] = ()
    ) -> None:
        super().__init__()
        out = tuple(LeftOut(record.name, why) for record, why in left_out)
        self._planner = Planner(offer, tuple(records), out)
        self._many = len(records) + len(out) > 1
        self._step = Step.PLANNING
        self._draft = Draft()
        self._judgement = Judgement(Ruling.DENY)
        self._error: SourceError | None = None
        self._form: Form | None = None
        self._seen: Mapping[Ref, Record | None] = {}
        self._moved = False
        self._keep_going = False
        self._planned_at: datetime | None = None

    @property
    def _acts(self) -> Acts:
        acts = host_of(self).acts
        if acts is None:
            raise Unsupported("this board only shows")
        return acts

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        records = self._planner.records
        named = records[0].name if len(records) == 1 else f"{len(records)} records"
        yield Caption("plan", f"{self._planner.offer.title}  {named}")
        yield PageView()

    def on_mount(self) -> None:
        """Ask for the form where nothing can be planned without, or else for the plan."""
        environments = {record.environment for record in self._planner.records}
        self.look_at("production" if "production" in environments else min(environments))
        if self._planner.offer.asks:
            self._fill_in()
        else:
            self.reload()

    # --- planning --------------------------------------------------------------------------------

    def reload(self) -> None:
        """Plan anew."""
        if self._step in {Step.BEGINNING, Step.BEGUN}:
            return
        if self._planner.offer.asks and not self._planner.values:
            self._fill_in()
            return
        first = self._planned_at is None
        self._go_to(Step.PLANNING)
        self.run_worker(self._plan(first=first), group="plan", exclusive=True, exit_on_error=False)

    async def _plan(self, *, first: bool) -> None:
        host = host_of(self)
        try:
            self._draft = await self._planner.draft(self._acts)
            self._judge()
        except SourceError as error:
            self._fail(error)
            return
        finally:
            self._planned_at = host.clock.now()
        self._moved = False
        self._seen = {ref: host.board.get(ref) for ref in self._draft.refs}
        self._go_to(Step.PLANNED)
        if first and self._draft.harmless and self._judgement.ruling is Ruling.ALLOW:
            self._begin(self._draft, Consent())

    def _judge(self) -> None:
        """Ask what the guard says; of blocked plans alone, where there are no others."""
        self._judgement = self._acts.judge(self._draft.able or self._draft.blocked)

    def _fail(self, error: SourceError) -> None:
        self._error = error
        self._go_to(Step.FAILED, error)

    def _go_to(self, step: Step, error: SourceError | None = None) -> None:
        self._step, self._error = step, error
        self._write()
        self.refresh_bindings()

    @on(BoardChanged)
    def _note_change(self, event: BoardChanged) -> None:
        board = host_of(self).board
        if any(board.get(ref) != seen for ref, seen in self._seen.items()):
            self._moved = True
        if any(event.delta.touches(ref.kind) for ref in self._seen):
            self._write()

    # --- the form --------------------------------------------------------------------------------

    def _fill_in(self) -> None:
        self._go_to(Step.FILLING)
        self.run_worker(self._ask_form(), group="plan", exclusive=True, exit_on_error=False)

    async def _ask_form(self) -> None:
        before = Step.PLANNED if self._draft.plans else Step.FAILED
        try:
            self._form = await self._planner.form(self._acts)
        except SourceError as error:
            self._fail(error)
            return
        if not self._form.inputs and self._draft.plans:
            host_of(self).say("There is nothing that it could be told")
            self._go_to(before)
            return
        screen = FormScreen(self._planner.offer.title, self._named(), self._form, self._values())
        self.app.push_screen(screen, lambda _: self._filled_in(screen.told))

    def _values(self) -> Mapping[str, str]:
        """Return what the form begins with: what was told, or what the plan took for it."""
        plans = self._draft.plans
        return self._planner.values or (plans[0].values if plans else {})

    def _named(self) -> str:
        records = self._planner.records
        return records[0].name if len(records) == 1 else f"all {len(records)} marked records"

    def _filled_in(self, values: Mapping[str, str] | None) -> None:
        if values is not None:
            self._planner.values = values
            self._go_to(Step.PLANNING)
            self.run_worker(
                self._plan(first=self._planned_at is None),
                group="plan", exclusive=True, exit_on_error=False,
            )  # fmt: skip
        elif self._draft.plans:
            self._go_to(Step.PLANNED)
        else:
            self.dismiss()

    # --- carrying out ----------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        """Say what stands against it."""
        reasons = {
            "plan.carry_out": self._why_not_now,
            "plan.edit": self._why_no_form,
            "plan.on_failure": self._why_single,
            "plan.copy": self._why_unplanned,
        }
        ask = reasons.get(action.id)
        return ask() if ask else super().why_not(action)

    def _why_not_now(self) -> str:
        if self._step is not Step.PLANNED:
            return _WAITS.get(self._step, "there is no plan; r plans anew")
        if not self._draft.able:
            blockers = [why for plan in self._draft.blocked for why in plan.blockers]
            return blockers[0] if blockers else "nothing is left to be carried out"
        return self._judgement.why or "denied" if self._judgement.denied else ""

    def _why_single(self) -> str:
        return "" if self._many else "it is a single one"

    def _why_unplanned(self) -> str:
        return "" if self._step is Step.PLANNED else "there is no plan yet"

    def _why_no_form(self) -> str:
        if self._step not in {Step.PLANNED, Step.FAILED}:
            return _WAITS[self._step]
        if self._many and not self._planner.offer.asks:
            return "each of several takes its own defaults; plan one alone to change them"
        return ""

    def do_carry_out(self) -> None:
        """Ask for what the policy wants; as it is now, since time has passed."""
        self._judge()
        self._write()
        if why := self._why_not_now():
            host_of(self).say(f"Carry out: {why}", wrong=True)
            return
        ask_for_consent(
            self, self._draft.able, self._judgement, partial(self._begin, self._draft),
            keep_going=self._keep_going,
        )  # fmt: skip

    def _begin(self, draft: Draft, consent: Consent) -> None:
        """Begin *draft*, unless something else has been planned since it was consented to."""
        if self._step is not Step.PLANNED or draft is not self._draft:
            host_of(self).say("It was planned anew meanwhile: look at it again", wrong=True)
            return
        self._go_to(Step.BEGINNING)
        # the app's own, since it goes on when this screen is left
        self.app.run_worker(self._carry_out(draft, consent), exit_on_error=False)

    async def _carry_out(self, draft: Draft, consent: Consent) -> None:
        host, plans = host_of(self), draft.able
        host.follow(plan.id for plan in plans)
        try:
            await self._acts.begin(plans, consent, keep_going=self._keep_going)
        except SourceError as error:
            if not self.is_attached:
                raise
            self._fail(error)
            return
        named = plans[0].target if len(plans) == 1 else f"{len(plans)} targets"
        host.say(f"{self._planner.offer.title} has begun: {named}")
        self._step = Step.BEGUN
        self._leave()

    @on(ScreenResume)
    def _leave(self) -> None:
        """Go back to where one was, as soon as nothing is above."""
        if self._step is Step.BEGUN and self.is_current:
            self.dismiss()

    def do_edit(self) -> None:
        """Change what it is told."""
        self._fill_in()

    def do_on_failure(self) -> None:
        """Stop at the first that fails, or go on."""
        self._keep_going = not self._keep_going
        self._write()

    def do_copy(self) -> None:
        """Copy the line under the cursor."""
        host_of(self).copy(self.query_one(PageView).row.copy, "line")

    # --- showing ---------------------------------------------------------------------------------

    @on(Ticked)
    @on(LooksChanged)
    def _write(self) -> None:
        if self.is_mounted:
            self.query_one(PageView).show_rows(self._rows())
            wrong = self._moved or self._error is not None
            self.query_one(Caption).tell(self._state(), wrong=wrong)

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self._write()

    def _state(self) -> str:
        if self._step is not Step.PLANNED or self._planned_at is None:
            return self._step.value
        if self._moved:
            return "changed since; r plans anew"
        age = age_text(self._planned_at, host_of(self).clock.now())
        return "as of now" if age == "now" else f"as of {age} ago"

    def _rows(self) -> list[Row]:
        paper = Paper(looks_of(self), host_of(self).clock.now(), self.size.width - 1)
        if self._error is not None:
            return list(trouble_rows(self._error, paper.looks, paper.width))
        if self._step is not Step.PLANNED:
            return [Row(Text(f"  {_WAITS[self._step]}", paper.looks.muted))]
        if self._many:
            title, going = self._planner.offer.title, self._keep_going
            return list(bulk_rows(title, self._draft, self._judgement, paper, keep_going=going))
        return list(plan_rows(self._draft.plans[0], self._judgement, paper))
