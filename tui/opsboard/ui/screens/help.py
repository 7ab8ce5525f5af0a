"""Help: the keys and commands of a screen, and the reasons why some are not possible now."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from opsboard.ui.actions.action_handler import actions_at
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import StylesChanged
from opsboard.ui.render.layout import BLANK, PageRow, demo_rows, fit_text, heading_row, wrap_text
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.page_view import PageView

_KEYS, _COMMANDS = 11, 20


class HelpEntry(NamedTuple):
    """An action with its keys; *reason* is why it is not possible now, or ``""``."""

    action: UiAction
    keys: Sequence[str]
    reason: str


class HelpScreen(BaseScreen):
    """Lists the actions of the screen that it was called from, the innermost place first.

    Movement comes last: the arrow keys are found without help.
    """

    def __init__(self, context: AppContext, about: Screen[object]) -> None:
        super().__init__(context)
        self._entries = [
            HelpEntry(
                action,
                [key_label(key) for key in context.keys_of(action)],
                actor.disabled_reason(action),
            )
            for actor, action in actions_at(about.focused or about)
        ]
        self._entries.sort(key=lambda entry: entry.action.scope is BindingScope.MOVE)

    def compose_body(self) -> ComposeResult:
        """Yield the page."""
        yield PageView(self.context)

    @on(StylesChanged)
    def on_mount(self) -> None:
        """Write the page."""
        styles, width = self.context.styles, self.size.width - 2
        demo = demo_rows(self.context.demo, styles, width)
        self.query_one(PageView).show_rows([*demo, *help_rows(self._entries, styles, width)])

    def on_resize(self) -> None:
        """Break the lines at the new width."""
        self.on_mount()


def help_rows(entries: Sequence[HelpEntry], styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the lines of the page. A reason that several in a row share is shown once, and of how
    many it is."""
    for place, group in groupby(entries, attrgetter("action.scope")):
        yield heading_row(place.value.capitalize(), styles)
        for reason, some in groupby(group, attrgetter("reason")):
            alike = list(some)
            for entry in alike:
                yield from _entry_rows(entry, styles, width)
            if reason:
                which = f", these {len(alike)}" if len(alike) > 1 else ""
                yield from _help_column(f"not now{which}: {reason}", styles.muted, width)
        yield BLANK
    yield heading_row("Your own keys", styles)
    yield PageRow(Text('   in the config file, under [ui.keys]: "log.wrap" = "W"', styles.muted))


def _entry_rows(entry: HelpEntry, styles: Styles, width: int) -> Iterator[PageRow]:
    action = entry.action
    commands = " ".join(f":{word}" for word in action.commands[:3])
    if action.takes:
        commands = f":{action.commands[0]} {action.takes.upper()}" if commands else ""
    style = styles.faint if entry.reason else ""
    text = Text()
    text.append(f"  {fit_text(' '.join(entry.keys), _KEYS, styles)} ", style or styles.accent)
    text.append(f"{fit_text(commands, _COMMANDS, styles)}  ", styles.muted)
    first, *more = wrap_text(action.help, _help_width(width))
    text.append(first, style)
    yield PageRow(text, selectable=True, copy_text=action.id, key=action.id)
    yield from _help_column("\n".join(more), style, width) if more else ()


def _help_width(width: int) -> int:
    return width - _KEYS - _COMMANDS - 6


def _help_column(text: str, style: Style | str, width: int) -> Iterator[PageRow]:
    """Yield *text* below what an action does, broken as that is."""
    for line in wrap_text(text, _help_width(width)):
        yield PageRow(Text(" " * (_KEYS + _COMMANDS + 5) + line, style))
