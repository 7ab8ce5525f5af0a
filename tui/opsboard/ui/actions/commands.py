"""``:`` commands: which there are where one is, what completes them, and running them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual.dom import DOMNode

from opsboard.text.suggestions import did_you_mean
from opsboard.ui.actions.acting import Acting, possible_here
from opsboard.ui.actions.action import Action


class Command(NamedTuple):
    """A word that can be typed here, what it does and who does it."""

    actor: Acting
    action: Action


def commands_at(focus: DOMNode) -> Mapping[str, Command]:
    """Return the commands there are at *focus*: the innermost one for each word."""
    found: dict[str, Command] = {}
    for actor, action in possible_here(focus):
        for word in action.commands:
            found.setdefault(word, Command(actor, action))
    return found


def complete(line: str, commands: Mapping[str, Command]) -> Sequence[str]:
    """Return what *line* could become, sorted."""
    word, space, rest = line.lstrip().partition(" ")
    if not space:
        return sorted(name for name in commands if name.startswith(word)) if word else ()
    if (command := commands.get(word)) is None or not command.action.takes:
        return ()
    choices = command.actor.completions(command.action)
    return [f"{word} {choice}" for choice in choices if choice.startswith(rest.lstrip())]


def find(line: str, commands: Mapping[str, Command]) -> tuple[Command | None, str, str]:
    """Return the command that *line* names, what follows it, and what is wrong."""
    word, _, rest = line.strip().partition(" ")
    if (command := commands.get(word)) is None:
        return None, "", _unknown(word, commands)
    if rest and not command.action.takes:
        return None, "", f"{word} takes nothing more"
    return command, rest.strip(), command.actor.disabled_reason(command.action)


def _unknown(word: str, commands: Mapping[str, Command]) -> str:
    return "; ".join(filter(None, (f"no command {word!r}", did_you_mean(word, commands))))
