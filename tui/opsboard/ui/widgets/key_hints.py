"""The line of key hints: the keys that apply at the focus, from the registry."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from opsboard.ui.actions.action_handler import UiActionHandler, actions_at
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.widgets.one_line_widget import OneLineWidget
from opsboard.ui.widgets.sanitized_input import SanitizedInput

_GAP = 2
_ABOUT_SHARE: Final = 0.25
"""The share of the line that the name of a target may take."""
_LEAST: Final = 10
"""Columns below which a shortened name says nothing."""


class KeyHint(NamedTuple):
    """A key, its action, and its target."""

    key: str
    title: str
    about: str = ""

    @property
    def width(self) -> int:
        """How many columns it takes, with the gap after it."""
        about = 1 + cell_len(self.about) if self.about else 0
        return len(self.key) + 1 + len(self.title) + about + _GAP


class KeyHints(OneLineWidget):
    """One line of keys: of those that do something here. ``?`` has the others, and says why."""

    def on_mount(self) -> None:
        """Redraw when the bindings or what is possible change."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.redraw())

    def line(self, width: int) -> Text:
        """Return as many hints as fit, and always the one for help."""
        line = Text(" ")
        for hint in fit_hints(self._hints(), width - 1, self.context.styles.glyphs.ellipsis):
            self._append(line, hint)
        return line

    def _append(self, line: Text, hint: KeyHint) -> None:
        styles = self.context.styles
        line.append(hint.key, styles.accent)
        line.append(f" {hint.title}", styles.muted)
        if hint.about:
            line.append(f" {hint.about}")
        line.append(" " * _GAP)

    def _hints(self) -> list[KeyHint]:
        """Return what is possible and has a rank, help last, each title once: the innermost."""
        found: dict[str, _Found] = {}
        for actor, action in actions_at(self.screen.focused or self.screen):
            if action.rank and self._keys_of(action) and actor.is_hinted(action):
                found.setdefault(action.title, _Found(actor, action))
        possible = (one for one in found.values() if not one.actor.disabled_reason(one.action))
        ranked = sorted(possible, key=lambda entry: _rank(entry.action))
        named = _named(ranked)
        return [self._hint(one, _about(one) if one is named else "") for one in ranked]

    def _hint(self, one: "_Found", about: str) -> KeyHint:
        return KeyHint(self._keys_of(one.action)[0], one.actor.title_here(one.action), about)

    def _keys_of(self, action: UiAction) -> Sequence[str]:
        """Return the labels of its keys; while text is typed, without those that would be text."""
        labels = [key_label(key) for key in self.context.keys_of(action)]
        typing = isinstance(self.screen.focused, SanitizedInput)
        return [label for label in labels if not typing or len(label) > 1]


class _Found(NamedTuple):
    """An action that has a hint, with its handler."""

    actor: UiActionHandler
    action: UiAction


def _named(found: Sequence[_Found]) -> _Found | None:
    """Return the hint that names the target: the first that acts on it, or the menu's."""
    acts = [one for one in found if _about(one)]
    return next((one for one in acts if one.action.argument), next(iter(acts), None))


def _about(one: _Found) -> str:
    return one.actor.target_text(one.action)


def _rank(action: UiAction) -> tuple[bool, int]:
    return action.id == "app.help", action.rank


def fit_hints(hints: Sequence[KeyHint], width: int, mark: str) -> Iterator[KeyHint]:
    """Yield the hints that fit into *width* columns, the last one whatever else must go.

    They stand in their order, which is that of their worth; one that does not fit leaves its room
    to those of less worth that do. The name of a target is cut, with a *mark*, before its hint is
    left out.
    """
    if not hints:
        return
    *others, last = hints
    room = width - last.width
    for hint in others:
        fitted = hint._replace(about=_cut(hint.about, _room_for_about(hint, room, width), mark))
        if fitted.width <= room:
            room -= fitted.width
            yield fitted
    yield last


def _room_for_about(hint: KeyHint, room: int, width: int) -> int:
    return min(int(width * _ABOUT_SHARE), room - hint._replace(about="").width - 1)


def _cut(name: str, room: int, mark: str) -> str:
    """Return *name* in *room* columns, cut in its middle: a revision is at its end."""
    if cell_len(name) <= room:
        return name
    if room < _LEAST:
        return ""
    tail = room * 3 // 5
    if cell_len(name) != len(name):
        return set_cell_size(name, room - 1) + mark
    return f"{name[: room - tail - 1]}{mark}{name[-tail:]}"
