"""What changed before something went red: ranked, with what would take each change back."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.kinds.ages import duration
from opsboard.records import Ref, Status
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.taking_back import taking_back, why_not_taken_back
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.render.cells import BOLD
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, fit_text, heading_row, wrap_text
from opsboard.ui.render.timeline_lines import gap_lines
from opsboard.ui.render.timeline_rows import event_row
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.workers import start_worker

if TYPE_CHECKING:
    from opsboard.history.before_red import BeforeRed, PriorChange

NOT_A_CAUSE: Final = (
    "What changed before, by how closely it is joined and how shortly before it was. That one came "
    "before the other does not say that it caused it."
)
MOST: Final = 20
"""Changes that are listed."""
_MOST_NAMED: Final = 80
"""Columns of a change at most: what is beside it is read with it."""
_ENVIRONMENT, _WHO, _WIDE = 10, 15, 100


class BeforeRedScreen(RecordPageScreen):
    """The changes before *ref*, an alert or a record, went red.

    ``B``, or another action, opens the plan of what would take the change under the cursor back:
    nothing is done from here.
    """

    SCOPES: ClassVar = (
        BindingScope.RECORD,
        BindingScope.BEFORE_RED,
        BindingScope.DETAIL,
        BindingScope.ACT,
        BindingScope.SCREEN,
    )
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.BEFORE_RED, BindingScope.DETAIL, BindingScope.ACT
    )
    sort = "what changed before"

    def __init__(self, context: AppContext, ref: Ref) -> None:
        record = context.board.get(ref)
        name = record.name if record else ref.id
        reason = record.reason if record else ""
        super().__init__(context, ": ".join(filter(None, (name, reason))), ref)
        self._found: BeforeRed | None = None
        self._error: SourceError | None = None

    def on_mount(self) -> None:
        """Read the ledger."""
        self.reload()

    def reload(self) -> None:
        """Read the ledger again."""
        start_worker(self, self._read, group="before-red")

    async def _read(self) -> None:
        if (history := self.context.history) is None or self.ref is None:
            return
        try:
            self._found, self._error = await history.before_red(self.ref), None
        except SourceError as error:
            self._error = error
        self.write()
        self.refresh_bindings()

    def state_text(self) -> str:
        """Return when it went red."""
        if self._found is None:
            return "not available" if self._error else "loading"
        return f"red since {self._found.at.astimezone(self.context.zone):%H:%M}"

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the changes, the likeliest first, and the stretches in which nobody looked."""
        rows = list(error_rows(self._error, page.styles, page.width)) if self._error else []
        found = self._found
        if found is None:
            return rows or [PageRow(Text("  reading the history ...", page.styles.muted))]
        rows += [
            PageRow(Text(f"  {line}", page.styles.muted))
            for line in wrap_text(NOT_A_CAUSE, page.width - 4)
        ]
        rows.append(BLANK)
        rows.append(self._heading(found, page))
        for number, change in enumerate(found.changes[:MOST], 1):
            rows.extend(self._change(number, change, page))
        if len(found.changes) > MOST:
            text = f"    and {len(found.changes) - MOST:,} more; t shows them all"
            rows.append(PageRow(Text(text, page.styles.muted)))
        rows.extend(self._gaps(found, page))
        return rows

    def _heading(self, found: "BeforeRed", page: PageFormat) -> PageRow:
        span = found.at - found.since
        when = f"in the {duration(span)} before"
        if (longest := max((one.before for one in found.changes), default=span)) > span:
            when += f", and in {duration(longest)} to what it is joined to"
        count, shown = len(found.changes), min(len(found.changes), MOST)
        joined = sum(not one.candidate for one in found.changes)
        title = f"{count:,} change{'s' * (count != 1)}, {joined:,} joined"
        title += f", {shown} shown" if shown < count else ""
        none = "Nothing is known to have changed"
        return heading_row(title if count else none, page.styles, when)

    def _change(self, number: int, change: "PriorChange", page: PageFormat) -> Iterator[PageRow]:
        event, styles = change.event, page.styles
        row = event_row(event, self.context.zone)
        start = Text(f" {number:>3} ", styles.muted).append(f"{row.clock:>6} ", styles.muted)
        start.append(
            f"{styles.glyphs.status[event.display_status]} ", styles.statuses[event.display_status]
        )
        name = styles.glyphs.in_these_glyphs(f"{event.what} {event.change}".strip())
        environment, who = event.environment, event.who
        if page.width >= _WIDE:  # columns, where that takes no room from the change
            environment = fit_text(environment, _ENVIRONMENT, styles)
            who = fit_text(who, _WHO, styles)
        room = page.width - start.cell_len - len(environment) - len(who) - 4
        room = max(10, min(_MOST_NAMED, room))
        start.append(f"{fit_text(f'{event.kind.value}  {name}', room, styles)}  ", BOLD)
        start.append(environment, styles.environment_cell(event.environment))
        start.append(f"  {who}" if who else "", styles.muted)
        key = (event.at, event.ref, event.change, event.act)
        yield PageRow(start, selectable=True, copy_text=name, ref=event.ref, key=key)
        yield from self._why(change, key, page)

    def _why(
        self, change: "PriorChange", key: tuple[object, ...], page: PageFormat
    ) -> Iterator[PageRow]:
        styles, indent = page.styles, " " * 14
        bar = styles.glyphs.broken_bar if change.candidate else styles.glyphs.bar
        style = styles.statuses[Status.WARNING] if change.candidate else styles.muted
        note = f", {row.note}" if (row := event_row(change.event, self.context.zone)).note else ""
        words = f"{duration(change.before)} before{note}; {change.relation}"
        for line in wrap_text(words, page.width - len(indent) - 4):
            yield PageRow(Text.assemble((f"{indent}{bar} ", styles.border), (line, style)))
        if change.undo is not None:
            text = Text.assemble((f"{indent}{bar} ", styles.border), ("u ", styles.accent))
            yield PageRow(text.append(f"plans {change.undo.text}", styles.muted))

    def _gaps(self, found: "BeforeRed", page: PageFormat) -> Iterator[PageRow]:
        from opsboard.history.timeline import gap_text  # noqa: PLC0415 - opened late

        if found.gaps:
            yield BLANK
            yield heading_row("Not watched in that time", page.styles)
        for gap in found.gaps:
            yield from gap_lines(
                gap_text(gap, self.context.zone), (gap.since, gap.until, gap.scopes), page
            )

    # --- taking back -----------------------------------------------------------------------------

    def _under_cursor(self) -> "PriorChange | None":
        found, key = self._found, self.page.row.key
        changes = found.changes if found else ()
        return next(
            (
                change
                for change in changes
                if (change.event.at, change.event.ref, change.event.change, change.event.act) == key
            ),
            None,
        )

    def disabled_reason(self, action: UiAction) -> str:
        """Return why the change under the cursor cannot be taken back from here."""
        if action.id == "before_red.undo":
            return self._why_not_undone()
        return super().disabled_reason(action)

    def _why_not_undone(self) -> str:
        change = self._under_cursor()
        return why_not_taken_back(change.undo if change else None, self.context)

    def do_undo(self) -> None:
        """Open the plan of what would take the change back."""
        change = self._under_cursor()
        message = taking_back(change.undo if change else None, self.context)
        if message is not None:
            self.post_message(message)
