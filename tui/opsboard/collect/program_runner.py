"""Runs the programs of actions: in the terminal of the board, or beside it.

The loop of the engine owns them all. The terminal is the screen's: a program that needs it is
handed to the :class:`TerminalPort` of the board, whose loop runs it while sources are collected as
before. A program beside the board is a child of a supervisor (:mod:`opsboard.system.supervised`),
so that it ends with the board however that ends.

Why it is so: docs/adr/0014-kubectl-for-terminals.md.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from opsboard.adapter.errors import NotSent
from opsboard.adapter.programs import NoPrograms, Program, ProgramState, with_file
from opsboard.system.async_cleanup import first_of
from opsboard.system.supervised import supervised_words
from opsboard.text.sanitize import sanitize

STARTED_WITHIN: Final = 30.0
"""Seconds for a program beside the board to print its first line."""
CLOSED_WITHIN: Final = 0.7
"""Seconds for the programs beside the board to end when it ends."""
_MAX_LINE: Final = 500
_log = logging.getLogger(__name__)


class TerminalPort(Protocol):
    """A terminal that can be handed to a program."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that :meth:`run` runs in."""

    async def run(
        self, program: Program, begun: Callable[[], None], complained: Callable[[str], None]
    ) -> int:
        """Hand the terminal to *program*; return its exit code once the board has it back.

        *begun* is called once the program runs, *complained* with each line on a standard error
        that is the program's own, both in :attr:`loop`. Raises :exc:`OSError` where it cannot be
        started.
        """


class _Running:
    """A program from its start on, until nobody asks for it any more."""

    def __init__(self, clock: Callable[[], float], *, is_beside: bool = False) -> None:
        self._clock = clock
        self.is_beside = is_beside
        self._start = clock()
        self._seconds: float | None = None
        self.exit_code: int | None = None
        self.line, self.complaint, self.is_stopped = "", "", False
        self.begun, self.ended, self.delivered = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.process: asyncio.subprocess.Process | None = None
        self.error: Exception | None = None

    def has_printed(self, line: str) -> None:
        self.line = self.line or line
        self.begun.set()

    def has_complained(self, line: str) -> None:
        """Keep the last line on its standard error: what comes before may be warnings."""
        self.complaint = line

    def stop(self) -> None:
        """End it, also if it is only about to start."""
        self.is_stopped = True
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()  # the supervisor ends the program then

    def end(self, exit_code: int, error: Exception | None = None) -> None:
        self._seconds = self._clock() - self._start
        self.exit_code, self.error = exit_code, error
        self.ended.set()

    @property
    def state(self) -> ProgramState:
        seconds = self._clock() - self._start if self._seconds is None else self._seconds
        if self.exit_code is not None:
            self.delivered.set()
        return ProgramState(seconds, self.exit_code, self.line, self.complaint, self.is_stopped)


class ProgramRunner:
    """Implements :class:`~opsboard.adapter.ProgramHost`. Made in any thread, used in one loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._terminal: TerminalPort | None = None
        self._running: dict[str, _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, terminal: TerminalPort | None) -> None:
        """Take *terminal* to run programs in; from any thread."""
        self._terminal = terminal

    @property
    def unavailable_reason(self) -> str:
        return "" if self._terminal else NoPrograms.unavailable_reason

    def runs(self, key: str) -> bool:
        """Tell whether the program *key* runs here, and by no other board; from any thread."""
        running = self._running.get(key)
        return running is not None and running.exit_code is None

    # --- in the loop of the engine ---------------------------------------------------------------

    async def run_in_terminal(self, key: str, program: Program) -> None:
        if (terminal := self._terminal) is None:
            raise NotSent(NoPrograms.unavailable_reason)
        self._forget_told()
        running = self._running[key] = _Running(self._clock)
        self._keep(self._hand_over(terminal, program, running))
        await self._begin(key, running, program)

    async def run_beside(self, key: str, program: Program) -> None:
        if self._terminal is None:
            raise NotSent(NoPrograms.unavailable_reason)
        self._forget_told()
        self._loop = asyncio.get_running_loop()
        running = self._running[key] = _Running(self._clock, is_beside=True)
        self._keep(self._supervise(program, running))
        try:
            async with asyncio.timeout(STARTED_WITHIN):
                await self._begin(key, running, program)
        except TimeoutError:
            self._end(key)
            del self._running[key]
            said = f"{program.argv[0]} has said nothing for {STARTED_WITHIN:.0f} s"
            raise NotSent(": ".join(filter(None, (said, running.complaint)))) from None

    async def state(self, key: str, seconds: float = 0.0) -> ProgramState | None:
        if (running := self._running.get(key)) is None:
            return None
        if seconds and not running.ended.is_set():
            await first_of(running.ended.wait(), asyncio.sleep(seconds))
        return running.state

    async def end(self, key: str) -> None:
        self._end(key)

    def end_soon(self, key: str) -> None:
        """End the program *key*, which runs beside the board; from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end, key)

    def _end(self, key: str) -> bool:
        """End the program *key* if it runs beside the board; return whether it did."""
        running = self._running.get(key)
        if running is None or not running.is_beside or running.ended.is_set():
            return False
        running.stop()
        return True

    async def close(self) -> None:
        """End all that run beside the board, and give those that observe them time to see it."""
        beside = [key for key, one in self._running.items() if one.is_beside]
        ending = [self._running[key] for key in beside if self._end(key)]
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                for one in ending:
                    await one.ended.wait()
                    await one.delivered.wait()
                await asyncio.sleep(0.05)  # it is put on record by those that were told

    # --- within ----------------------------------------------------------------------------------

    async def _begin(self, key: str, running: _Running, program: Program) -> None:
        """Return once the program has begun; forget it where it could not be started."""
        await first_of(running.begun.wait(), running.ended.wait())
        if running.begun.is_set():
            return
        del self._running[key]
        if running.error is not None:
            raise NotSent(f"{program.argv[0]} could not be started: {running.error}")
        why = running.complaint or running.state.ending
        raise NotSent(f"{Path(program.argv[0]).name} ended before anything began: {why}")

    async def _hand_over(self, terminal: TerminalPort, program: Program, running: _Running) -> None:
        loop = asyncio.get_running_loop()

        def begun() -> None:
            loop.call_soon_threadsafe(running.begun.set)

        def complained(line: str) -> None:
            loop.call_soon_threadsafe(running.has_complained, line)

        try:
            with with_file(program) as ready:
                run = terminal.run(ready, begun, complained)
                handed = asyncio.run_coroutine_threadsafe(run, terminal.loop)
                code = await asyncio.wrap_future(handed)
            running.end(code)
        except Exception as error:
            if not isinstance(error, OSError):
                _log.exception("a program in the terminal")
            running.end(127, error)

    async def _supervise(self, program: Program, running: _Running) -> None:
        try:
            with with_file(program) as ready:
                code = await _run_supervised(ready, running)
        except (OSError, ValueError) as error:
            running.end(127, error)
        else:
            running.end(code)

    def _forget_told(self) -> None:
        """Forget programs whose end is on record by now."""
        for key in [key for key, one in self._running.items() if one.delivered.is_set()]:
            del self._running[key]

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _run_supervised(program: Program, running: _Running) -> int:
    """Run *program* beside the board to its end, and return its exit code."""
    running.process = process = await asyncio.create_subprocess_exec(
        *supervised_words(program.argv),
        env=dict(program.env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    if running.is_stopped:
        running.stop()
    assert process.stdout is not None  # noqa: S101 - it was asked for
    assert process.stderr is not None  # noqa: S101 - likewise
    await asyncio.gather(
        _read_lines(process.stdout, running.has_printed),
        _read_lines(process.stderr, running.has_complained),
    )
    return await process.wait()


async def _read_lines(stream: asyncio.StreamReader, take: Callable[[str], None]) -> None:
    """Have *take* called with each line of *stream* that says anything, to its end."""
    while line := await _line_of(stream):
        if text := sanitize(line.decode("utf-8", "replace")).strip()[:_MAX_LINE]:
            take(text)


async def _line_of(stream: asyncio.StreamReader) -> bytes:
    """Return the next line of *stream*, ``b""`` at its end; of one that is too long, a part."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.read(error.consumed)
