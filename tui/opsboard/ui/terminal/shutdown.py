"""How the program ends: signals, a terminal that is gone or unusable, internal errors."""

import asyncio
import os
import re
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, Final

from opsboard.startup import instant_frame

EXIT_SIGNALS: Final = (
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGABRT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGXCPU,
)
"""The signals that end a program by default and are sent from outside; see signal(7).

The others are for a fault of the program itself (SIGSEGV), after which no Python runs.
"""

EXIT_TIMEOUT: Final = 10.0
"""Seconds after a signal in which the program has to end by itself."""

RESTORE_SEQUENCE: Final = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l"  # no brackets around a paste, lines wrap, no resize reports
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1007l\x1b[?1016l"  # no mouse
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"  # usual keys and screen, a cursor
)
"""Undoes what Textual sets on the terminal, as its own driver does."""

_MONOCHROME: Final = re.compile(r"vt[12]\d\d\b.*|.*-m(ono)?")
"""Terminals without colours, by their names in terminfo, which is not everywhere."""


def exit_on_signals(
    loop: asyncio.AbstractEventLoop,
    end: Callable[[int], None],
    begun: Callable[[int], None] | None = None,
) -> None:
    """Call *end* with the exit code on a signal, so that the terminal is put right first.

    *end* is called by *loop*, and before it *begun* from wherever the program is, should the loop
    never get there: a program that hangs is what people send SIGQUIT to.
    """

    def interrupted(number: int, _frame: FrameType | None) -> None:
        if begun is not None:
            begun(128 + number)

    for number in EXIT_SIGNALS:
        try:
            loop.add_signal_handler(number, end, 128 + number)
            signal.signal(number, interrupted)  # the loop gets it by a pipe, whatever this does
        except (NotImplementedError, RuntimeError, ValueError):
            return  # not the main thread, as in some tests: only that one handles signals


class ShutdownWatchdog:
    """Restores the terminal and ends the program if it does not end by itself after a signal.

    Made before the terminal is drawn on: *keys* is the descriptor it is read from, *screen* the
    one it is drawn on.
    """

    def __init__(self, keys: int, screen: int, patience: float = EXIT_TIMEOUT) -> None:
        self._keys, self._screen, self._patience = keys, screen, patience
        self._timers: list[threading.Timer] = []
        self._modes: list[Any] | None = None
        if (frame := instant_frame.shown()) is not None:
            self._modes = frame.modes  # those before it
            return
        with suppress(termios.error, OSError, ValueError):
            self._modes = termios.tcgetattr(keys)

    def arm(self, code: int) -> None:
        """End with *code* in a while, unless :meth:`cancel` is called before."""
        timer = threading.Timer(self._patience, self._leave, (code,))
        timer.daemon = True  # a program that has ended by then is left alone
        self._timers.append(timer)
        timer.start()

    def disarm(self) -> None:
        """Do not end the program: it is ending by itself."""
        for timer in self._timers:
            timer.cancel()

    def _leave(self, code: int) -> None:
        """End at once, without cleaning up: the files on disk survive any end."""
        self.restore()
        os._exit(code)

    def restore(self) -> None:
        """Restore the terminal, from any thread, as far as it accepts anything."""
        if self._modes is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(self._keys, termios.TCSANOW, self._modes)
        with suppress(OSError, ValueError):
            _, ready, _ = select.select((), (self._screen,), (), 1.0)
            if ready:  # it may be stalled, and nothing is to wait for it
                os.write(self._screen, RESTORE_SEQUENCE.encode("ascii"))


def shutdown_watchdog() -> ShutdownWatchdog:
    """Return the watchdog for the terminal that Textual uses."""
    return ShutdownWatchdog(_descriptor(sys.__stdin__), _descriptor(sys.__stderr__))


def _descriptor(stream: Any) -> int:
    try:
        return int(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return -1


def has_hung_up(descriptor: int) -> bool:
    """Return whether the terminal at *descriptor* is gone. Not every process gets a SIGHUP then."""
    poll = select.poll()
    poll.register(descriptor, 0)  # POLLHUP is reported without being asked for
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def terminal_problem(env: Mapping[str, str], *, tty_in: bool, tty_out: bool) -> str:
    """Return why the board cannot be drawn where the program runs, or ``""`` if it can."""
    if not (tty_in and tty_out):
        return "the board needs a terminal; `opsboard status` prints it without one"
    term = env.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        said = f"TERM is {term!r}" if term else "TERM is not set"
        return f"{said}: this terminal cannot be drawn on; `opsboard status` prints the board"
    return ""


def is_monochrome(env: Mapping[str, str]) -> bool:
    """Return whether NO_COLOR is set, or the terminal has no colours."""
    return bool(env.get("NO_COLOR")) or _MONOCHROME.fullmatch(env.get("TERM", "")) is not None


def internal_error_line(error: BaseException) -> str:
    """Return one line about an internal error, without the values of any variable."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else ""
    return f"a fault of opsboard itself: {type(error).__name__}{where}; please report it"
