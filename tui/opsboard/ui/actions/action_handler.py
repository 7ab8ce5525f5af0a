"""The mixin of screens and widgets that carry out actions."""

from collections.abc import Iterator, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar

from textual.dom import DOMNode

from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction

if TYPE_CHECKING:
    _Base = DOMNode
else:
    _Base = object  # a second DOMNode base would hide the first one's style sheet


class UiActionHandler(_Base):
    """Carries out the actions of its :attr:`SCOPES`, by methods named ``do_...``.

    A subclass sets ``SCOPES`` and ``BINDINGS = ACTIONS.bindings(*SCOPES)``, and overrides
    :meth:`disabled_reason` where an action is not always possible. Keys, ``:`` commands and the
    palette all come through :meth:`action_perform`.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = ()

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible now, or ``""`` if it is."""
        return ""

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return what could be typed after the command of *action*."""
        return ()

    async def action_perform(self, action_id: str, typed: str = "") -> None:
        """Carry out an action, or say why it is not possible."""
        action = ACTIONS[action_id]
        if reason := self.disabled_reason(action):
            self.app.notify(f"{action.title}: {reason}", severity="warning", markup=False)
            return
        method = getattr(self, action.method)
        argument = typed or action.argument
        outcome = method(argument) if action.takes or action.argument else method()
        if isawaitable(outcome):
            await outcome


def handlers_at(focus: DOMNode) -> Iterator[UiActionHandler]:
    """Yield what acts where *focus* is, from the inside outwards."""
    for node in focus.ancestors_with_self:
        if isinstance(node, UiActionHandler):
            yield node


def actions_at(focus: DOMNode) -> Iterator[tuple[UiActionHandler, UiAction]]:
    """Yield every action there is at *focus*, possible now or not, with who carries it out."""
    for actor in handlers_at(focus):
        for action in ACTIONS.at(*actor.SCOPES):
            yield actor, action
