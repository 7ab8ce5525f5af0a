"""The board: the overview of the numbered panes, or one pane alone."""

from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.events import DescendantFocus, Resize

from opsboard.records import Ref
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.messages import (
    BoardChanged,
    ClockTicked,
    QuitRequested,
    ScopeChanged,
    StylesChanged,
    ViewsChanged,
)
from opsboard.ui.screens.base_screen import PreviewingScreen
from opsboard.ui.widgets.pane import MIN_TITLED_HEIGHT, Pane
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.pane_heights import share_heights
from opsboard.views.panes import SAVED_VIEWS, numbered_panes, pane_named, panes

WIDE = 110
"""Columns from which on a preview of the record under the cursor stands beside the panes."""
_TIMES: Final = frozenset({"board.earlier", "board.later"})
_FRAME: Final = 2
"""Lines of the top line and the key hints."""
_LEAST: Final = 3
"""Lines of each pane at least: a title, and two rows."""
_LEAST_TITLED: Final = MIN_TITLED_HEIGHT
"""The same where there is room: with the titles of the columns, and three rows."""


class BoardPlace(NamedTuple):
    """Where somebody is on a board: the *pane*, and the record under its cursor."""

    pane: str
    ref: Ref | None
    zoomed: bool


class BoardScreen(PreviewingScreen):
    """Shows the panes. One of them has the focus; zoomed, it has all the room too."""

    SCOPES: ClassVar = (BindingScope.BOARD,)
    BINDINGS: ClassVar = ACTIONS.bindings(BindingScope.BOARD)

    _heights: tuple[int, ...] = ()
    """The heights of the panes, as they were last laid out."""
    _last: Pane | None = None
    """The pane that had the focus last. A prompt that has it now is about this one."""

    def compose_body(self) -> ComposeResult:
        """Yield the numbered panes; others are mounted when they are first opened."""
        self._set_wide(self.app.size.width)  # a class that comes later restyles every widget anew
        with Horizontal(id="overview"):
            with Container(id="panes"):
                for spec in numbered_panes():
                    yield Pane(self.context, spec)
            yield self.preview

    def on_mount(self) -> None:
        """Begin in the first pane that has anything to show."""
        panes = list(self.query(Pane))
        filled = (pane for pane in panes if self.context.board.records(pane.spec.kind))
        self._last = next(filled, panes[0])
        self.set_focus(self._last.table)
        self._share_height(self.app.size.height - _FRAME)  # or else the first layout is for nothing

    # --- layout ----------------------------------------------------------------------------------

    @on(Resize)
    def _fit(self, event: Resize) -> None:
        self._set_wide(event.size.width)
        self._share_height(event.size.height - _FRAME)  # before the first frame, too
        self.call_after_refresh(self._share_height)

    def _set_wide(self, width: int) -> None:
        self.set_class(width >= WIDE, "-wide")

    def _share_height(self, room: int = 0) -> None:
        """Give each pane the height that it needs, up to its share of *room*."""
        room = room or self.query_one("#panes").size.height
        if self.zoomed or not room:
            return
        panes = [pane for pane in self.query(Pane) if pane.spec.number]
        focused = panes.index(self._last) if self._last in panes else -1
        needs = [pane.needed_height for pane in panes]
        is_roomy = room > len(panes) * _LEAST_TITLED
        least = _LEAST_TITLED if is_roomy else _LEAST
        heights = tuple(share_heights(needs, room, least, focused))
        if heights != self._heights:
            self._heights = heights
            self.query_one("#panes").styles.grid_rows = " ".join(map(str, heights))

    @property
    def pane(self) -> Pane:
        """The pane in focus, or the one that had it before a prompt."""
        focused = self.focused
        for node in focused.ancestors_with_self if focused is not None else ():
            if isinstance(node, Pane):
                return node
        last = self._last
        return last if last is not None and last.is_attached else self.query(Pane).first()

    @property
    def zoomed(self) -> bool:
        """Whether one pane has all the room."""
        return self.has_class("-zoomed")

    def _zoom(self, pane: Pane) -> None:
        self.add_class("-zoomed")
        for other in self.query(Pane):
            other.set_class(other is pane, "-alone")
        self.set_focus(pane.table)

    def _overview(self) -> None:
        numbered = [pane for pane in self.query(Pane) if pane.spec.number]
        self.remove_class("-zoomed")
        if self.pane not in numbered:
            self.set_focus(numbered[0].table)
        for pane in self.query(Pane):
            pane.remove_class("-alone")
        self.call_after_refresh(self._share_height)

    @on(DescendantFocus)
    def _pane_in_focus(self) -> None:
        """Mark the pane in focus, and show the environment of its record in the top line."""
        self._last = self.pane
        for pane in self.query(Pane):
            pane.set_active(current=pane is self._last)
        self._share_height()
        self._look()

    @on(RecordTable.RecordHighlighted)
    def _cursor_moved(self) -> None:
        self._look()
        self.refresh_bindings()

    def _look(self) -> None:
        """Show the environment of the record under the cursor, and in a moment all of it."""
        self.show_environment(self.pane.cursor_record())
        self.preview.show(self.pane.table.current_ref)

    # --- taking in -------------------------------------------------------------------------------

    @on(BoardChanged)
    def _board_changed(self, event: BoardChanged) -> None:
        for pane in self.query(Pane):
            pane.board_changed(event.delta)
        self._share_height()

    @on(ScopeChanged)
    def _scope_changed(self) -> None:
        for pane in self.query(Pane):
            pane.scope_changed()
        self._share_height()

    @on(ViewsChanged)
    async def _views_changed(self) -> None:
        """Take away the panes of saved views that are no more, or are others now."""
        known = {spec.id: spec for spec in panes()}
        views = {view.id: view for view in SAVED_VIEWS.panes}
        stale = [
            pane
            for pane in self.query(Pane)
            if pane.spec.id not in known or views.get(pane.spec.id, pane.spec) is not pane.spec
        ]
        if not stale:
            return
        shown = self.pane.spec.id if self.zoomed and self.pane in stale else ""
        if shown:
            self._overview()
        for pane in stale:
            await pane.remove()
        if shown in known:
            self.show_pane(shown)

    @on(ClockTicked)
    def _ticked(self) -> None:
        for pane in self.query(Pane):
            pane.tick()

    @on(StylesChanged)
    def _looks_changed(self) -> None:
        for pane in self.query(Pane):
            pane.restyle()

    # --- acting ----------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why the overview cannot be opened: it is shown already."""
        if action.id == "board.overview" and not self.zoomed:
            return "it is shown already"
        if action.id in _TIMES:
            return self._why_not_another_time(action)
        return super().disabled_reason(action)

    def _why_not_another_time(self, action: UiAction) -> str:
        if self.context.history is None:
            return "this board keeps no history"
        is_now = self.context.as_of is None
        return "this is now" if action.id == "board.later" and is_now else ""

    def show_pane(self, name: str, filter_text: str = "") -> None:
        """Go to the pane called *name*; if it is in focus already, or has no number, zoom it.

        With *filter_text*, it is filtered by that.
        """
        spec = pane_named(name)
        found = self.query(f"#pane-{name}").results(Pane)
        pane = next(iter(found), None)
        if pane is None:
            self.call_later(self._open, Pane(self.context, spec), filter_text)
            return
        if filter_text:
            pane.filter_by(filter_text)
        if self.zoomed or not spec.number or pane is self.pane:
            self._zoom(pane)
        else:
            self.set_focus(pane.table)

    async def _open(self, pane: Pane, filter_text: str) -> None:
        """Add a pane, and show it once all of its parts are there."""
        await self.query_one("#panes").mount(pane)
        self._zoom(pane)
        if filter_text:
            pane.filter_by(filter_text)

    def do_zoom(self) -> None:
        """Give the pane in focus all the room, or share it again."""
        if self.zoomed:
            self._overview()
        else:
            self._zoom(self.pane)

    def do_overview(self) -> None:
        """Show the numbered panes."""
        self._overview()

    @property
    def place(self) -> BoardPlace:
        """The pane in focus, whether it has all the room, and the record under its cursor."""
        return BoardPlace(self.pane.spec.id, self.pane.table.current_ref, zoomed=self.zoomed)

    def show_place(self, place: BoardPlace) -> None:
        """Go to where somebody was on another board, as far as that is here."""
        found = self.query(f"#pane-{place.pane}").results(Pane)
        if (pane := next(iter(found), None)) is None:
            return
        if place.zoomed:
            self._zoom(pane)
        else:
            self.set_focus(pane.table)
        if place.ref is not None and (row := pane.table.model.find(place.ref)) is not None:
            pane.table.move_to(row)

    def do_next(self) -> None:
        """Go to the next pane."""
        self._step(+1)

    def do_previous(self) -> None:
        """Go to the previous pane."""
        self._step(-1)

    def _step(self, step: int) -> None:
        panes = [pane for pane in self.query(Pane) if pane.spec.number or pane is self.pane]
        pane = panes[(panes.index(self.pane) + step) % len(panes)]
        if self.zoomed:
            self._zoom(pane)
        else:
            self.set_focus(pane.table)

    def do_back(self) -> None:
        """Take one step back: the filter, the marks, the zoom."""
        if not self.pane.clear_filter_or_marks() and self.zoomed:
            self._overview()

    def do_quit(self) -> None:
        """Leave the program."""
        self.post_message(QuitRequested())
