"""A box that lists the annotations of a build's log, to go to one."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from opsboard.adapter import AnnotationLevel, LogAnnotation, LogLine
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import PageRow
from opsboard.ui.render.log_rows import annotation_style
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.too_small import TooSmallNotice

_CSS = Path(__file__).with_name("choice.tcss").read_text(encoding="utf-8")
_GRAVEST_FIRST = tuple(AnnotationLevel)


class AnnotationChoice(UiActionHandler, ModalScreen[int | None], inherit_bindings=False):
    """Lists *found*, lines with their numbers: errors first, in the order of the log.

    Ends with the number of the one that was chosen, and with ``None`` for none.
    """

    SCOPES: ClassVar = (BindingScope.CHOICE,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.CHOICE)
    DEFAULT_CSS = _CSS.replace("ChoiceScreen", "AnnotationChoice")

    def __init__(self, context: AppContext, found: Sequence[tuple[int, LogLine]]) -> None:
        super().__init__()
        self.context = context
        self._found = sorted(
            ((_of(line), number, line) for number, line in found),
            key=lambda one: (_GRAVEST_FIRST.index(one[0].level), one[1]),
        )

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        count = len(self._found)
        title = f"{count} annotation{'s' * (count != 1)}; Enter goes to its line"
        with Vertical():
            yield Static(title, markup=False, id="question")
            yield PageView(self.context)
        yield TooSmallNotice(self.context)

    def on_mount(self) -> None:
        """List them."""
        page, styles = self.query_one(PageView), self.context.styles
        rows = list[PageRow]()
        for said, number, line in self._found:
            own = annotation_style(said.level, styles)
            text = Text.assemble((f" {line.text}", own))
            rows.append(PageRow(text, selectable=True, copy_text=line.text, key=number))
            where = "  ".join(filter(None, (said.place, said.title, line.group, line.part)))
            rows.append(PageRow(Text(f"   {where}", styles.muted)))
        page.styles.height = len(rows)
        page.show_rows(rows)

    def do_take(self) -> None:
        """Take the one under the cursor."""
        number = self.query_one(PageView).row.key
        if isinstance(number, int):
            self.dismiss(number)

    def do_close(self) -> None:
        """Go nowhere."""
        self.dismiss(None)


def _of(line: LogLine) -> LogAnnotation:
    return line.annotation or LogAnnotation(AnnotationLevel.NOTICE)
