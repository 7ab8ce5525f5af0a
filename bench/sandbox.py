"""A place of its own for the measured program: nothing of the user's is read or written."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
_ROOMS: Final = ("tui", "adapters", "themes", ".")
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A home folder, and the environment of programs that live in it."""

    home: Path
    env: Mapping[str, str]

    def command(self, *words: str) -> list[str]:
        """Return the command line of the program."""
        return [sys.executable, "-m", "opsboard", *words]


@contextmanager
def new_sandbox() -> Iterator[Sandbox]:
    """Make a place, gone at the end. Compiled files are written as any installation has them."""
    with tempfile.TemporaryDirectory(prefix="opsboard-bench-") as folder:
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env |= {
            "HOME": folder,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": os.pathsep.join([folder, *(str(REPOSITORY / room) for room in _ROOMS)]),
        }
        yield Sandbox(Path(folder), env)
