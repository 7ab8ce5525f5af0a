"""The mixin of screens and widgets that carry out actions."""

from collections.abc import Iterator, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar

from textual.dom import DOMNode

from opsboard.ui.actions.action import Action, Place
from opsboard.ui.actions.declared import ACTIONS

if TYPE_CHECKING:
    _Base = DOMNode
else:
    _Base = object  # a second DOMNode base would hide the first one's style sheet


class Acting(_Base):
    """Carries out the actions of its :attr:`PLACES`, by methods named ``do_...``.

    A subclass sets ``PLACES`` and ``BINDINGS = ACTIONS.bindings(*PLACES)``, and overrides
    :meth:`disabled_reason` where an action is not always possible. Keys, ``:`` commands and the
    palette all come through :meth:`action_act`.
    """

    PLACES: ClassVar[tuple[Place, ...]] = ()

    def disabled_reason(self, action: Action) -> str:
        """Return why *action* is not possible now, or ``""`` if it is."""
        return ""

    def completions(self, action: Action) -> Sequence[str]:
        """Return what could be typed after the command of *action*."""
        return ()

    async def action_act(self, action_id: str, typed: str = "") -> None:
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


def acting_here(focus: DOMNode) -> Iterator[Acting]:
    """Yield what acts where *focus* is, from the inside outwards."""
    for node in focus.ancestors_with_self:
        if isinstance(node, Acting):
            yield node


def possible_here(focus: DOMNode) -> Iterator[tuple[Acting, Action]]:
    """Yield every action there is at *focus*, possible now or not, with who carries it out."""
    for actor in acting_here(focus):
        for action in ACTIONS.at(*actor.PLACES):
            yield actor, action
