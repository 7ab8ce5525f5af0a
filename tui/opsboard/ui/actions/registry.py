"""The one registry: bindings, hints, help, commands and palette are all views of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from textual.binding import Binding, BindingType

from opsboard.ui.actions.ui_action import BindingScope, UiAction


class UiActionRegistry:
    """All actions, by id, by place and by command."""

    def __init__(self, actions: Iterable[UiAction]) -> None:
        self._by_id: dict[str, UiAction] = {}
        self._by_command: dict[str, tuple[UiAction, ...]] = {}
        for action in actions:
            self._add(action)

    def _add(self, action: UiAction) -> None:
        if action.id in self._by_id:
            raise ValueError(f"two actions have the id {action.id!r}")
        self._by_id[action.id] = action
        for word in action.commands:
            self._by_command[word] = (*self._by_command.get(word, ()), action)

    def __iter__(self) -> Iterator[UiAction]:
        return iter(self._by_id.values())

    def __getitem__(self, action_id: str) -> UiAction:
        return self._by_id[action_id]

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._by_id

    @property
    def commands(self) -> Mapping[str, Sequence[UiAction]]:
        """The actions by each word that may be typed after ``:``; one for each place at most."""
        return self._by_command

    def at(self, *places: BindingScope) -> Sequence[UiAction]:
        """Return the actions of *places*, in the order of the places."""
        return [action for place in places for action in self if action.scope is place]

    def bindings(self, *places: BindingScope) -> list[BindingType]:
        """Return Textual's bindings for a node that acts at *places*: its ``BINDINGS``."""
        return [_binding(action) for action in self.at(*places) if action.keys]


def _binding(action: UiAction) -> Binding:
    return Binding(
        ",".join(action.keys),
        f"perform({action.id!r})",
        action.title,
        id=action.id,
        tooltip=action.help,
    )


def textual_key(key: str) -> str:
    """Return Textual's name of *key*: ``question_mark`` for ``?``, ``ctrl+a`` as it is."""
    return "comma" if key == "," else next(iter(Binding.make_bindings([Binding(key, "")]))).key
