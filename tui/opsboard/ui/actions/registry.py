"""The one registry: bindings, hints, help, commands and palette are all views of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding, BindingType

from opsboard.ui.actions.ui_action import BindingScope, UiAction


class UiActionRegistry:
    """All actions, by id, by place and by command.

    *later* returns actions of which more may come while the program runs: those that open the
    tables of an adapter's kinds or saved views, and its actions; the same object as before says
    that nothing has changed. Such a one is not reached by a word that others have already.
    """

    def __init__(
        self, actions: Iterable[UiAction], later: Callable[[], Iterable[UiAction]] = tuple
    ) -> None:
        self._later = later
        self._seen: Iterable[UiAction] = ()
        self._added_later: dict[str, UiAction] = {}
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

    def _add_later(self) -> None:
        later = self._later()
        if later is self._seen:
            return
        self._seen = later
        now = {action.id: action for action in later}
        for action_id, added in tuple(self._added_later.items()):
            if now.get(action_id) != added:
                self._remove(self._by_id[action_id])
        for action_id in now.keys() - self._by_id.keys():
            free = [word for word in now[action_id].commands if word not in self._by_command]
            self._add(replace(now[action_id], commands=tuple(free) or (action_id,)))
            self._added_later[action_id] = now[action_id]

    def _remove(self, action: UiAction) -> None:
        del self._added_later[action.id]
        del self._by_id[action.id]
        for word in action.commands:
            del self._by_command[word]

    def __iter__(self) -> Iterator[UiAction]:
        self._add_later()
        return iter(tuple(self._by_id.values()))

    def __getitem__(self, action_id: str) -> UiAction:
        if action_id not in self._by_id:
            self._add_later()
        return self._by_id[action_id]

    def __contains__(self, action_id: object) -> bool:
        self._add_later()
        return action_id in self._by_id

    @property
    def commands(self) -> Mapping[str, Sequence[UiAction]]:
        """The actions by each word that may be typed after ``:``; one for each place at most."""
        self._add_later()
        return self._by_command

    def at(self, *places: BindingScope) -> Sequence[UiAction]:
        """Return the actions of *places*, in the order of the places."""
        everything = tuple(self)
        return [action for place in places for action in everything if action.scope is place]

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
