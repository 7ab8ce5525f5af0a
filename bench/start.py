"""From exec to the first frame with the last known board, beside a bare Textual app."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.bare_app import LAST
from bench.harness import BenchOptions, Sandbox, new_sandbox
from bench.report import Figure, milliseconds
from bench.terminal import Terminal, first_shown
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo

PANES: Final = ("1 Builds", "2 Deployments", "3 Models", "4 Alerts")
KEPT: Final = "what is true now is being asked for"
"""What only the kept frame says."""
WAIT: Final = 2.0
PATIENCE: Final = 30.0


def measure(options: BenchOptions) -> list[Figure]:
    """Return the figures of the start."""
    starts = _starts(options.runs)
    kept, live, bare = ([getattr(one, name) for one in starts] for name in _Start._fields)
    return [
        _figure("exec → the last known board, kept as bytes", kept, bare, 0.2),
        _figure("exec → first frame of Textual's with the last known board", live, bare, 1.15),
    ]


def _figure(what: str, board: Sequence[float], bare: Sequence[float], most: float) -> Figure:
    least = f"least {min(board) * 1_000:.0f} beside {min(bare) * 1_000:.0f} ms"
    beside = "bare Textual app, same panes:"
    times = milliseconds(board), milliseconds(bare)
    return Figure(what, times[0], "ms", times[1], beside, most=most, note=least)


class _Start(NamedTuple):
    """Seconds from exec until the kept frame is shown, a live one, and that of the bare app."""

    kept: float
    live: float
    bare: float


def _starts(runs: int) -> list[_Start]:
    """Return the times of the board and of the bare app, run by run."""
    with new_sandbox() as sandbox, running_demo(DemoOptions()) as config:
        fill_cache(sandbox, config)
        board = [str(Path(sys.executable).with_name("opsboard")), "--config", str(config)]
        bare = [sys.executable, str(Path(__file__).with_name("bare_app.py"))]
        return [
            _Start(
                *_first_shown(sandbox, board, _kept_is_shown, _live_is_shown),
                *_first_shown(sandbox, bare, _bare_is_shown),
            )
            for _ in range(runs + 1)
        ][1:]  # the first is to have all files cached and compiled


def fill_cache(sandbox: Sandbox, config: Path) -> None:
    """Run the board until it has cached everything."""
    with Terminal(sandbox.command("--config", str(config)), sandbox.env) as terminal:
        terminal.until(lambda shown: "clusters live" in shown, "the clusters")
        terminal.until(lambda shown: shown.count(" live ") + shown.count(" ago ") >= 3, "all panes")
        terminal.watch(4.0)  # the cache is written every three seconds
        terminal.press("q")
        terminal.watch(1.0)


def _kept_is_shown(shown: str) -> bool:
    """The line at the bottom is painted last but the ages, which are there too."""
    return _board_is_shown(shown) and KEPT in shown and not re.search(r"  old, from disk", shown)


def _live_is_shown(shown: str) -> bool:
    return _board_is_shown(shown) and KEPT not in shown and "? Help" in shown


def _board_is_shown(shown: str) -> bool:
    return all(pane in shown for pane in PANES) and shown.count("from disk") >= 3


def _bare_is_shown(shown: str) -> bool:
    return shown.count(LAST) == 4


def _first_shown(
    sandbox: Sandbox, command: Sequence[str], *true: Callable[[str], bool]
) -> Sequence[float]:
    """Return when what *command* shows was first as each of *true* wants it."""
    with Terminal(command, sandbox.env) as terminal:
        while terminal.now < PATIENCE:
            terminal.watch(WAIT)
            times = [first_shown(terminal.chunks, one) for one in true]
            if None not in times:
                return [at for at in times if at is not None]
        raise TimeoutError(f"{command} did not show itself:\n{terminal.screen()}")
