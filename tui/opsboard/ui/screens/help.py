"""What can be done where one is: keys, commands, and what is not possible now, with why."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from operator import attrgetter
from typing import NamedTuple

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from opsboard.ui.actions.acting import possible_here
from opsboard.ui.actions.action import Action, Place
from opsboard.ui.host import host_of
from opsboard.ui.key_names import label_of
from opsboard.ui.looks import Looks, looks_of
from opsboard.ui.messages import LooksChanged
from opsboard.ui.paper import demo_rows, fitted, heading, wrapped
from opsboard.ui.screens.framed import FramedScreen
from opsboard.ui.widgets.page import BLANK, PageView, Row

_KEYS, _COMMANDS = 15, 20


class Entry(NamedTuple):
    """An action as help tells it."""

    action: Action
    keys: Sequence[str]
    reason: str


class HelpScreen(FramedScreen):
    """Lists the actions of the screen that it was called from, the innermost place first.

    How to move about comes last: whoever asks for help has found the arrow keys.
    """

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        host = host_of(about)
        self._entries = [
            Entry(
                action,
                [label_of(key) for key in host.keys_of(action)],
                actor.disabled_reason(action),
            )
            for actor, action in possible_here(about.focused or about)
        ]
        self._entries.sort(key=lambda entry: entry.action.place is Place.MOVE)

    def compose_body(self) -> ComposeResult:
        """Yield the page."""
        yield PageView()

    @on(LooksChanged)
    def on_mount(self) -> None:
        """Write the page."""
        looks, width = looks_of(self), self.size.width - 2
        demo = demo_rows(host_of(self).demo, looks, width)
        self.query_one(PageView).show_rows([*demo, *help_rows(self._entries, looks, width)])

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.on_mount()


def help_rows(entries: Sequence[Entry], looks: Looks, width: int) -> Iterator[Row]:
    """Yield the lines of the page. What several in a row are not possible for is told once."""
    for place, group in groupby(entries, attrgetter("action.place")):
        yield heading(place.value.capitalize(), looks)
        some = list(group)
        for entry, following in zip_longest(some, some[1:]):
            yield from _entry_rows(entry, looks, width)
            if entry.reason and (following is None or following.reason != entry.reason):
                blank = " " * (_KEYS + _COMMANDS + 5)
                yield Row(Text(f"{blank}not now: {entry.reason}", looks.muted))
        yield BLANK
    yield heading("Your own keys", looks)
    yield Row(Text('   in the config file, under [ui.keys]: "log.wrap" = "W"', looks.muted))


def _entry_rows(entry: Entry, looks: Looks, width: int) -> Iterator[Row]:
    action = entry.action
    commands = " ".join(f":{word}" for word in action.commands[:3])
    if action.takes:
        commands = f":{action.commands[0]} {action.takes.upper()}" if commands else ""
    style = looks.faint if entry.reason else ""
    text = Text()
    text.append(f"  {fitted(' '.join(entry.keys), _KEYS, looks)} ", style or looks.accent)
    text.append(f"{fitted(commands, _COMMANDS, looks)}  ", looks.muted)
    first, *more = wrapped(action.help, width - _KEYS - _COMMANDS - 6)
    text.append(first, style)
    yield Row(text, stands=True, copy=action.id, key=action.id)
    blank = " " * (_KEYS + _COMMANDS + 5)
    for line in more:
        yield Row(Text(blank + line, style))
