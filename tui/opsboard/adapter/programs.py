"""Programs that an action runs for a person: in their terminal, or beside the board.

A shell in a container is no request with an answer. An action sends it by handing a
:class:`Program` to the :class:`ProgramHost` of its context (:func:`programs_of`), and observes it
by :meth:`ProgramHost.state`: so it passes the guard and is on record from its beginning to its end
as every other action is. What is typed into a program, and what it prints, is on no record.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

from opsboard.adapter.errors import NotSent
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system.temporary_folders import private_file

FILE: Final = "{file}"
"""Stands in the words of a program for the path of its file."""


class PrivateFile:
    """A file that a program is given for as long as it runs, and that nobody else can read.

    Its *content* may be secret, so that it is shown nowhere.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


@frozen_unchecked
class Program(Frozen):
    """What to run: *argv* with the environment *env*.

    *argv* is seen by every user of the machine (``ps``): no secret is in it. *title* is one line
    that is shown above what it prints: where somebody is, and how they come back. With a *file*,
    each word of *argv* that is :data:`FILE` is its path. Where its *errors_are_its_own*, what is on
    its standard error is said by the program itself, and by nothing that a person runs in it: so it
    is kept for :attr:`ProgramState.complaint`, beside being shown.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    title: str
    file: PrivateFile | None = None
    errors_are_its_own: bool = False


@contextmanager
def with_file(program: Program) -> Iterator[Program]:
    """Return *program* as it is run, its file written while the context lasts.

    Raises :exc:`OSError` where it cannot be written.
    """
    if program.file is None:
        yield program
        return
    with private_file(program.file.name, program.file.content, program.env) as path:
        words = tuple(str(path) if word == FILE else word for word in program.argv)
        yield Program(words, program.env, program.title, None, program.errors_are_its_own)


@frozen_unchecked
class ProgramState(Frozen):
    """How a program is: it has run for *seconds*, and has ended once it has an *exit_code*.

    As of :mod:`subprocess`, the exit code of one that was ended by a signal is its number, negated.
    *line* is the first line of what a program beside the board has printed on its standard output,
    *complaint* the last one on a standard error that is the program's own; one that was ended from
    here, and not by itself, *is_stopped*.
    """

    seconds: float
    exit_code: int | None = None
    line: str = ""
    complaint: str = ""
    is_stopped: bool = False

    @property
    def ending(self) -> str:
        """How it ended, in words: ``exit code 1 after 12 s``."""
        if self.is_stopped:
            return f"ended after {duration_text(self.seconds)}"
        code = self.exit_code or 0
        return f"{exit_text(code)} after {duration_text(self.seconds)}"


def exit_text(code: int) -> str:
    """Return an exit code, as of :class:`ProgramState`, in words: ``exit code 1``."""
    return f"exit code {code}" if code >= 0 else f"ended by signal {-code}"


def duration_text(seconds: float) -> str:
    """Return *seconds* as people say it: ``12 s``, ``3 min 5 s``, ``2 h 7 min``."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{whole} s"


class ProgramHost(Protocol):
    """Runs programs for actions; each is known by a *key*, the id of its plan."""

    @property
    def unavailable_reason(self) -> str:
        """Why nothing can be run in a terminal here, or ``""``."""

    async def run_in_terminal(self, key: str, program: Program) -> None:
        """Hand the terminal to *program*; return once it has begun.

        Raises :exc:`~opsboard.adapter.NotSent` where it could not be started.
        """

    async def run_beside(self, key: str, program: Program) -> None:
        """Run *program* without a terminal until it ends, :meth:`end` is called, or the board ends.

        Returns once it has printed a line on its standard output: what warns on the other one is no
        sign that it works. Raises :exc:`~opsboard.adapter.NotSent` where it could not be started,
        or ended before it printed one, with the last that it complained of.
        """

    async def state(self, key: str, seconds: float = 0.0) -> ProgramState | None:
        """Return how the program is, within *seconds* as soon as it has ended.

        ``None`` is one that this session has not run.
        """

    async def end(self, key: str) -> None:
        """End the program, if it runs beside the board."""


class NoPrograms:
    """The :class:`ProgramHost` where nobody is: nothing is run."""

    unavailable_reason: Final = "programs are run from the board: start `opsboard`"

    async def run_in_terminal(self, key: str, program: Program) -> None:
        raise NotSent(self.unavailable_reason)

    async def run_beside(self, key: str, program: Program) -> None:
        raise NotSent(self.unavailable_reason)

    async def state(self, key: str, seconds: float = 0.0) -> ProgramState | None:
        return None

    async def end(self, key: str) -> None:
        return None


def programs_of(context: object) -> ProgramHost:
    """Return what runs programs for the source of *context*.

    It is no part of :class:`~opsboard.adapter.Context`: a context that somebody has written for
    tests of their own has none, and runs nothing.
    """
    host: ProgramHost | None = getattr(context, "programs", None)
    return host or NoPrograms()
