"""Textual's command palette, filled from the registry."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.widgets import Input

from opsboard.ui.actions.action_handler import UiActionHandler, actions_at
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import StylesChanged
from opsboard.ui.render.cells import BOLD, PLAIN
from opsboard.ui.render.layout import fit_text, wrap_text
from opsboard.ui.widgets.too_small import TooSmallNotice

_LEFT_OUT = (BindingScope.MOVE, BindingScope.PROMPT)


_FRAME = 16
"""Columns of the screen that are around an entry."""
_KEYS, _TITLE, _COMMAND = 8, 16, 14
"""Columns of the keys, of the title, and of the word after a colon."""
_WIDE = 90
"""Columns of an entry from which on there is room for that word."""


class ActionProvider(Provider):
    """Lists the actions at the focus; those that are not possible dim and last, with the reason."""

    async def discover(self) -> Hits:
        """Yield everything there is, before anything is typed."""
        for entry in sorted(self._entries(), key=lambda one: bool(one.reason)):
            yield DiscoveryHit(entry.line(self._width), entry.act, text=entry.action.title)

    async def search(self, query: str) -> Hits:
        """Yield what matches *query*."""
        match = self.matcher(query).match
        for entry in self._entries():
            if (score := entry.score(query.casefold(), match)) > 0:
                yield Hit(score, entry.line(self._width), entry.act, text=entry.text)

    @property
    def _width(self) -> int:
        return self.screen.size.width - _FRAME

    def _entries(self) -> "list[_Entry]":
        focus = self.focused or self.screen
        return [
            _Entry(actor, action, actor.disabled_reason(action))
            for actor, action in actions_at(focus)
            if action.scope not in _LEFT_OUT
        ]


class _Entry(NamedTuple):
    """An *action* that *actor* carries out; *reason* is why that is not possible now, or empty."""

    actor: UiActionHandler
    action: UiAction
    reason: str

    @property
    def text(self) -> str:
        """Return what is searched, in the words of the entry."""
        return f"{self.action.title}: {self.action.help}"

    def score(self, query: str, match: Callable[[str], float]) -> float:
        """Return how well it fits *query*, 0 for not at all: *match* scores a text.

        What it is called counts more than what is said of it: ``ro`` is Roll back, and not all that
        has to do with rows, even where nothing can be rolled back now. Of those that match by their
        names, or of the others, what is possible now stands first, however well the rest matches.
        """
        names = (self.action.title, *self.action.commands)
        by_name = max(map(match, names))
        found = max(by_name, match(self.text))
        if found <= 0:
            return 0
        begins = any(name.casefold().startswith(query) for name in names)
        is_possible = not self.reason
        rank = 2 + 2 * is_possible + begins if by_name > 0 else is_possible
        return rank + found / (1 + found)

    def act(self) -> Awaitable[None]:
        """Carry it out, or say why that is not possible."""
        return self.actor.action_perform(self.action.id)

    def line(self, width: int) -> Text:
        """Return it in *width* columns: its keys, its title, its command, and what it does.

        What it does is cut where a line ends, and why it cannot be done is not.
        """
        context, action, reason = self.actor.context, self.action, self.reason
        styles = context.styles
        keys = " ".join(map(key_label, context.keys_of(action)))
        word = f":{action.commands[0]}" if action.commands else ""
        pieces = [(keys, _KEYS, styles.accent), (action.title, _TITLE, BOLD)]
        if width >= _WIDE and not reason:  # a reason is never cut
            pieces.append((word, _COMMAND, PLAIN))
        line = Text()
        for text, columns, style in pieces:
            line.append(f"{fit_text(text, columns, styles)} ", styles.faint if reason else style)
        indent = "\n" + " " * line.cell_len
        room = width - line.cell_len
        if reason:
            return line.append(indent.join(wrap_text(f"not now: {reason}", room)), styles.faint)
        return line.append(fit_text(action.help, room, styles).rstrip())


class Palette(CommandPalette):
    """The palette. Enter waits until the search for what is typed has finished.

    The room for the scroll bar is always kept: Textual does not measure the options again when the
    bar appears, and an option that then takes a line more would lose its last one.
    """

    DEFAULT_CSS = """
    Palette CommandList {
        scrollbar-gutter: stable;
    }
    Palette CommandList > .option-list--option {
        text-style: none;
    }
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__(providers=[ActionProvider], placeholder="Search for commands")
        self.context = context

    def compose(self) -> ComposeResult:
        """Lay out the palette, and the notice that covers it in a terminal that is too small."""
        yield from super().compose()
        yield TooSmallNotice(self.context)

    @on(StylesChanged)
    def search_again(self) -> None:
        """List the entries anew: each was drawn in the styles before."""
        typed = self.query_one(Input)
        typed.post_message(Input.Changed(typed, typed.value))

    def on_mount(self) -> None:
        """Let the cursor stand still: a slow line is sent nothing that nobody has asked for."""
        self.query_one(Input).cursor_blink = False

    @property
    def is_settling(self) -> bool:
        """Whether the list is still that of an earlier text."""
        return any(worker.node is self and not worker.is_finished for worker in self.workers)
