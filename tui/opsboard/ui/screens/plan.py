"""A plan before anything is done: read it, change its inputs, execute it, or go back."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import ScreenResume

from opsboard.acting.decision import Consent
from opsboard.adapter import ActionSpec, Form, Input, SourceError, Unsupported
from opsboard.config.action_rules import PolicyDecision
from opsboard.kinds.ages import age_text
from opsboard.records import Record
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.plan_batch import PlanBatch
from opsboard.ui.actions.plan_session import PlanSession, PlanStage
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, CopyText, StylesChanged
from opsboard.ui.render.batch_rows import batch_rows
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import PageRow, error_rows
from opsboard.ui.render.plan_rows import environments_of, plan_rows
from opsboard.ui.render.start_rows import STILL_CHECKING
from opsboard.ui.screens.base_screen import PreviewingScreen
from opsboard.ui.screens.confirm_flow import ConfirmRequest, request_confirmation
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.preview import width_beside
from opsboard.ui.workers import start_worker

_BUSY: Final = {
    PlanStage.FILLING: "reading its inputs ...",
    PlanStage.PLANNING: "planning: reading what it would change; nothing is done yet ...",
    PlanStage.BEGINNING: "beginning ...",
    PlanStage.BEGUN: "begun",
    PlanStage.LEFT: "begun",
}
"""What the page shows in the stages without a plan, and why nothing can be executed then."""


class PlanScreen(PreviewingScreen):
    """Shows the plan, or its progress or error, and executes it once the policy is satisfied.

    It plans *spec* for *targets*; *skipped* were selected too, with the reasons why they are not.
    Beside the plan of one target stands what that is; several have the whole width.
    """

    SCOPES: ClassVar = (BindingScope.PLAN, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.PLAN)

    def __init__(
        self,
        context: AppContext,
        spec: ActionSpec,
        targets: Sequence[RecordTarget],
        skipped: Sequence[tuple[RecordTarget, str]] = (),
    ) -> None:
        super().__init__(context, names_remedy=False)
        self._session = PlanSession(context, spec, targets, skipped)
        self._page = PageView(context)
        self._keep_going = False
        """Whether the other targets are gone on with after one has failed."""
        self._was_written = False
        """Whether it is of what somebody has left in an editor, who was promised to see it."""
        self._is_wanted = False
        """Whether it was to be carried out while it was still being checked."""

    def compose_body(self) -> ComposeResult:
        """Yield caption and page, and beside it what it is about."""
        yield Caption(self.context, "plan", self._heading)
        with Horizontal():
            yield self._page
            yield self.preview

    @property
    def _heading(self) -> str:
        return f"{self._session.spec.title}  {self._session.targets_text}"

    @property
    def _target_records(self) -> Sequence[Record]:
        return [target.record for target in self._session.builder.targets]

    def on_mount(self) -> None:
        """Ask for the form if nothing can be planned without it, or else plan."""
        records = self._target_records
        self.show_environments(*(record.environment for record in records), of=records)
        if records and not self._session.has_several:
            self.preview.show(records[0].ref)
        self.reload()

    def _enter(self, stage: PlanStage, error: SourceError | None = None) -> None:
        self._session.stage, self._session.error = stage, error
        self._is_wanted &= stage is PlanStage.PLANNED
        self.write()
        self.refresh_bindings()

    # --- planning --------------------------------------------------------------------------------

    def reload(self) -> None:
        """Plan again, unless the action has begun."""
        if self._session.is_started:
            return
        if self._session.needs_form:
            self._open_form()
        else:
            self._start_planning()

    def _start_planning(self) -> None:
        first = self._session.planned_at is None
        self._enter(PlanStage.PLANNING)
        self._run(partial(self._plan, first=first))

    def _run(self, work: Callable[[], Coroutine[None, None, object]]) -> None:
        start_worker(self, work, group="plan")

    async def _plan(self, *, first: bool) -> None:
        session = self._session
        try:
            await session.plan()
        except SourceError as error:
            self._enter(PlanStage.FAILED, error)
            return
        touched = environments_of(session.batch.executable or session.batch.blocked)
        self.show_environments(*touched, of=self._target_records)
        self._enter(PlanStage.PLANNED)
        if not await self._is_checked():
            return
        is_allowed = session.decision.decision is PolicyDecision.ALLOW
        is_known = session.batch.needs_no_review and not self._was_written
        if first and is_known and is_allowed:
            self._begin(session.batch, Consent())
        self._ask_if_wanted()

    async def _is_checked(self) -> bool:
        """Check whether it will start; return whether that could be asked."""
        try:
            await self._session.check_start(self._show_findings)
        except SourceError as error:
            self._enter(PlanStage.FAILED, error)
            return False
        return True

    def _show_findings(self) -> None:
        """Show what was found since of whether it will start."""
        self.write()
        self.refresh_bindings()

    @on(BoardChanged)
    def _note_change(self, event: BoardChanged) -> None:
        """Show whether a target has changed since; leave the plan as it is."""
        if self._session.note_change(event.delta):
            self.write()

    # --- the form --------------------------------------------------------------------------------

    def _open_form(self) -> None:
        self._enter(PlanStage.FILLING)
        self._run(self._load_form)

    async def _load_form(self) -> None:
        try:
            form = await self._session.form()
        except SourceError as error:
            self._enter(PlanStage.FAILED, error)
            return
        if len(form.inputs) == 1 and form.inputs[0].document:
            await self._edit_document(form.inputs[0])
        elif form.inputs:
            self._show_form(form)
        elif self._session.batch.plans:
            self.show_notice("It has no inputs")
            self._go_back_to_the_plan()
        else:
            self._start_planning()

    async def _edit_document(self, document: Input) -> None:
        """Hand the text to the user's editor; what it has become is planned."""
        if (edit := self.context.edit) is None:
            self._enter(PlanStage.FAILED, Unsupported("there is no terminal for an editor here"))
            return
        before = self._session.values.get(document.name, document.default)
        try:
            text = await edit(before, document.document)
        except SourceError as error:
            self._enter(PlanStage.FAILED, error)
            return
        if text == document.default:
            self.show_notice("Nothing was changed")
        self._was_written = True
        self._submit(None if text == document.default else {document.name: text})

    def _show_form(self, form: Form) -> None:
        session = self._session
        screen = FormScreen(
            self.context, session.spec.title, session.targets_text, form, session.values,
            gone=lambda: session.gone, preset=session.builder.targets[0].values(session.spec.id),
        )  # fmt: skip
        self.app.push_screen(screen, lambda _: self._submit(screen.submitted))

    def _submit(self, values: Mapping[str, str] | None) -> None:
        """Plan with the *values* of the form; ``None`` if it was left."""
        if values is not None:
            self._session.builder.values = values
            self._start_planning()
        elif self._session.batch.plans:
            self._go_back_to_the_plan()
        else:
            self.dismiss()

    def _go_back_to_the_plan(self) -> None:
        """Show it as it was; what was being checked when the form was opened is asked again."""
        self._enter(PlanStage.PLANNED)
        if self._session.batch.is_checking:
            self._run(self._check_again)

    async def _check_again(self) -> None:
        if await self._is_checked():
            self._ask_if_wanted()

    # --- actions ---------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why the plan cannot be executed, or edited."""
        reasons = {
            "plan.carry_out": self._why_not_now,
            "plan.edit": self._why_no_form,
            "plan.on_failure": self._why_single,
            "plan.copy": self._why_unplanned,
        }
        reason = reasons.get(action.id)
        return reason() if reason else super().disabled_reason(action)

    def _why_not_now(self) -> str:
        session = self._session
        if reason := self._why_unplanned():
            return reason
        if session.gone:
            return f"{session.gone}; r plans it again"
        if not session.batch.executable:
            blockers = [reason for plan in session.batch.blocked for reason in plan.blockers]
            return blockers[0] if blockers else "nothing is left to be carried out"
        if session.decision.denied:
            return session.decision.explanation or "denied"
        return ""

    def _why_unplanned(self) -> str:
        stage = self._session.stage
        return "" if stage is PlanStage.PLANNED else _BUSY.get(stage, "there is no plan")

    def _why_single(self) -> str:
        return "" if self._session.has_several else "it is a single one"

    def _why_no_form(self) -> str:
        if self._session.stage in _BUSY:
            return _BUSY[self._session.stage]
        if self._session.has_several and not self._session.spec.needs_input:
            return "each of several takes its own defaults; plan one alone to change them"
        return ""

    def do_carry_out(self) -> None:
        """Ask for what the policy wants now, since time has passed; then execute the plan."""
        session = self._session
        try:
            session.refresh_decision()
        except SourceError as error:
            self._enter(PlanStage.FAILED, error)
            return
        self.write()
        if reason := self._why_not_now():
            self.show_notice(f"Carry out: {reason}", wrong=True)
            return
        if session.batch.is_checking:
            self._is_wanted = True
            self.show_notice(f"Carry out: {STILL_CHECKING}; you are asked as soon as it is known")
            return
        request = ConfirmRequest(
            session.spec.title,
            session.batch.executable,
            session.decision,
            keep_going=self._keep_going,
        )
        request_confirmation(self, request, partial(self._begin, session.batch))

    @on(ScreenResume)
    def _ask_if_wanted(self) -> None:
        """Ask for what was put off while it was still being checked, once no screen is above."""
        if self._is_wanted and self.is_active and not self._session.batch.is_checking:
            self._is_wanted = False
            self.do_carry_out()

    def _begin(self, batch: PlanBatch, consent: Consent) -> None:
        """Execute *batch*, unless it was planned again since the user has agreed to it."""
        session = self._session
        if session.stage is not PlanStage.PLANNED or batch is not session.batch:
            self.show_notice("It was planned again meanwhile: review the new plan", wrong=True)
            return
        if gone := session.gone:
            self.show_notice(gone, wrong=True)
            return
        self._enter(PlanStage.BEGINNING)
        # a worker of the app, since it goes on when this screen is left
        start_worker(self.app, partial(self._execute, batch, consent), exclusive=False)

    async def _execute(self, batch: PlanBatch, consent: Consent) -> None:
        plans = batch.executable
        self.context.tracker.track(plan.id for plan in plans)
        try:
            await self._session.acts.start(plans, consent, keep_going=self._keep_going)
        except SourceError as error:
            if not self.is_attached:
                raise
            self._enter(PlanStage.FAILED, error)
            return
        name = plans[0].target if len(plans) == 1 else f"{len(plans)} targets"
        self.show_notice(f"{self._session.spec.title} has begun: {name}")
        self._session.stage = PlanStage.BEGUN
        self._leave()

    @on(ScreenResume)
    def _leave(self) -> None:
        """Go back once the action has begun, as soon as no other screen is above."""
        # dismissing while another screen is on top would pop that one
        if self._session.stage is PlanStage.BEGUN and self.is_active:
            self._session.stage = PlanStage.LEFT
            self.dismiss()

    def do_edit(self) -> None:
        """Change the inputs."""
        self._open_form()

    def do_on_failure(self) -> None:
        """Stop at the first target that fails, or go on with the others."""
        self._keep_going = not self._keep_going
        self.write()

    def do_copy(self) -> None:
        """Copy the line under the cursor."""
        self.post_message(CopyText(self._page.row.copy_text, "line"))

    # --- showing ---------------------------------------------------------------------------------

    @on(ClockTicked)
    @on(StylesChanged)
    def write(self) -> None:
        """Bring page and caption up to date."""
        if self.is_mounted:
            self._page.show_rows(self._rows())
            wrong = self._session.has_changed or self._session.error is not None
            self.query_one(Caption).set_state(self._state(), wrong=wrong, title=self._heading)

    def on_resize(self) -> None:
        """Break the lines of the page at the new width; show what there is room for beside it."""
        self.preview.stand_beside(self._columns_beside)
        self.write()

    @property
    def _columns_beside(self) -> int:
        return 0 if self._session.has_several else width_beside(self.size.width)

    def _state(self) -> str:
        session = self._session
        if session.stage is not PlanStage.PLANNED or session.planned_at is None:
            return session.stage.value
        if session.gone:
            return "gone from the board"
        if session.has_changed:
            return "changed since; r plans again"
        age = age_text(session.planned_at, self.context.clock.now())
        return "as of now" if age == "now" else f"as of {age} ago"

    def _rows(self) -> list[PageRow]:
        session, styles = self._session, self.context.styles
        width = self.size.width - self._columns_beside - 1
        page = PageFormat(styles, self.context.clock.now(), width)
        if session.error is not None:
            return list(error_rows(session.error, page.styles, page.width))
        if session.stage is not PlanStage.PLANNED:
            return [PageRow(Text(f"  {_BUSY[session.stage]}", page.styles.muted))]
        if session.has_several:
            rows = batch_rows(
                session.spec.title,
                session.batch,
                session.decision,
                page,
                keep_going=self._keep_going,
            )
            return list(rows)
        return list(plan_rows(session.batch.plans[0], session.decision, page))
