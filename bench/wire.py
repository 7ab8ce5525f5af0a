"""Bytes to the terminal while rows change, and the memory of the program that shows them."""

from typing import Final

from bench.figure import Figure
from bench.options import Options
from bench.pods import demo_server, open_pods, settled_count
from bench.process import peak_mebibytes, processor_seconds
from bench.sandbox import new_sandbox
from bench.terminal import size

CHURN: Final = 0.01
SECONDS: Final = 20.0


def measure(options: Options) -> list[Figure]:
    """Return the figures of a big pane that moves."""
    with (
        new_sandbox() as place,
        demo_server(place, options.pods, CHURN) as server,
        open_pods(place, server) as terminal,
    ):
        count = settled_count(terminal)
        burnt = processor_seconds(terminal.pid)
        sent = size(terminal.watch(SECONDS))
        burnt = processor_seconds(terminal.pid) - burnt
        peak = peak_mebibytes(terminal.pid)
    return [
        Figure(
            f"1 % of {count:,} rows change each second: to the terminal",
            sent / SECONDS / 1024,
            "KiB/s",
            limit=4,
            note=f"{burnt / SECONDS * 100:.0f} % of a core",
        ),
        Figure(f"peak memory at {count:,} pods with watches", peak, "MiB", limit=150),
    ]
