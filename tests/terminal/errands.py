"""What people come for, as keys: the same errands are tested, and measured by ``bench errands``.

They are run on the demo, in a terminal of 120x36, by somebody who knows the keys. What they take
elsewhere is in docs/bench.md.
"""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from tests.terminal.fake_kubectl import path_with_kubectl
from tests.terminal.tmux import Terminal, homes_in, terminal

_SHELL: Final = 'echo "in the container"; read _'
_SEQUENCE: Final = re.compile(r"\x1b\[.|.", re.DOTALL)


class Step(NamedTuple):
    """*keys* are pressed at once, then what matches *shows* is waited for."""

    keys: str
    shows: str


@dataclass(frozen=True, slots=True)
class Errand:
    """*title* is done by *steps*; *leave* goes back to the board, and does not count."""

    name: str
    title: str
    steps: tuple[Step, ...]
    leave: str

    @property
    def keystrokes(self) -> int:
        """How many keys are pressed; one that sends a sequence is one key."""
        return sum(len(_SEQUENCE.findall(step.keys)) for step in self.steps)


_CONSENT: Final = "type {0} and give a reason"
ERRANDS: Final = (
    Errand(
        "stuck",
        "find the stuck roll-out, and why it is",
        (
            Step("2", "▌2 Deployments"),
            Step("/crash prod\r", "CrashLoopBackOff +since[^$]*panic: settings"),
        ),
        "",
    ),
    Errand(
        "crash",
        "from there: read the words of its crash",
        (Step("L", r"log of checkout[^$]*panic: settings"),),
        "q",
    ),
    Errand(
        "rollback",
        "from there: roll it back, with the plan read and a reason on record",
        (
            Step("B", _CONSENT.format("checkout")),
            Step("\r", "to confirm:"),
            Step("checkout\r", "reason, for the audit:"),
            Step("crash loop\r", r"running: Roll back: checkout|Roll back.*succeeded"),
        ),
        "",
    ),
    Errand(
        "step",
        "find the failing step of a build, and its first error",
        (Step("1", "▌1 Builds"), Step("L", r"▸.*error: ")),
        "q",
    ),
    Errand(
        "compare",
        "compare the newest version of a model with the one that serves",
        (Step("3", "▌3 Models"), Step("v", r"compare 2[^$]*Parameters")),
        "q",
    ),
    Errand(
        "since",
        "which version serves a model, where, and since when",
        (Step("3", "▌3 Models"), Step("\r", r"Served by\s[^$]*production[^$]*Aliases over time")),
        "q",
    ),
    Errand(
        "retrain",
        "retrain it with other inputs, with a reason on record",
        (
            Step("3", "▌3 Models"),
            Step("T", "epochs"),
            Step("\t\t\x7f\x7f15\x13", _CONSENT.format("product-ranker")),
            Step("\r", "to confirm:"),
            Step("product-ranker\r", "reason, for the audit:"),
            Step("it drifts\r", r"running: .*Retrain: product-ranker"),
        ),
        "",
    ),
    Errand(
        "shell",
        "open a shell in a pod",
        (
            Step(":pods\r", "Pods [1-9]"),
            Step("/cart- environment:staging\r", r"Pods\s+[1-9]\d*/\d+"),
            Step("X", r"a shell in[^$]*on record"),
            Step("\r", "yes, carry it out"),
            Step("y", "in the container"),
        ),
        "\r",
    ),
)


@dataclass
class ErrandBoard:
    """A board of the demo in a terminal, and the seconds that each errand took."""

    it: Terminal
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, errand: Errand) -> None:
        """Do *errand*, and go back to the board."""
        began = time.monotonic()
        for step in errand.steps:
            self.it.packet(step.keys)
            self._sees(step.shows, f"{errand.name}: {step.keys!r} to show {step.shows!r}")
        self.seconds[errand.name] = time.monotonic() - began
        self.it.packet(errand.leave)

    def _sees(self, pattern: str, what: str) -> None:
        wanted = re.compile(pattern)
        self.it.until(lambda screen: wanted.search(screen) is not None, what)


@contextmanager
def errand_board(folder: Path) -> Iterator[ErrandBoard]:
    """Open the board of a demo that has just begun, in *folder*, once all its sources are told.

    Its world stands still: on a slow machine, what has failed would be mended by somebody else.
    """
    env = {"PATH": path_with_kubectl(folder, _SHELL), **homes_in(folder)}
    with running_demo(DemoOptions(at=datetime.now(UTC))) as config, terminal(folder, **env) as it:
        it.start([sys.executable, "-m", "opsboard", "--config", str(config)], 120, 36)
        told = re.compile(r"✓ github.*✓ clusters.*✓ mlflow.*✓ registry")
        it.until(lambda screen: told.search(screen) is not None, "all sources")
        yield ErrandBoard(it)
