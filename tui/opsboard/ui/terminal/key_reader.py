"""Reading what the terminal sends, without looking up ten times a second.

Textual's driver wakes every tenth of a second, all day: to see whether it is to end, and whether
the rest of an escape sequence is still to come. Here it is woken to end, and looks up for the rest
only just after something has come.
"""

import os
from codecs import getincrementaldecoder
from selectors import EVENT_READ, SelectSelector
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from opsboard.ui.terminal.keyboard import KeyboardParser
from opsboard.ui.terminal.shutdown import has_hung_up
from opsboard.ui.terminal.textual_internals import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App

PENDING: Final = 0.1
"""Seconds after which the rest of an escape sequence is given up."""
LOOKS: Final = 3
"""How often in vain the rest is looked for."""
_AT_ONCE: Final = 4_096


class WakingEvent(Event):
    """An event that can be waited for together with what can be read of a file."""

    def __init__(self) -> None:
        super().__init__()
        self.readable, self._writable = os.pipe()
        os.set_blocking(self._writable, False)

    def set(self) -> None:
        """Set it, and wake who waits."""
        if not self.is_set():
            super().set()
            os.write(self._writable, b"\0")

    def clear(self) -> None:
        """Take it back."""
        if self.is_set():
            super().clear()
            os.read(self.readable, 1)


class KeyWaiter:
    """Waits until *fileno* can be read, or *ending* is set. A context manager."""

    def __init__(self, fileno: int, ending: WakingEvent) -> None:
        self._fileno = fileno
        self._in_vain = 0
        self._selector = SelectSelector()
        for file in (fileno, ending.readable):
            self._selector.register(file, EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._selector.close()

    @property
    def timeout(self) -> float | None:
        """How many seconds it waits; without limit where nothing came the last times."""
        return PENDING if self._in_vain < LOOKS else None

    def wait(self) -> bool:
        """Return whether something can be read."""
        found = any(key.fd == self._fileno for key, _ in self._selector.select(self.timeout))
        self._in_vain = 0 if found else self._in_vain + 1
        return found


class PatientDriver(LinuxDriver):
    """Textual's driver, with a thread for keys that sleeps while none are pressed."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        super().__init__(app, **options)
        self._reads_aloud = bool(options.get("debug"))
        self._ending = WakingEvent()
        self.exit_event = self._ending

    def run_input_thread(self) -> None:
        """Hand over what the terminal sends, until the driver ends."""
        parser = KeyboardParser(self._reads_aloud)
        decode = getincrementaldecoder("utf-8")("replace").decode  # a terminal may send anything
        with KeyWaiter(self.fileno, self._ending) as waiter:
            while not self.exit_event.is_set():
                if waiter.wait():
                    if data := self._read():
                        for message in parser.feed(decode(data)):
                            self.process_message(message)
                    elif has_hung_up(self.fileno):
                        return  # nothing comes any more; and who ends may never get to say so
                    else:
                        self.exit_event.wait(PENDING)
                for message in parser.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _AT_ONCE)
        except OSError:  # as some systems say that the other end is gone
            return b""
