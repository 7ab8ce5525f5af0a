"""A page of text to paste elsewhere: the hand-over."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult

from opsboard.adapter import SourceError
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import CopyText, StylesChanged
from opsboard.ui.render.layout import PageRow, error_rows, wrap_text
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.workers import start_worker


class ReportScreen(BaseScreen):
    """Shows the Markdown text that *write* returns; ``c`` copies all of it."""

    SCOPES: ClassVar = (BindingScope.REPORT, BindingScope.SCREEN)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.REPORT)

    def __init__(
        self, context: AppContext, sort: str, title: str, write: Callable[[], Awaitable[str]]
    ) -> None:
        super().__init__(context)
        self._sort, self._title, self._write = sort, title, write
        self.is_of_everything = True
        self._page = PageView(context)
        self._text = ""
        self._error: SourceError | None = None

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        yield Caption(self.context, self._sort, self._title)
        yield self._page

    def on_mount(self) -> None:
        """Have the text written."""
        self.reload()
        self._show()

    def reload(self) -> None:
        """Have the text written again."""
        start_worker(self, self._read, group="report")

    async def _read(self) -> None:
        try:
            self._text, self._error = await self._write(), None
        except SourceError as error:
            self._error = error
        self._show()
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Break the lines at the new width."""
        self._show()

    @on(StylesChanged)
    def _show(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        self._page.show_rows(self._rows(self.size.width - 2))
        state = "c copies it" if self._text else "not available" if self._error else "reading"
        self.query_one(Caption).set_state(state, wrong=self._error is not None)

    def _rows(self, width: int) -> Sequence[PageRow]:
        styles = self.context.styles
        rows = list(error_rows(self._error, styles, width)) if self._error else []
        for number, line in enumerate(self._text.rstrip("\n").split("\n") if self._text else ()):
            heading = line.startswith("#")
            for part, piece in enumerate(wrap_text(line, width - 1)):
                text = Text(f" {piece}", styles.accent if heading else "")
                rows.append(PageRow(text, selectable=True, copy_text=line, key=(number, part)))
        return rows

    def disabled_reason(self, action: UiAction) -> str:
        """Return that there is nothing to copy yet."""
        if action.id == "report.copy" and not self._text:
            return "there is nothing to copy yet"
        return super().disabled_reason(action)

    def do_copy(self) -> None:
        """Copy the whole text."""
        self.post_message(CopyText(self._text, f"the {self._sort}"))
