"""The terminal, handed to a program and taken back whole.

The program leads a process group of its own in the foreground of the terminal, as under a shell:
so Ctrl-C, Ctrl-\\ and a change of size are its own, and a hang-up reaches it. The loop of the
screen goes on meanwhile, and nothing of what it draws is sent. Whatever the program leaves behind
(raw mode, another screen, the mouse, a title, a hidden cursor) is undone before the board is drawn
again.
"""

import asyncio
import os
import signal
import subprocess
import termios
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from textual.app import App
from textual.driver import Driver

from opsboard.adapter.programs import Program, exit_text
from opsboard.system.async_cleanup import first_of
from opsboard.text.sanitize import sanitize
from opsboard.ui.terminal.error_tee import ErrorTee
from opsboard.ui.terminal.shutdown import RESTORE_SEQUENCE
from opsboard.ui.terminal.textual_internals import driver_of, muted

QUICK: Final = 5.0
"""Seconds within which a program that fails has done nothing yet: what it says is left standing
until Enter is pressed."""
HANGS_UP: Final = 2.0
"""Seconds in which a program has to end once the board ends, before it is killed."""

KEEP_TITLE: Final = "\x1b[22;0t"
"""Puts the title of the window by (xterm control sequences, XTWINOPS)."""

UNDO: Final = (
    "\x1b\\"  # the end of a text that was begun: a title, a device control string
    "\x1b[?2026l"  # what is drawn is shown
    "\x1b[?1047l"  # the usual screen, and the cursor where it is
    "\x1b7\x1b[r\x1b[?6l\x1b8"  # all lines scroll, relative to no region; the cursor stays
    "\x0f\x1b(B\x1b)0"  # letters are letters
    "\x1b[4l\x1b[20l\x1b[?5l"  # nothing is inserted or reversed
    "\x1b[?1l\x1b>\x1b[>4m\x1b[=0u"  # arrows and the keypad send what they do by default
    "\x1b[?9l\x1b[?1001l\x1b[?1002l\x1b[?1005l"  # the rest of the mouse
    "\x1b[0 q"  # the cursor's own shape
    "\x1b[23;0t"  # the title as it was
)
"""Undoes what a program may have left on, beside what :data:`RESTORE_SEQUENCE` does."""


def _ignored(_: str) -> None:
    """Take a line of the standard error that nobody asks for."""


class TerminalHandOver:
    """Implements :class:`~opsboard.collect.program_runner.TerminalPort` for *app*.

    *keys* is the descriptor that the terminal is read from, *screen* the one it is drawn on.
    """

    def __init__(self, app: App[Any], keys: int, screen: int) -> None:
        self._app, self._keys, self._screen = app, keys, screen
        self._loop = asyncio.get_running_loop()
        self._group = 0
        self._sane: Any = None
        self._ending, self._restored = asyncio.Event(), asyncio.Event()
        self._lending: asyncio.Task[None] | None = None
        self._back = asyncio.Event()
        self._back.set()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    @property
    def is_away(self) -> bool:
        """Whether a program has the terminal."""
        return not self._back.is_set()

    async def run(
        self,
        program: Program,
        begun: Callable[[], None],
        complained: Callable[[str], None] = _ignored,
    ) -> int:
        """Hand the terminal to *program*; return its exit code once the board has it back."""
        if self.is_away:
            raise OSError("another program has the terminal")
        if (driver := driver_of(self._app)) is None or not driver.can_suspend:
            raise OSError("this screen has no terminal to hand over")
        self._back.clear()
        # whoever waits may be cancelled: the terminal is taken back all the same
        result: asyncio.Future[int] = self._loop.create_future()
        self._lending = asyncio.create_task(
            self._lend(driver, lambda: self._away(program, begun, complained), result)
        )
        return await asyncio.shield(result)

    async def _lend(
        self,
        driver: Driver,
        away: Callable[[], Awaitable[int | OSError]],
        result: "asyncio.Future[int]",
    ) -> None:
        try:
            with self._app.suspend(), muted(driver):
                ended = await away()
                if self._ending.is_set():
                    _resolve(result, ended)
                    self._restored.set()
                    await asyncio.Event().wait()  # the board ends: it is drawn no more
        finally:
            self._back.set()
        _resolve(result, ended)

    async def take_back(self) -> None:
        """End the program that has the terminal; return once that is as it was before the board.

        The board is to end then.
        """
        self._ending.set()
        self._signal(signal.SIGHUP)
        deadline = self._loop.call_later(HANGS_UP, self._signal, signal.SIGKILL)
        await first_of(self._restored.wait(), self._back.wait())
        deadline.cancel()

    def drop(self) -> None:
        """Hang up on the program that has the terminal, at once: the board has failed."""
        self._ending.set()
        self._signal(signal.SIGHUP)
        self._take_foreground(os.getpgrp())

    # --- while the terminal is away: nothing is raised, so that the board comes back -------------

    async def _away(
        self, program: Program, begun: Callable[[], None], complained: Callable[[str], None]
    ) -> int | OSError:
        modes = self._modes()
        self._write(f"{KEEP_TITLE}\r\n{sanitize(program.title)}\r\n")
        try:
            return await self._run(program, begun, complained)
        except OSError as error:
            return error
        except ValueError as error:  # a word that no program can be given: a NUL is in it
            return OSError(str(error))
        finally:
            self._take_foreground(os.getpgrp())
            self._restore(modes)

    async def _run(
        self, program: Program, begun: Callable[[], None], complained: Callable[[str], None]
    ) -> int:
        start = time.monotonic()
        child = subprocess.Popen(  # noqa: ASYNC220 - it starts at once, and is waited for below
            program.argv,
            env=dict(program.env),
            stdin=self._keys,
            stdout=self._screen,
            stderr=subprocess.PIPE if program.errors_are_its_own else self._screen,
            process_group=0,
        )
        self._group = child.pid
        self._give_foreground(child.pid)
        begun()
        tee = ErrorTee(child.stderr, self._write_bytes, complained) if child.stderr else None
        try:
            code = await self._ended(child)
        finally:
            self._group = 0
            if tee is not None:
                tee.close()
        if code and time.monotonic() - start < QUICK and not self._ending.is_set():
            await self._read(code)
        return code

    async def _ended(self, child: "subprocess.Popen[bytes]") -> int:
        """Return the exit code of *child*. One that is stopped (Ctrl-Z) has nowhere to go: it
        goes on."""
        while True:
            _, status = await asyncio.to_thread(os.waitpid, child.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                child.returncode = os.waitstatus_to_exitcode(status)
                return child.returncode
            self._give_foreground(child.pid)

    async def _read(self, code: int) -> None:
        """Leave what the program has said on the screen until somebody presses Enter."""
        self._take_foreground(os.getpgrp())
        self._restore(self._sane)
        how = f"It ended with {exit_text(code)}" if code > 0 else f"It was {exit_text(code)}"
        self._write(f"\r\n{how}. Press Enter to go back to the board.\r\n")
        pressed = asyncio.Event()

        def read() -> None:
            with suppress(OSError):
                if b"\n" in os.read(self._keys, 1_024) or self._ending.is_set():
                    pressed.set()

        self._loop.add_reader(self._keys, read)
        try:
            await first_of(pressed.wait(), self._ending.wait())
        finally:
            self._loop.remove_reader(self._keys)

    # --- the terminal ----------------------------------------------------------------------------

    def _modes(self) -> Any:
        with suppress(termios.error, OSError):
            self._sane = termios.tcgetattr(self._keys)
        return self._sane

    def _restore(self, modes: Any) -> None:
        with suppress(termios.error, OSError):
            termios.tcflush(self._keys, termios.TCIFLUSH)  # answers of the terminal, half a key
            if modes is not None:
                termios.tcsetattr(self._keys, termios.TCSANOW, modes)
        self._write(UNDO + RESTORE_SEQUENCE.replace("\x1b[?1049l", ""))

    def _write(self, text: str) -> None:
        self._write_bytes(text.encode("utf-8", "replace"))

    def _write_bytes(self, data: bytes) -> None:
        with suppress(OSError):
            while data:
                data = data[os.write(self._screen, data) :]

    def _give_foreground(self, group: int) -> None:
        self._take_foreground(group)
        self._signal(signal.SIGCONT)  # it may have stopped as it asked for the terminal too early

    def _take_foreground(self, group: int) -> None:
        with _without_stopping(), suppress(OSError):
            os.tcsetpgrp(self._keys, group)

    def _signal(self, number: signal.Signals) -> None:
        if self._group:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, number)


def _resolve(result: "asyncio.Future[int]", ended: int | OSError) -> None:
    if result.done():
        return
    if isinstance(ended, OSError):
        result.set_exception(ended)
    else:
        result.set_result(ended)


@contextmanager
def _without_stopping() -> Iterator[None]:
    """Let the terminal not stop this program for being in its background (tty(4), SIGTTOU)."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
