"""A box to pick several of the containers or pods of a log."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from opsboard.adapter import LogPart
from opsboard.records import Status
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import PageRow
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.too_small import TooSmallNotice

_CSS = Path(__file__).with_name("choice.tcss").read_text(encoding="utf-8")
ALL = "all"


class PartChoice(UiActionHandler, ModalScreen[tuple[str, ...] | None], inherit_bindings=False):
    """Asks which of *parts* are read, by their names; *picked* are marked to begin with.

    ``Space`` marks, ``Enter`` takes what is marked, or else the line of the cursor. Ends with the
    names, with none for all of them, and with ``None`` where nothing is to change.
    """

    SCOPES: ClassVar = (BindingScope.CHOICE,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.CHOICE)
    DEFAULT_CSS = _CSS.replace("ChoiceScreen", "PartChoice")

    def __init__(
        self, context: AppContext, title: str, parts: Sequence[LogPart], picked: Sequence[str]
    ) -> None:
        super().__init__()
        self.context = context
        self._title = title
        self._parts = parts
        self._marked = {part.name for part in parts} & set(picked)

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical():
            yield Static(self._title, markup=False, id="question")
            yield PageView(self.context)
        yield TooSmallNotice(self.context)

    def on_mount(self) -> None:
        """List the names."""
        self._list()

    def _list(self) -> None:
        page, styles = self.query_one(PageView), self.context.styles
        width = max((len(part.name) for part in self._parts), default=0)
        rows = [PageRow(Text(f"    {ALL}"), selectable=True, key=ALL)]
        for part in self._parts:
            marked = part.name in self._marked
            text = Text.assemble(
                (f" {styles.glyphs.mark if marked else ' '} ", styles.roles["mark"]),
                (f"{styles.glyphs.status[part.status]} ", styles.statuses[part.status]),
                (f"{part.name:<{width}}  ", styles.accent),
                (part.note, styles.statuses[Status.FAILED] if _failed(part) else styles.muted),
            )
            rows.append(PageRow(text, selectable=True, copy_text=part.name, key=part.name))
        page.styles.height = len(rows)
        page.show_rows(rows)

    def on_key(self, event: Key) -> None:
        """Mark the line of the cursor."""
        name = self.query_one(PageView).row.key
        if event.key == "space" and isinstance(name, str):
            event.stop()
            self._marked = set() if name == ALL else self._marked ^ {name}
            self._list()
            if name != ALL:
                self.query_one(PageView).do_down()

    def do_take(self) -> None:
        """Take what is marked, or else the line of the cursor."""
        name = self.query_one(PageView).row.key
        if self._marked:
            self.dismiss(tuple(sorted(self._marked)))
        elif isinstance(name, str):
            self.dismiss(() if name == ALL else (name,))

    def do_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def _failed(part: LogPart) -> bool:
    return part.status is Status.FAILED


def by_name(parts: Sequence[LogPart], *, groups: bool) -> list[LogPart]:
    """Return one part for each pod, or for each container of all pods: the worst of its name."""
    found = dict[str, LogPart]()
    for part in parts:
        name = part.group if groups else part.name
        known = found.get(name)
        if known is None or part.status.severity > known.status.severity:
            found[name] = LogPart(name=name, status=part.status, note=part.note)
    return sorted(found.values(), key=lambda part: part.status is not Status.FAILED)
