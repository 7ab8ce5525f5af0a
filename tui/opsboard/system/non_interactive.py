"""Running a program without a terminal, with a time limit and a limit on its output.

Credential helpers, exec plugins, ``gh`` and ``git`` may prompt for a passphrase, a second factor or
a host key. Here the terminal belongs to the board, so a program gets none to prompt on: its input
ends after what it is given, and it leads a session of its own, in which ``/dev/tty`` cannot be
opened (setsid(2), tty(4)). Environment variables switch off prompts in windows and on other
terminals.
"""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from opsboard.frozen import Frozen, frozen_unchecked

MAX_OUTPUT: Final = 1_048_576
"""Bytes that a program may print by default; no token, credential or list of remotes is as long."""

PROMPTS_OFF: Final[Mapping[str, str]] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "GH_PROMPT_DISABLED": "1",
    "SSH_ASKPASS_REQUIRE": "never",
}
"""Variables that switch off the prompts of git, Git Credential Manager, gh and ssh."""

PROMPT_VARIABLES: Final = frozenset({"GPG_TTY", "GIT_ASKPASS", "SSH_ASKPASS", "SUDO_ASKPASS"})
"""Variables removed from the environment: they name a terminal or a program to prompt with."""

_CHUNK: Final = 65_536
_EMPTIED: Final = 1.0
"""Seconds to read on after a program has ended: a child of it may hold its output open."""


class NonInteractiveError(Exception):
    """The program gave no result. The text says why, and quotes nothing that it printed."""


class NotStartedError(NonInteractiveError):
    """The program does not exist, or may not be executed."""


@frozen_unchecked
class CommandOutput(Frozen):
    """The exit code of a program, and what it printed to standard output."""

    exit_code: int
    output: bytes


def non_interactive_env(env: Mapping[str, str]) -> dict[str, str]:
    """Return *env* changed so that programs do not prompt."""
    return {
        **{name: value for name, value in env.items() if name not in PROMPT_VARIABLES},
        **PROMPTS_OFF,
    }


async def run_non_interactive(
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    seconds: float,
    cwd: Path | None = None,
    stdin: bytes = b"",
    most: int = MAX_OUTPUT,
) -> CommandOutput:
    """Run the program *words* to its end, with *stdin* as all of its input; return its output.

    Raises :exc:`NotStartedError` where it cannot be run, and :exc:`NonInteractiveError` where it
    takes longer than *seconds* or prints more than *most* bytes. Unless it has ended by
    itself, it is killed with all its children, also when this call is cancelled.
    """
    program = words[0] if words else ""
    reading, writing = os.pipe()  # asyncio's own would keep a program alive that has ended
    with os.fdopen(reading, "rb", buffering=0) as output:
        try:
            process = await _started(words, env, cwd, writing, stdin)
        finally:
            os.close(writing)
        try:
            async with asyncio.timeout(seconds):
                printed = await _printed(process, output, most)
                return CommandOutput(await process.wait(), printed)
        except TimeoutError:
            raise NonInteractiveError(f"{program} did not finish within {seconds:g} s") from None
        except _TooMuchError:
            raise NonInteractiveError(f"{program} printed more than {most:,} bytes") from None
        finally:
            await _end(process)


async def _started(
    words: Sequence[str], env: Mapping[str, str], cwd: Path | None, stdout: int, stdin: bytes
) -> asyncio.subprocess.Process:
    try:
        with _input(stdin) as source:
            return await asyncio.create_subprocess_exec(
                *words,
                env=non_interactive_env(env),
                cwd=cwd,
                stdin=source,
                stdout=stdout,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
    except OSError as error:
        cause = error.strerror or str(error)
    except (ValueError, TypeError) as error:  # a NUL in a word, a surrogate, no word at all
        cause = str(error)
    raise NotStartedError(f"cannot run {words[0] if words else ''!r}: {cause}")


@contextmanager
def _input(content: bytes) -> Iterator[int]:
    """Yield a descriptor that *content* can be read from: a file without a name, on no terminal."""
    if not content:
        yield asyncio.subprocess.DEVNULL
        return
    with TemporaryFile(buffering=0) as file:
        file.write(content)
        file.seek(0)
        yield file.fileno()


class _TooMuchError(Exception):
    pass


async def _printed(process: asyncio.subprocess.Process, output: IO[bytes], most: int) -> bytes:
    """Return what *process* prints until it ends, and for a moment after."""
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), output)
    found = bytearray()

    async def read() -> None:
        while chunk := await stream.read(_CHUNK):
            found.extend(chunk)
            if len(found) > most:
                raise _TooMuchError

    reading = asyncio.create_task(read())
    ended = asyncio.create_task(process.wait())
    try:
        await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({reading}, timeout=_EMPTIED if ended.done() else None)
        if reading.done():
            reading.result()
    finally:
        pipe.close()
        for task in (reading, ended):
            task.cancel()
        await asyncio.gather(reading, ended, return_exceptions=True)
    return bytes(found)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
