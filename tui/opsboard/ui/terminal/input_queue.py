"""Keys that come faster than screens open: each waits until the one before has had its effect.

A key bubbles from the focused widget to the app, which looks up its binding and only then opens a
prompt or a screen. Textual delivers the next key without waiting for that: of ``:pods`` in one
packet, every letter would go to the table, and none into the prompt. So keys, clicks and pastes
wait here, and are delivered one by one.

What the last of them has changed is drawn at once. Textual spaces its frames, and one that was
drawn for something else, or for the letter in the prompt alone, would hold up what the key does.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from typing import Final, TypeAlias

from textual.app import App, ScreenStackError
from textual.driver import Driver
from textual.events import Event, InputEvent, Key, MouseMove, Paste
from textual.message import Message
from textual.widget import Widget

from opsboard.ui.terminal.frame_takeover import taking_over
from opsboard.ui.terminal.keyboard import install_keyboard_parser
from opsboard.ui.terminal.textual_internals import draw_now

QUIET_ROUNDS: Final = 3
"""Rounds through the queues of all that could act, in which nothing opens, closes or gets focus,
after which a key is done. What a key does may take two: a command calls a pane, which mounts."""

_SLICE: Final = 0.01
_SLICES: Final = 1_000
"""Seconds of a slice, and slices after which a key is handed over come what may. They are counted
instead of the time, so that a terminal that holds up the whole program uses up one of them."""

FocusState: TypeAlias = tuple[Widget, Widget | None, frozenset[str]]


class KeyDelivered(Message):
    """Follows a key on its way: once the app has it, the key has been everywhere."""

    def __init__(self, arrived: asyncio.Event) -> None:
        super().__init__()
        self.arrived = arrived


class InputQueueApp(App[int], inherit_bindings=False):
    """An app that takes one key after the other, however quickly they come, and loses none.

    A screen that goes on working after a key, and on whose work the meaning of the next one
    depends, has an attribute ``is_settling``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[Event] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._slices = 0
        self._begun = False
        self.inputs = 0
        """How many keys, clicks and pastes have come."""

    def get_driver_class(self) -> type[Driver]:
        """Return the terminal's driver, which reads keys as the board does."""
        install_keyboard_parser()
        return taking_over(super().get_driver_class())

    @property
    def is_delivering(self) -> bool:
        """Whether a key is yet to have its effect."""
        return self._delivery is not None

    def is_blind(self, event: InputEvent | Paste) -> bool:
        """Return whether to ignore *event*, since the user cannot see what it would do."""
        return False

    # --- taking ----------------------------------------------------------------------------------

    async def on_event(self, event: Event) -> None:
        """Handle *event*; keep keys, clicks and pastes waiting until the one before is done."""
        if not isinstance(event, (InputEvent, Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        if self.is_blind(event):
            return
        if isinstance(event, MouseMove):
            await self._take_move(event)
            return
        self.inputs += 1
        self._hold_cursor()
        first, *rest = self._as_typed(event)
        if self._delivery is None and self._begun:
            await super().on_event(first)
        else:
            self._held.append(first)
        self._held.extend(rest)
        if self._delivery is None:
            self._delivery = asyncio.create_task(self._deliver())

    def _hold_cursor(self) -> None:
        """Keep the cursor on its record, as a key comes that may be about it."""
        if self._begun and (hold := getattr(self._in_focus, "hold", None)):
            hold()

    def _as_typed(self, event: Event) -> Sequence[Event]:
        """Return what was typed: bytes that come together may look like another key.

        Until the program reads keys one by one, the terminal turns Enter into a line feed. And
        Escape with a letter right behind it looks like Alt with that letter, which is unlikely
        where it means nothing.
        """
        if not isinstance(event, Key):
            return (event,)
        if event.key == "ctrl+j":
            return (Key("enter", "\r"),)
        letter = event.character or ""
        if not (event.key.startswith("alt+") and letter.isalnum()) or event.key in self._meant():
            return (event,)
        return (Key("escape", "\x1b"), Key(letter, letter))

    def _meant(self) -> Collection[str]:
        """Return the keys that have a binding at the focus."""
        return self.screen.active_bindings if self._begun else ()

    async def _take_move(self, event: MouseMove) -> None:
        """Keep moves in their place among clicks; of several in a row, the last is enough."""
        if not self._held:
            await super().on_event(event)
        elif isinstance(self._held[-1], MouseMove):
            self._held[-1] = event
        else:
            self._held.append(event)

    async def _deliver(self) -> None:
        """Deliver the waiting events, each once the one before is done."""
        try:
            await self._settle()
            self._begun = True
            while self._held:
                event = self._held[0]
                self._hold_cursor()
                if not self.call_later(super().on_event, event):
                    return  # the program ends: no later key can matter
                self._held.popleft()
                await self._settle()
            self.screen.call_next(draw_now, self.screen)
        except ScreenStackError:
            pass  # so does it where no screen is left
        finally:
            self._delivery = None

    # --- waiting ---------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Wait until everything that the last key caused is done."""
        self._slices = _SLICES
        before, quiet, changed = self._focus_state(), 0, False
        while quiet < QUIET_ROUNDS and self._slices > 0 and self.is_running:
            arrived = await self._round()
            now = self._focus_state()
            busy = not arrived or now != before or getattr(self.screen, "is_settling", False)
            quiet, changed, before = 0 if busy else quiet + 1, changed or now != before, now
        if changed:
            await self._laid_out()

    def _focus_state(self) -> FocusState:
        """Return what the meaning of the next key depends on: screen, focus, classes."""
        screen = self.screen
        return screen, screen.focused, screen.classes

    @property
    def _in_focus(self) -> Widget:
        return self.screen.focused or self.screen

    async def _round(self) -> bool:
        """Wait until the message queues from the focus to the app are empty, if they get so."""
        arrived, start = asyncio.Event(), self._in_focus
        start.post_message(KeyDelivered(arrived))
        return await self._wait(arrived, start)

    async def _laid_out(self) -> None:
        """Wait until a new screen is laid out: the length of a page depends on its size."""
        arrived, start = asyncio.Event(), self._in_focus
        self.screen.call_after_refresh(arrived.set)
        await self._wait(arrived, start)

    async def _wait(self, arrived: asyncio.Event, start: Widget) -> bool:
        """Wait until *arrived* is set, or the focus has left *start*, which may be gone."""
        while not arrived.is_set() and self._slices > 0 and self._in_focus is start:
            try:
                await asyncio.wait_for(arrived.wait(), _SLICE)
            except TimeoutError:
                self._slices -= 1
        return arrived.is_set()

    def on_key_delivered(self, event: KeyDelivered) -> None:
        """Note that the key before is done."""
        event.stop()
        event.arrived.set()
