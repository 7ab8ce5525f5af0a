"""How the program ends, and when it does not begin: signals, terminals, faults of its own."""

import asyncio
import re
import select
import signal
from collections.abc import Callable, Mapping
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

_MONOCHROME: Final = re.compile(r"vt[12]\d\d\b.*|.*-m(ono)?")
"""Terminals without colours, by their names in terminfo, which is not everywhere."""


def end_on_signals(loop: asyncio.AbstractEventLoop, end: Callable[[int], None]) -> None:
    """Call *end* with the exit code on a signal, so that the terminal is put right first."""
    for number in SIGNALS:
        try:
            loop.add_signal_handler(number, end, 128 + number)
        except (NotImplementedError, RuntimeError, ValueError):
            return  # not the main thread, as in some tests: whoever owns it owns the signals


def hung_up(descriptor: int) -> bool:
    """Tell whether the terminal at *descriptor* is gone. Not everybody is sent a SIGHUP then."""
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is told without being asked for
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def unfit_terminal(env: Mapping[str, str], *, tty_in: bool, tty_out: bool) -> str:
    """Return why the board cannot be drawn where the program runs, or ``""`` if it can."""
    if not (tty_in and tty_out):
        return "the board needs a terminal; `opsboard status` prints it without one"
    term = env.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        said = f"TERM is {term!r}" if term else "TERM is not set"
        return f"{said}: this terminal cannot be drawn on; `opsboard status` prints the board"
    return ""


def colourless(env: Mapping[str, str]) -> bool:
    """Return whether no colour is wanted, or none is known to the terminal."""
    return bool(env.get("NO_COLOR")) or _MONOCHROME.fullmatch(env.get("TERM", "")) is not None


def fault_line(error: BaseException) -> str:
    """Return one line about a fault of the program's own, without values from its inside."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else ""
    return f"a fault of opsboard itself: {type(error).__name__}{where}; please report it"
