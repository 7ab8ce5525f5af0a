"""What measurements share: options, a sandbox to run the program in, figures of a process."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How much is measured, and beside what.

    *kubectl* is the program, if there is one; *kubeconfig* leads to a server of your own.
    """

    runs: int = 9
    pods: int = 10_000
    kubectl: str | None = None
    kubeconfig: Path | None = None


REPOSITORY: Final = Path(__file__).resolve().parent.parent
_SOURCE_ROOTS: Final = ("tui", "adapters", "themes", ".")
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A home folder, and the environment of programs that live in it."""

    home: Path
    env: Mapping[str, str]

    def command(self, *words: str) -> list[str]:
        """Return the command line of the program with *words* as arguments."""
        return [sys.executable, "-m", "opsboard", *words]


@contextmanager
def new_sandbox() -> Iterator[Sandbox]:
    """Make a sandbox that is removed at the end; modules are compiled as in any installation."""
    with tempfile.TemporaryDirectory(prefix="opsboard-bench-") as folder:
        env = {name: os.environ[name] for name in _KEPT if name in os.environ}
        env |= {
            "HOME": folder,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": os.pathsep.join(
                [folder, *(str(REPOSITORY / root) for root in _SOURCE_ROOTS)]
            ),
        }
        yield Sandbox(Path(folder), env)


def processor_seconds(pid: int) -> float:
    """Return the processor time that *pid* has used, in seconds (Linux only)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mebibytes(pid: int) -> float:
    """Return the most memory that *pid* has had in RAM, in MiB (``VmHWM``; Linux only)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
