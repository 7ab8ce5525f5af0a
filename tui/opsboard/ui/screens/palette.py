"""Textual's command palette, filled from the registry."""

from functools import partial

from textual.app import ComposeResult
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from opsboard.ui.actions.action_handler import UiActionHandler, actions_at
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.widgets.too_small import TooSmallNotice

_LEFT_OUT = (BindingScope.MOVE, BindingScope.PROMPT)


class ActionProvider(Provider):
    """Lists the actions at the focus; those that are not possible with the reason."""

    async def discover(self) -> Hits:
        """Yield everything there is, before anything is typed."""
        for actor, action in self._actions():
            yield DiscoveryHit(
                Content(action.title),
                partial(actor.action_perform, action.id),
                text=action.title,
                help=_help(actor, action),
            )

    async def search(self, query: str) -> Hits:
        """Yield what matches *query*."""
        matcher = self.matcher(query)
        for actor, action in self._actions():
            title = f"{action.title}: {action.help}"
            if (score := matcher.match(title)) > 0:
                yield Hit(
                    score,
                    matcher.highlight(title),
                    partial(actor.action_perform, action.id),
                    text=title,
                    help=_help(actor, action),
                )

    def _actions(self) -> list[tuple[UiActionHandler, UiAction]]:
        focus = self.focused or self.screen
        return [
            (actor, action) for actor, action in actions_at(focus) if action.scope not in _LEFT_OUT
        ]


class Palette(CommandPalette):
    """The palette. Enter waits until the search for what is typed has finished.

    The room for the scroll bar is always kept: Textual does not measure the options again when the
    bar appears, and an option that then takes a line more would lose its last one.
    """

    DEFAULT_CSS = """
    Palette CommandList {
        scrollbar-gutter: stable;
    }
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__(providers=[ActionProvider])
        self.context = context

    def compose(self) -> ComposeResult:
        """Lay out the palette, and the notice that covers it in a terminal that is too small."""
        yield from super().compose()
        yield TooSmallNotice(self.context)

    @property
    def is_settling(self) -> bool:
        """Whether the list is still that of an earlier text."""
        return any(worker.node is self and not worker.is_finished for worker in self.workers)


def _help(actor: UiActionHandler, action: UiAction) -> str:
    if reason := actor.disabled_reason(action):
        return f"not now: {reason}"
    keys = map(key_label, actor.context.keys_of(action))
    return ", ".join((*keys, *(f":{word}" for word in action.commands[:1])))
