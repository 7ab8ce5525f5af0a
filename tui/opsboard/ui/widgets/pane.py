"""A pane of the board: its title with counts and age, the titles of its columns, and its table."""

import re
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from opsboard.board.state import BoardDelta
from opsboard.kinds.cluster import RESTARTS
from opsboard.kinds.registry import KINDS
from opsboard.records import Alert, Kind, Record, Ref
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.alert_commands import AlertCommands
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_actions import RecordActions
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_comparison import RecordComparison
from opsboard.ui.actions.record_history import RecordHistory
from opsboard.ui.actions.record_pull_request import RecordPullRequest
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import wrap_text
from opsboard.ui.render.table_placeholder import table_placeholder
from opsboard.ui.widgets.pane_controls import PaneFilter, PaneSelection, PaneSort
from opsboard.ui.widgets.pane_title import PaneTitle
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.widgets.restart_history import RestartHistory
from opsboard.ui.widgets.table_header import TableHeader
from opsboard.views.alert_groups import outages_on
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import is_wrong

_FOR_MARKS: Final = frozenset({"record.acknowledge", "record.snooze"})
"""Actions outside of :attr:`BindingScope.ACT` that are about all marked rows too."""

MIN_TITLED_HEIGHT = 5
"""Lines below which a pane leaves out the titles of its columns."""
MIN_WIDE = 100
"""Columns below which a pane with columns that need no titles shows those while it is low."""
MIN_FULL_HEIGHT = 12
"""Lines from which on even a narrow pane shows the usual columns, and their titles."""


class Pane(UiActionHandler, Vertical, inherit_bindings=False):
    """Shows the records of one kind, and carries out actions on them."""

    SCOPES: ClassVar = (BindingScope.RECORD, BindingScope.PANE, BindingScope.ACT)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.RECORD, BindingScope.PANE, BindingScope.ACT)
    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(
        self, context: AppContext, spec: PaneSpec, records: Mapping[Ref, Record] | None = None
    ) -> None:
        super().__init__(id=pane_node_id(spec), classes=_classes(spec))
        self.context = context
        self.spec = spec
        self.table = RecordTable(context, spec, records)
        self.selection = self.make_selection()
        self._header = TableHeader(context, self.table)
        self._filter = PaneFilter(self, self.table, self.update_labels)
        self._looking = RecordCommands(self, self.selection)
        self.action_groups = (
            self._looking,
            RecordHistory(self, self.selection),
            RecordPullRequest(self, self.selection),
            RecordComparison(self, self.selection),
            AlertCommands(self, self.selection),
            RecordActions(self, self.selection),
            self._filter,
            PaneSort(self, self.table, self._columns_changed),
        )
        self._placeholder = ""
        self.reasons = ""
        """Why there are no rows, below the first line of the text in place of them."""
        self._is_flat = False
        has_restarts = RESTARTS in spec.columns
        self._restarts = RestartHistory(self, self.table, context) if has_restarts else None

    def compose(self) -> ComposeResult:
        """Lay out title, column titles, the table, and the text in place of an empty one."""
        yield self.make_title()
        yield self._header
        yield self.table
        yield Static(markup=False, classes="word")

    def make_selection(self) -> PaneSelection:
        """Return what the keys are about."""
        return PaneSelection(self.context, self.table)

    def make_title(self) -> PaneTitle:
        """Return the line above the table."""
        return PaneTitle(self.context, self.spec, self.table)

    def placeholder(self) -> str:
        """Return what to read in place of an empty table."""
        model = self.table.model
        sources = self.context.board.sources()
        if self.context.demo and not sources:  # which it has as soon as its servers are up
            return f"No {self.spec.title.lower()} yet: the demo is starting."
        text = table_placeholder(self.spec, model, sources, self.context.as_of_text)
        outside = sum(model.outside.values())
        if not text or not outside or model.filter:
            return text
        what, scope = self.spec.title.lower(), self.context.scope
        ways = [f":{word} all" for word, names in scope.parts if names]
        return f"No {what} in {scope.text}; {outside:,} outside. {' '.join(ways)} shows them."

    def on_mount(self) -> None:
        """Show the text in place of the table while that is empty."""
        if self.context.scope:
            self.scope_changed()
        if self.spec.alerted_first:
            self._put_alerted_first()
        self._group_alerts()
        self.call_after_refresh(self.update_labels)

    def on_resize(self) -> None:
        """Use the room that there is."""
        self._fit()
        if self.reasons:  # alone on the screen, it has to tell them itself
            self.update_labels()

    def _fit(self) -> None:
        """Leave out the titles of the columns where there is hardly room for rows."""
        width, height = self.size
        if not height:
            return
        is_scarce = height < self.needed_height
        compact = bool(self.spec.compact) and width < MIN_WIDE and height < MIN_FULL_HEIGHT
        self._is_flat = is_scarce and (compact or height < MIN_TITLED_HEIGHT)
        self._show_header()
        self.table.set_compact(compact=self._is_flat)

    def _show_header(self) -> None:
        """Show the titles of the columns, or not; a class would have all of it styled again."""
        shown = not self._is_flat and not self._placeholder
        if shown is not self._header.display:
            self._header.display = shown

    @property
    def needed_height(self) -> int:
        """The lines that it takes to show everything; a filter that is typed changes nothing."""
        if self._placeholder:
            width = (self.size.width or 80) - 2  # before it is laid out, any will do
            return 1 + sum(1 for _ in wrap_text(self._placeholder, width))
        return 2 + max(1, self.table.model.total)

    def set_active(self, *, current: bool) -> None:
        """Show by a bar and a sign, not only by colour, whether keys are about this pane."""
        self.query_one(PaneTitle).set_active(current=current)
        self.table.set_active(current=current)

    # --- updates ---------------------------------------------------------------------------------

    def board_changed(self, delta: BoardDelta) -> None:
        """Show what has changed."""
        kind = self.spec.kind
        if self.spec.alerted_first and delta.touches(Kind.ALERT):
            self._put_alerted_first()
        if delta.touches(kind):
            changed = frozenset(delta.changed.get(kind, ()))
            removed = frozenset(delta.removed.get(kind, ()))
            self.table.update_records(changed, removed)
        if self._is_grouped and (delta.touches(kind) or any(map(delta.touches, _joining()))):
            self._group_alerts()
        self.update_labels()

    def scope_changed(self) -> None:
        """Show what is within the scope by now."""
        self.table.set_scope(self.context.admits if self.context.scope else None)
        self.update_labels()

    def _put_alerted_first(self) -> None:
        """Let the records that open alerts are about stand before the others."""
        alerts = self.context.board.records(Kind.ALERT).values()
        open_ones = (one for one in alerts if isinstance(one, Alert) and is_wrong(one))
        about = (one.about for one in open_ones)
        self.table.put_first(frozenset(r for r in about if r and r.kind == self.spec.kind))

    @property
    def _is_grouped(self) -> bool:
        return self.spec.kind is Kind.ALERT

    def _group_alerts(self) -> None:
        """Let the alerts of one outage stand below the one that is its cause."""
        if self._is_grouped:
            self.table.set_groups(outages_on(self.context.board))

    def tick(self) -> None:
        """Redraw the ages that read differently."""
        self.table.tick()
        if self._restarts is not None:
            self._restarts.plan()
        self.query_one(PaneTitle).redraw()

    def restyle(self) -> None:
        """Redraw in other styles."""
        self.table.restyle()
        self.update_labels()

    def update_labels(self) -> None:
        """Bring title, column titles and the text in place of the table up to date."""
        text = self._said_once(self.placeholder())
        self.set_class(bool(text), "-empty")
        if text != self._placeholder:  # an update would lay out, and send, the whole screen
            self._placeholder = text
            self.query_one(".word", Static).update(text)
        self._fit()  # there may be more rows than when it got its room
        self.query_one(PaneTitle).redraw()
        if self._restarts is not None:
            self._restarts.plan()

    def _said_once(self, text: str) -> str:
        """Return *text* without the reasons that a pane above it tells already: once is enough."""
        first, _, self.reasons = text.partition("\n")
        if not self.reasons or not self.display:
            return text
        above = takewhile(lambda pane: pane is not self, self.screen.query(Pane))
        told = any(pane.reasons == self.reasons and pane.display for pane in above)
        return first if told else text

    @on(RecordTable.RecordHighlighted)
    def _look_at_others(self) -> None:
        """Ask for what has come onto the screen with the cursor."""
        if self._restarts is not None:
            self._restarts.plan()

    @on(RecordTable.ColumnsResized)
    def _columns_changed(self) -> None:
        self._header.refresh()

    # --- actions ---------------------------------------------------------------------------------

    def do_open(self) -> None:
        """Unfold the row of the cursor where others are folded away below it, or else open it."""
        if not self.table.unfold():
            self._looking.do_open()

    def target_text(self, action: UiAction) -> str:
        """Return what *action* would act on, for the key hints."""
        ref = self.table.current_ref
        folded = self.table.model.groups.text(ref) if ref and action.id == "record.open" else ""
        return folded or super().target_text(action)

    def is_hinted(self, action: UiAction) -> bool:
        """Tell whether there are rows that *action* narrows or sorts; it is possible all the same:
        they may be on their way."""
        if action.id == "pane.only_wrong":
            return any(pane.table.model.total for pane in self.screen.query(Pane))
        return action.scope is not BindingScope.PANE or bool(self.table.model.total)

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible in this pane now."""
        if action.id == "pane.unmark" and not self.table.marks:
            return "no row is marked"
        if hidden := self._why_hidden(action):
            return hidden
        if action.id in {"pane.mark", "pane.mark_all"} and not len(self.table.model):
            return "there is no row"
        return super().disabled_reason(action)

    def _why_hidden(self, action: UiAction) -> str:
        """Return that nothing is selected where the filter hides all marked rows."""
        about_marks = action.scope is BindingScope.ACT or action.id in _FOR_MARKS
        if not about_marks or not self.table.marks or self.selection.selected_refs():
            return ""
        return "the filter hides what is marked; Esc drops it, U takes the marks away"

    def do_mark(self) -> None:
        """Mark the row under the cursor, or unmark it."""
        self.table.toggle_mark()
        self.update_labels()

    def do_mark_all(self) -> None:
        """Mark all rows that are shown."""
        self.table.mark_all()
        self.update_labels()

    def do_unmark(self) -> None:
        """Unmark all rows."""
        self.table.unmark()
        self.update_labels()

    def filter_by(self, text: str) -> None:
        """Filter by *text*, or say what is wrong with it."""
        self._filter.do_filter(text)

    def do_only_wrong(self) -> None:
        """Show only what is wrong, in every pane beside this one too, or all again."""
        wanted = not self.table.model.only_wrong
        for pane in self.screen.query(Pane):
            pane.table.show_only_wrong(wanted=wanted)
            pane.update_labels()

    def clear_filter_or_marks(self) -> bool:
        """Remove what narrows the rows, one after the other, or else the marks.

        Returns whether there were any.
        """
        if self.table.model.only_wrong:
            self.do_only_wrong()
            return True
        if self.table.model.filter:
            self._filter.apply("")
            return True
        if self.table.marks:
            self.do_unmark()
            return True
        return False

    def cursor_record(self) -> Record | None:
        """Return the record under the cursor."""
        return self.selection.record()


def _joining() -> Iterator[Kind]:
    """Yield the kinds that may join what alerts are about: no pods and the like."""
    kinds = (kind for kind in KINDS if kind.identities)
    return (kind.name for kind in kinds if kind.alert is not None or not kind.in_use)


_NOT_IN_IDS: Final = re.compile(r"[^a-zA-Z0-9_-]")


def pane_node_id(spec: PaneSpec) -> str:
    """Return the id of the node that is the pane *spec*; the name of a listing may have dots."""
    return f"pane-{_NOT_IN_IDS.sub('-', spec.id)}"


def _classes(spec: PaneSpec) -> str:
    """Return the classes of the pane."""
    return "" if spec.number else "-numberless"
