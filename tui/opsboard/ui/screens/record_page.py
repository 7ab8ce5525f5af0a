"""The base of screens that are a page about records: chain, time line, service, what changed."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from opsboard.records import Ref
from opsboard.ui.actions.action_handler import ActionGroup
from opsboard.ui.actions.alert_commands import AlertCommands
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_actions import RecordActions
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_comparison import RecordComparison
from opsboard.ui.actions.record_history import RecordHistory
from opsboard.ui.actions.record_pull_request import RecordPullRequest
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, OpenDetail, StylesChanged
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import AnyRow
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page_view import PageView


class PageSelection(RecordSelection):
    """The record of the row under the cursor, or else the record *ref* of the whole page."""

    def __init__(self, context: AppContext, page: PageView, ref: Ref | None = None) -> None:
        super().__init__(context)
        self._page, self._ref = page, ref

    def current_ref(self) -> Ref | None:
        """Return the row's own record, or else that of the page."""
        if self._page.row.of_nothing:
            return None
        return self._page.row.ref or self._ref

    def cell_text(self) -> str:
        """Return the value under the cursor."""
        return self._page.row.copy_text


class RecordPageScreen(BaseScreen):
    """A page whose rows are records to go to and to act on.

    A subclass has the :meth:`rows`, written again when the board changes and as time goes by, and a
    word for its *sort* in the caption. *ref* is the record that the page is about, if it is one.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = (
        BindingScope.RECORD,
        BindingScope.DETAIL,
        BindingScope.ACT,
        BindingScope.SCREEN,
    )
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DETAIL, BindingScope.ACT
    )

    sort = ""
    page_type: ClassVar[type[PageView]] = PageView

    def __init__(self, context: AppContext, title: str, ref: Ref | None = None) -> None:
        super().__init__(context)
        self.ref, self.page_title = ref, title
        self.is_of_everything = ref is None
        self.page = self.page_type(context)
        self.selection = PageSelection(context, self.page, ref)
        self.action_groups: Sequence[ActionGroup] = (
            RecordCommands(self, self.selection),
            RecordHistory(self, self.selection),
            RecordPullRequest(self, self.selection),
            RecordComparison(self, self.selection),
            AlertCommands(self, self.selection),
            RecordActions(self, self.selection),
        )

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        yield Caption(self.context, self.sort, self.page_title)
        yield self.page

    def on_mount(self) -> None:
        """Write the page."""
        self.write()

    def on_resize(self) -> None:
        """Break the lines of the page at the new width."""
        self.write()

    # --- showing ---------------------------------------------------------------------------------

    @abstractmethod
    def rows(self, page: PageFormat) -> Sequence[AnyRow]:
        """Return the rows of the page."""

    @property
    def page_format(self) -> PageFormat:
        """What the rows are formatted for now."""
        return PageFormat(self.context.styles, self.context.clock.now(), self.size.width - 2)

    def title_text(self) -> str:
        """Return what the caption calls the page."""
        return self.page_title

    def state_text(self) -> str:
        """Return what the caption says at the right."""
        return self.context.of_when

    @on(BoardChanged)
    @on(ClockTicked)
    @on(StylesChanged)
    def write(self) -> None:
        """Write the page again."""
        if not self.is_mounted or not self.size.width:
            return
        self.page.show_rows(self.rows(self.page_format))
        self.query_one(Caption).set_state(self.state_text(), title=self.title_text())
        self._show_environment_of_row()

    @on(PageView.RowHighlighted)
    def _show_environment_of_row(self) -> None:
        """Show the environment of the record that keys are about: of the row, or of the page."""
        ref = self.page.row.ref
        record = self.context.board.get(ref) if ref is not None and ref != self.ref else None
        if record is not None and record.environment:
            self.show_environment(record)
        else:
            self.show_page_environments()

    def show_page_environments(self) -> None:
        """Show the environment of the record that the page is about, or that led here."""
        self.show_environment_of(self.context.board.get(self.ref) if self.ref else None)

    # --- actions ---------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible on the row under the cursor."""
        if action.id == "record.open" and self.page.row.ref is None:
            return "this row has no details"
        return super().disabled_reason(action)

    def do_open(self) -> None:
        """Open the record of the row."""
        if (ref := self.page.row.ref) is not None:
            self.post_message(OpenDetail(ref))

    def do_next(self) -> None:
        """Go to the next section."""
        self.page.go_to_section(+1)

    def do_previous(self) -> None:
        """Go to the previous section."""
        self.page.go_to_section(-1)
