"""``:`` commands: which there are at the focus, their completion, and parsing a typed line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from textual.dom import DOMNode

from opsboard.text.suggestions import did_you_mean
from opsboard.ui.actions.action_handler import UiActionHandler, actions_at
from opsboard.ui.actions.ui_action import UiAction


class TypedCommand(NamedTuple):
    """A command that is possible at the focus: its action and its handler."""

    handler: UiActionHandler
    action: UiAction


def commands_at(focus: DOMNode) -> Mapping[str, TypedCommand]:
    """Return the commands at *focus* by their words; the innermost one wins."""
    found: dict[str, TypedCommand] = {}
    for actor, action in actions_at(focus):
        for word in action.commands:
            found.setdefault(word, TypedCommand(actor, action))
    return found


def complete_command(
    line: str, commands: Mapping[str, TypedCommand], listings: Iterable[str] = ()
) -> Sequence[str]:
    """Return what *line* could become, the commands first, each sorted.

    *listings* are words for what the sources list.
    """
    word, space, rest = line.lstrip().partition(" ")
    if not space:
        if not word:
            return ()
        own = sorted(name for name in commands if name.startswith(word))
        others = (name for name in listings if name.startswith(word) and name not in commands)
        return [*own, *sorted(others)]
    if (command := commands.get(word)) is None or not command.action.takes:
        return ()
    choices = command.handler.completions(command.action)
    return [f"{word} {choice}" for choice in choices if choice.startswith(rest.lstrip())]


def parse_command(
    line: str, commands: Mapping[str, TypedCommand]
) -> tuple[TypedCommand | None, str, str]:
    """Return the command that *line* names, its argument, and what is wrong with it."""
    word, _, rest = line.strip().partition(" ")
    if (command := commands.get(word)) is None:
        return None, "", unknown_word(word, commands)
    if rest and not command.action.takes:
        return None, "", f"{word} takes no argument"
    return command, rest.strip(), command.handler.disabled_reason(command.action)


def unknown_word(word: str, known: Iterable[str]) -> str:
    """Return that there is no command *word*, and which of the *known* words may be meant."""
    return "; ".join(filter(None, (f"no command {word!r}", did_you_mean(word, known))))
