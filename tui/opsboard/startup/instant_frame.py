"""The last frame, on the screen before anything that draws is imported.

The terminal is made raw and silent first, so that what is typed meanwhile waits for the board and
is not echoed into the frame. Textual then takes over (:mod:`opsboard.ui.terminal.frame_takeover`);
until it does, whatever ends or stops the program puts the terminal back first.
"""

import _signal  # type: ignore[import-not-found]  # `signal` takes as long as all of this
import os
import sys
import termios
import time
from _thread import allocate_lock, start_new_thread

from opsboard.startup.frame_evidence import circumstances
from opsboard.startup.frame_file import FrameError, KeptFrame, cache_folder, load_frame
from opsboard.startup.frame_format import ENTER, LEAVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

KEYS, SCREEN = 0, 2
"""The descriptors that Textual reads from and draws on."""

LOAD_TIMEOUT = 0.1
"""Seconds for reading all that is hashed; a file on a dead mount must not keep the board away."""

WRITE_TIMEOUT = 0.5
"""Seconds in which a terminal that does not wait has to take more."""

_ENDING = (
    "SIGHUP", "SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM", "SIGXCPU",
    "SIGVTALRM", "SIGINT",
)  # fmt: skip
"""What ends a program by default, as in :mod:`opsboard.ui.terminal.shutdown`.

SIGINT is no exception: what is raised in a destructor or in a callback of the import system is
printed and lost.
"""
_UNFIT = ("", "dumb", "unknown")


class InstantFrame:
    """A frame that is on the screen. *modes* are those of the terminal before."""

    def __init__(self, kept: KeptFrame, modes: "list[Any]") -> None:
        self.modes = modes
        self._kept = kept
        self._before: dict[int, Any] = {}
        self.is_up = False

    def put_up(self) -> None:
        """Write it. Raises :exc:`termios.error` or :exc:`OSError`."""
        ending = [getattr(_signal, name) for name in _ENDING]
        self._before = {number: _signal.signal(number, self._end) for number in ending}
        self._before[_signal.SIGTSTP] = _signal.signal(_signal.SIGTSTP, self._stop)
        self.is_up = True
        self._paint()

    def handed_over(self) -> None:
        """Note that Textual has the terminal, and has drawn nothing yet."""
        self.is_up = False

    def withdraw(self, *, drop_keys: bool = False) -> None:
        """Put the terminal back as it was, unless Textual has it. Keys wait, or are dropped."""
        if not self.is_up:
            return
        # a second Ctrl+C would leave the terminal half put back
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
        self._restore(drop_keys=drop_keys)
        self.is_up = False
        for number, handler in self._before.items():
            _signal.signal(number, handler)

    def stop(self) -> None:
        """Let the shell have the terminal until it continues this program."""
        self._restore(drop_keys=False)
        os.kill(os.getpid(), _signal.SIGSTOP)
        if self.is_up:
            self._paint()

    def _paint(self) -> None:
        modes = list(self.modes)
        modes[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        modes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        termios.tcsetattr(KEYS, termios.TCSANOW, modes)
        _write(self._kept.frame.painted(time.time()) if self._fits() else ENTER)

    def _fits(self) -> bool:
        """Tell whether the terminal is as large as the frame, still: it may have been stopped."""
        try:
            return _size() == (self._kept.frame.width, self._kept.frame.height)
        except (OSError, ValueError):
            return False

    def _restore(self, *, drop_keys: bool) -> None:
        when = termios.TCSAFLUSH if drop_keys else termios.TCSANOW
        try:
            _write(LEAVE)
        except OSError:
            when = termios.TCSANOW  # it is gone, or takes no more: nothing waits for it
        try:
            termios.tcsetattr(KEYS, when, self.modes)
        except (termios.error, OSError):
            return

    def _end(self, number: int, _: object) -> None:
        _signal.signal(number, _signal.SIG_DFL)  # a second one need not wait for the terminal
        self.withdraw(drop_keys=True)
        if number == _signal.SIGINT:
            os._exit(128 + number)  # a shell would take a death by it for its own interruption
        _signal.signal(number, _signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _stop(self, _number: int, _: object) -> None:
        self.stop()


class _Shown:
    """What is on the screen of this process, and what its command line asks for."""

    frame: "InstantFrame | None" = None
    argv: "Sequence[str]" = ()


def shown() -> "InstantFrame | None":
    """Return the frame that is on the screen, and that nobody has taken over yet."""
    frame = _Shown.frame
    return frame if frame is not None and frame.is_up else None


def asked_for() -> "Sequence[str]":
    """Return the command line that a frame is kept for."""
    return _Shown.argv


def withdraw(*, drop_keys: bool = False) -> None:
    """Take the frame off the screen, if one is there: nothing comes that could take over."""
    if (frame := shown()) is not None:
        frame.withdraw(drop_keys=drop_keys)


def put_up(argv: "Sequence[str]") -> None:
    """Paint the last frame of the board that *argv* asks for, if there is one to be believed."""
    _Shown.argv = tuple(argv)
    if not _is_fit():
        return
    try:
        modes = termios.tcgetattr(KEYS)
        kept = _loaded(argv)
        if kept is not None and _size() == (kept.frame.width, kept.frame.height):
            _Shown.frame = InstantFrame(kept, modes)
            _Shown.frame.put_up()
    except (termios.error, OSError, ValueError):
        withdraw()  # the board comes without it


def keys_of(argv: "Sequence[str]", size: "tuple[int, int]") -> "tuple[str, str]":
    """Return the circumstances of this process: of a board of this folder, and of any."""
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib takes as long as all of this
    except OSError:  # it has been removed
        here = "?"
    env = os.environ
    return circumstances(argv, env, size, here), circumstances(argv, env, size, "")


def why_none(argv: "Sequence[str]", size: "tuple[int, int]") -> "FrameError | None":
    """Return why *argv* would paint no frame in a terminal of *size*, ``None`` if it would."""
    try:
        load_frame(cache_folder(os.environ), keys_of(argv, size), os.environ, time.time())
    except FrameError as error:
        return error
    return None


def _is_fit() -> bool:
    """Tell whether there is a terminal here, of which this process has the foreground."""
    try:
        return (
            os.isatty(KEYS)
            and os.isatty(SCREEN)
            and os.environ.get("TERM", "") not in _UNFIT
            and "_ARGCOMPLETE" not in os.environ
            and os.tcgetpgrp(KEYS) == os.getpgrp()
        )
    except OSError:
        return False


def _size() -> "tuple[int, int]":
    """Return the columns and lines that Textual will find, which asks standard output."""
    columns, lines = os.get_terminal_size(SCREEN)
    if (columns, lines) != tuple(os.get_terminal_size(1)):
        raise ValueError("two terminals")
    return columns, lines


def _loaded(argv: "Sequence[str]") -> "KeptFrame | None":
    """Return the frame, read in a thread that is left to itself where a disk does not answer."""
    cache, size, found = cache_folder(os.environ), _size(), []
    if not cache or 0 in size:
        return None
    done = allocate_lock()
    done.acquire()

    def load() -> None:
        try:
            found.append(load_frame(cache, keys_of(argv, size), os.environ, time.time()))
        except FrameError:
            pass
        finally:
            done.release()

    start_new_thread(load, ())
    done.acquire(timeout=LOAD_TIMEOUT)
    return found[0] if found else None


def _write(text: str) -> None:
    """Write *text* as Textual would: in the encoding of the terminal."""
    stream = sys.__stderr__
    data = text.encode(stream.encoding if stream is not None else "ascii", "replace")
    while data:
        try:
            data = data[os.write(SCREEN, data) :]
        except BlockingIOError:  # such a terminal is what another program has left
            if not _takes_more():
                raise


def _takes_more() -> bool:
    """Wait for a moment until the terminal can be written to; return whether it can."""
    from select import select  # noqa: PLC0415 - hardly ever

    return bool(select((), (SCREEN,), (), WRITE_TIMEOUT)[1])
