"""The hints line: the keys for where one is, from the registry."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from opsboard.ui.actions.acting import possible_here
from opsboard.ui.actions.action import Action
from opsboard.ui.host import host_of
from opsboard.ui.key_names import label_of
from opsboard.ui.looks import looks_of
from opsboard.ui.widgets.one_line import OneLine
from opsboard.ui.widgets.typed_line import TypedLine

_GAP = 2


class Hint(NamedTuple):
    """A key, what it does, and whether it would do it now."""

    key: str
    title: str
    possible: bool

    @property
    def width(self) -> int:
        """How many columns it takes, with the gap after it."""
        return len(self.key) + 1 + len(self.title) + _GAP


class Hints(OneLine):
    """One line of keys. What is not possible now is faint; ``?`` says why."""

    def on_mount(self) -> None:
        """Follow what is possible."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.redraw())

    def line(self, width: int) -> Text:
        """Return as many hints as fit, and always the one for help."""
        line = Text(" ")
        for hint in fitting(self._hints(), width - 1):
            self._append(line, hint)
        return line

    def _append(self, line: Text, hint: Hint) -> None:
        looks = looks_of(self)
        line.append(hint.key, looks.accent if hint.possible else looks.faint)
        line.append(f" {hint.title}", looks.muted if hint.possible else looks.faint)
        line.append(" " * _GAP)

    def _hints(self) -> list[Hint]:
        """Return what has a rank, help last, each title once: the innermost place wins."""
        found: dict[str, tuple[Action, bool]] = {}
        for actor, action in possible_here(self.screen.focused or self.screen):
            if action.rank and self._keys_of(action) and action.title not in found:
                found[action.title] = (action, not actor.why_not(action))
        ranked = sorted(found.values(), key=lambda entry: _rank(entry[0]))
        return [self._hint(action, possible) for action, possible in ranked]

    def _hint(self, action: Action, possible: bool) -> Hint:
        return Hint(self._keys_of(action)[0], action.title, possible)

    def _keys_of(self, action: Action) -> Sequence[str]:
        """Return its keys as they are printed; where one types, without those that are typed."""
        labels = [label_of(key) for key in host_of(self).keys_of(action)]
        typing = isinstance(self.screen.focused, TypedLine)
        return [label for label in labels if not typing or len(label) > 1]


def _rank(action: Action) -> tuple[bool, int]:
    return action.id == "app.help", action.rank


def fitting(hints: Iterable[Hint], room: int) -> Iterator[Hint]:
    """Yield the hints that fit into *room* columns, the last one whatever else must go."""
    *others, last = hints
    room -= last.width
    for hint in others:
        room -= hint.width
        if room < 0:
            break
        yield hint
    yield last
