"""How screens, widgets and the app carry out actions."""

from collections.abc import Iterator, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.dom import DOMNode

from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope, UiAction

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from opsboard.ui.context import AppContext

    _Base = DOMNode
else:
    _Base = object  # a second DOMNode base would hide the first one's style sheet


class ActionGroup:
    """Carries out some of a node's actions, by methods named ``do_...``.

    A node lists its groups in :attr:`UiActionHandler.action_groups`.
    """

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible now, or ``""`` if it is or is another group's."""
        return ""

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return what could be typed after the command of *action*."""
        return ()

    def target_text(self, action: UiAction) -> str:
        """Return what *action* would act on, for the key hints; ``""`` if it acts on nothing."""
        return ""


class UiActionHandler(_Base):
    """Mixin of nodes that carry out the actions of their :attr:`SCOPES`.

    Actions are methods named ``do_...`` of the node or of one of its :attr:`action_groups`. A
    subclass sets ``SCOPES`` and ``BINDINGS = ACTIONS.bindings(*SCOPES)``, and overrides
    :meth:`disabled_reason` where an action is not always possible. Keys, ``:`` commands and the
    palette all come through :meth:`action_perform`, which Textual calls by its name.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = ()
    context: "AppContext"
    action_groups: Sequence[ActionGroup] = ()

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible now, or ``""`` if it is."""
        reasons = (group.disabled_reason(action) for group in self.action_groups)
        return next(filter(None, reasons), "")

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return what could be typed after the command of *action*."""
        completions = (group.completions(action) for group in self.action_groups)
        return next(filter(None, completions), ())

    def title_here(self, action: UiAction) -> str:
        """Return the words for *action* in the key hints, where the node has better ones."""
        return action.title

    def is_hinted(self, action: UiAction) -> bool:
        """Tell whether *action* is worth a key hint now: one that changes nothing yet is not."""
        return True

    def target_text(self, action: UiAction) -> str:
        """Return what *action* would act on, for the key hints; ``""`` if it acts on nothing."""
        texts = (group.target_text(action) for group in self.action_groups)
        return next(filter(None, texts), "")

    async def action_perform(self, action_id: str, typed: str = "") -> None:
        """Carry out an action with the argument *typed*, or notify why it is not possible."""
        if action_id not in ACTIONS:
            self.show_notice(f"{action_id}: there is no such table", wrong=True)
            return
        action = ACTIONS[action_id]
        if reason := self.disabled_reason(action):
            self.app.notify(f"{action.title}: {reason}", severity="warning", markup=False)
            return
        method = self._method_of(action)
        given = [action.argument] if action.argument else []
        given += [typed] if action.takes else []
        outcome = method(*given)
        if isawaitable(outcome):
            await outcome

    def _method_of(self, action: UiAction) -> Any:
        """Return the method of the node or of its groups that carries out *action*."""
        for owner in (self, *self.action_groups):
            if method := getattr(owner, action.method, None):
                return method
        raise AttributeError(f"{type(self).__name__} has no {action.method} for {action.id}")

    def show_notice(self, text: str, *, wrong: bool = False, failed: bool = False) -> None:
        """Show *text*, which is no markup, in a corner for a while.

        As a warning if something is *wrong*, in the colour of a failure only if something *failed*.
        """
        severity: SeverityLevel = "warning" if wrong else "information"
        self.app.notify(text, severity="error" if failed else severity, markup=False)


def handlers_at(focus: DOMNode) -> Iterator[UiActionHandler]:
    """Yield the nodes that carry out actions, from *focus* outwards to the app."""
    for node in focus.ancestors_with_self:
        if isinstance(node, UiActionHandler):
            yield node


def actions_at(focus: DOMNode) -> Iterator[tuple[UiActionHandler, UiAction]]:
    """Yield every action there is at *focus*, possible now or not, with its handler."""
    for handler in handlers_at(focus):
        for action in ACTIONS.at(*handler.SCOPES):
            yield handler, action
