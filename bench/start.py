"""From exec to the first frame with the last known board, beside a bare Textual app."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.bare_app import LAST
from bench.harness import BenchOptions, Sandbox, new_sandbox
from bench.report import Figure, milliseconds
from bench.terminal import Terminal, first_shown
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo

PANES: Final = ("1 Builds", "2 Deployments", "3 Models", "4 Alerts")
WAIT: Final = 2.0
PATIENCE: Final = 30.0


def measure(options: BenchOptions) -> list[Figure]:
    """Return the figure of the start."""
    board, bare = _times(options.runs)
    least = f"least {min(board) * 1_000:.0f} beside {min(bare) * 1_000:.0f} ms"
    return [
        Figure(
            "exec → first frame with the last known board",
            milliseconds(board),
            "ms",
            milliseconds(bare),
            "bare Textual app, same panes:",
            most=1.3,
            note=least,
        )
    ]


def _times(runs: int) -> tuple[list[float], list[float]]:
    """Return seconds to the first frame of the board and of the bare app, run by run."""
    with new_sandbox() as sandbox, running_demo(DemoOptions()) as config:
        fill_cache(sandbox, config)
        board = [str(Path(sys.executable).with_name("opsboard")), "--config", str(config)]
        bare = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
        pairs = [
            (
                _first_frame(sandbox, board, _board_is_shown),
                _first_frame(sandbox, bare, _bare_is_shown),
            )
            for _ in range(runs + 1)
        ][1:]  # the first is to have all files cached and compiled
    return [one for one, _ in pairs], [other for _, other in pairs]


def fill_cache(sandbox: Sandbox, config: Path) -> None:
    """Run the board until it has cached everything."""
    with Terminal(sandbox.command("--config", str(config)), sandbox.env) as terminal:
        terminal.until(lambda shown: "clusters live" in shown, "the clusters")
        terminal.until(lambda shown: shown.count(" live ") + shown.count(" ago ") >= 3, "all panes")
        terminal.watch(4.0)  # the cache is written every three seconds
        terminal.press("q")
        terminal.watch(1.0)


def _board_is_shown(shown: str) -> bool:
    return all(pane in shown for pane in PANES) and shown.count("from disk") >= 3


def _bare_is_shown(shown: str) -> bool:
    return shown.count(LAST) == 4


def _first_frame(sandbox: Sandbox, command: Sequence[str], true: Callable[[str], bool]) -> float:
    with Terminal(command, sandbox.env) as terminal:
        while terminal.now < PATIENCE:
            terminal.watch(WAIT)
            if (at := first_shown(terminal.chunks, true)) is not None:
                return at
        raise TimeoutError(f"{command} did not show itself:\n{terminal.screen()}")
