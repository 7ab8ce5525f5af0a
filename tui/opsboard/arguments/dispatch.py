"""Finds the command that the command line asks for, and runs it.

Only the standard library is imported here, and each command imports what it needs, since the
time to the first frame counts. Exit codes are stable: see :class:`opsboard.system.exit_codes.Exit`.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from opsboard.arguments.board_only import parse_board_only
from opsboard.startup import instant_frame
from opsboard.system import stdio
from opsboard.system.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace

AT_START = 200_000
"""Allocations before a garbage collection: objects made at the start stay anyway."""
BOARD_AT_START = 2_000_000
"""The same for the board, which collects as usual once its first frame is drawn."""


def run(argv: Sequence[str] | None) -> int:
    """Run the program with *argv* (without its own name) and return the exit code."""
    gc.set_threshold(AT_START, 20, 20)
    stdio.make_writable()
    try:
        try:
            return _command(argv)
        finally:
            instant_frame.withdraw(drop_keys=True)  # before anything is said
            sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        stdio.discard_stdout()  # the reader of the pipe has gone
        return ExitCode.OK
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        return _broken(f"{error.strerror or error}{where}", ExitCode.FAILED)
    except Exception as error:  # a user gets a sentence, no traceback
        return _failed(error)


def _command(argv: Sequence[str] | None) -> int:
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    if (options := parse_board_only(argv)) is not None:
        gc.set_threshold(BOARD_AT_START, 20, 20)
    else:
        options = _read_any(argv)
    module, function = options.command.split(":")
    command: Callable[[Namespace], int] = getattr(import_module(module), function)
    return command(options)


def _read_any(argv: Sequence[str] | None) -> "Namespace":
    from opsboard.arguments.parser import make_parser  # noqa: PLC0415 - the board does without

    return make_parser().parse_args(argv)


def _complete() -> None:
    """Answer a shell that completes a command line, and end the process."""
    from opsboard.arguments.completers import answer  # noqa: PLC0415 - for shells only
    from opsboard.arguments.parser import make_parser  # noqa: PLC0415 - as above

    answer(make_parser())


def _failed(error: Exception) -> int:
    from opsboard.config.problems import ConfigError  # noqa: PLC0415 - hardly ever
    from opsboard.ui.terminal.shutdown import internal_error_line  # noqa: PLC0415

    if not isinstance(error, ConfigError):
        return _broken(internal_error_line(error), ExitCode.INTERNAL_ERROR)
    for problem in error.problems:
        sys.stderr.write(f"opsboard: {problem}\n")
    return ExitCode.USAGE


def _broken(why: str, code: ExitCode) -> int:
    stdio.discard_stdout()
    sys.stderr.write(f"opsboard: {why}\n")
    return code
