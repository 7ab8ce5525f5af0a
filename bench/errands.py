"""What people come for, from the first key until it is done: keystrokes and seconds."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from tests.terminal.errands import ERRANDS, errand_board

from bench.harness import BenchOptions
from bench.report import Figure


def measure(options: BenchOptions) -> list[Figure]:
    """Return a figure for each errand, the median of some boards; keys are sent without a pause."""
    boards = [_run() for _ in range(max(1, options.runs // 3))]
    return [
        Figure(
            f"{one.title} (keys: {one.keystrokes})", median(run[one.name] for run in boards), "s"
        )
        for one in ERRANDS
    ]


def _run() -> Mapping[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="opsboard-bench-") as folder,
        errand_board(Path(folder)) as board,
    ):
        for errand in ERRANDS:
            board.run(errand)
        return board.seconds
