"""The making of a plan on a screen: the form first where it is needed, and again when asked.

What it is about is frozen: whatever the board shows meanwhile, it stays the same until it is
planned anew, and that has to be asked for.
"""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from textual import on

from opsboard.act.acts import Acts
from opsboard.act.judgement import Judgement
from opsboard.adapter import Form, Offer, SourceError, Unsupported
from opsboard.config.settings import Ruling
from opsboard.records import Record, Ref
from opsboard.ui.host import host_of
from opsboard.ui.messages import BoardChanged
from opsboard.ui.planning import Draft, LeftOut, Planner
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.screens.framed import FramedScreen


class Step(StrEnum):
    """How far it is; the value is the word in the caption."""

    FILLING = "asking what it can be told"
    PLANNING = "planning"
    PLANNED = "planned"
    FAILED = "no plan"
    BEGINNING = "beginning"
    BEGUN = "begun"
    LEFT = "left"


_OVER: Final = frozenset({Step.BEGINNING, Step.BEGUN, Step.LEFT})
"""From here on, nothing is planned any more."""


class PlannedScreen(FramedScreen):
    """Plans *offer* for *records*; *left_out* were meant too, and why they cannot be.

    A subclass shows it in :meth:`write`, and is told by :meth:`planned` of each plan.
    """

    def __init__(
        self, offer: Offer, records: Sequence[Record], left_out: Sequence[tuple[Record, str]] = ()
    ) -> None:
        super().__init__()
        out = tuple(LeftOut(record.name, why) for record, why in left_out)
        self.planner = Planner(offer, tuple(records), out)
        self.many = len(records) + len(out) > 1
        self.step = Step.PLANNING
        self.draft = Draft()
        self.judgement = Judgement(Ruling.DENY)
        self.error: SourceError | None = None
        self.moved = False
        self.planned_at: datetime | None = None
        self._seen: Mapping[Ref, Record | None] = {}

    @property
    def acts(self) -> Acts:
        """What plans and carries out. Raises :exc:`Unsupported` on a board without."""
        acts = host_of(self).acts
        if acts is None:
            raise Unsupported("this board only shows")
        return acts

    @property
    def named(self) -> str:
        """What it is about, in short."""
        records = self.planner.records
        return records[0].name if not self.many else f"{len(records)} records"

    def on_mount(self) -> None:
        """Ask for the form where nothing can be planned without, or else for the plan."""
        environments = {record.environment for record in self.planner.records}
        self.look_at("production" if "production" in environments else max(environments))
        self.reload()

    def write(self) -> None:
        """Show how it is now."""
        raise NotImplementedError

    def planned(self, *, first: bool) -> None:
        """Take in that there is a plan: the *first* one, or another since."""
        raise NotImplementedError

    def go_to(self, step: Step, error: SourceError | None = None) -> None:
        """Be at *step* from now on."""
        self.step, self.error = step, error
        self.write()
        self.refresh_bindings()

    # --- planning --------------------------------------------------------------------------------

    def reload(self) -> None:
        """Plan anew."""
        if self.step in _OVER:
            return
        if self.planner.offer.asks and not self.planner.values:
            self.fill_in()
        else:
            self._make()

    def _make(self) -> None:
        first = self.planned_at is None
        self.go_to(Step.PLANNING)
        self._work(self._plan(first=first))

    def _work(self, work: Coroutine[None, None, None]) -> None:
        self.run_worker(work, group="plan", exclusive=True, exit_on_error=False)

    async def _plan(self, *, first: bool) -> None:
        host = host_of(self)
        try:
            self.draft = await self.planner.draft(self.acts)
            self.judge()
        except SourceError as error:
            self.draft = Draft()
            self.go_to(Step.FAILED, error)
            return
        self.moved, self.planned_at = False, host.clock.now()
        self._seen = {ref: host.board.get(ref) for ref in self.draft.refs}
        self.go_to(Step.PLANNED)
        self.planned(first=first)

    def judge(self) -> None:
        """Ask what the guard says; of blocked plans alone, where there are no others."""
        self.judgement = self.acts.judge(self.draft.able or self.draft.blocked)

    @on(BoardChanged)
    def _note_change(self, event: BoardChanged) -> None:
        """Say so where what it is about is not any more as it was; leave the plan as it is."""
        board = host_of(self).board
        self.moved |= any(board.get(ref) != seen for ref, seen in self._seen.items())
        if any(event.delta.touches(ref.kind) for ref in self._seen):
            self.write()

    # --- the form --------------------------------------------------------------------------------

    def fill_in(self) -> None:
        """Ask what it is to be told."""
        self.go_to(Step.FILLING)
        self._work(self._ask_form())

    async def _ask_form(self) -> None:
        try:
            form = await self.planner.form(self.acts)
        except SourceError as error:
            self.go_to(Step.FAILED, error)
            return
        if form.inputs:
            self._show(form)
        elif self.draft.plans:
            host_of(self).say("There is nothing that it could be told")
            self.go_to(Step.PLANNED)
        else:
            self._make()

    def _show(self, form: Form) -> None:
        screen = FormScreen(self.planner.offer.title, self.named, form, self._told())
        self.app.push_screen(screen, lambda _: self._filled_in(screen.told))

    def _told(self) -> Mapping[str, str]:
        """Return what the form begins with: what was told, or what the plan took for it."""
        plans = self.draft.plans
        return self.planner.values or (plans[0].values if plans else {})

    def _filled_in(self, values: Mapping[str, str] | None) -> None:
        if values is not None:
            self.planner.values = values
            self._make()
        elif self.draft.plans:
            self.go_to(Step.PLANNED)
        else:
            self.dismiss()
