"""Bytes to the terminal and processor time, while nothing changes and while rows change."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bench.harness import BenchOptions, new_sandbox, peak_mebibytes, processor_seconds
from bench.pods import demo_server, open_pods, settled_count
from bench.report import Figure
from bench.terminal import FRAME_END, Chunk, Screen, Terminal, size
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo

SETTLE: Final = 60.0
"""Seconds after which what stands still is polled no more often than it will be for hours."""
IDLE_SECONDS: Final = 10.0
CHURN: Final = 0.01
"""The share of rows that change each second."""
CHURN_SECONDS: Final = 20.0


def measure_idle(_options: BenchOptions) -> list[Figure]:
    """Return the figures of ten seconds in which the world stands still and is watched."""
    with (
        new_sandbox() as sandbox,
        running_demo(DemoOptions(at=datetime.now(UTC))) as config,
        Terminal(sandbox.command("--config", str(config)), sandbox.env) as terminal,
    ):
        terminal.until(lambda shown: "clusters live" in shown, "the clusters")
        terminal.watch(SETTLE)
        before = terminal.chunks[:]
        burnt = processor_seconds(terminal.pid)
        during = terminal.watch(IDLE_SECONDS)
        burnt = processor_seconds(terminal.pid) - burnt
    ticks = size(during) - (unseen := unseen_bytes(before, during))
    return [
        Figure(
            f"idle for {IDLE_SECONDS:.0f} s: bytes that change nothing to be seen",
            unseen,
            "bytes",
            limit=0,
            note=f"and {ticks:,} of ages that go on",
        ),
        Figure("idle: share of a core", burnt / IDLE_SECONDS * 100, "%", limit=1),
    ]


def measure_changes(options: BenchOptions) -> list[Figure]:
    """Return bytes to the terminal and memory of a big pane in which rows change."""
    with (
        new_sandbox() as sandbox,
        demo_server(sandbox, options.pods, CHURN) as server,
        open_pods(sandbox, server) as terminal,
    ):
        count = settled_count(terminal)
        burnt = processor_seconds(terminal.pid)
        sent = size(terminal.watch(CHURN_SECONDS))
        burnt = processor_seconds(terminal.pid) - burnt
        peak = peak_mebibytes(terminal.pid)
    return [
        Figure(
            f"1 % of {count:,} rows change each second: to the terminal",
            sent / CHURN_SECONDS / 1024,
            "KiB/s",
            limit=4,
            note=f"{burnt / CHURN_SECONDS * 100:.0f} % of a core",
        ),
        Figure(f"peak memory at {count:,} pods with watches", peak, "MiB", limit=150),
    ]


def unseen_bytes(before: Sequence[Chunk], during: Sequence[Chunk]) -> int:
    """Return how many bytes of *during* belong to frames after which the screen reads the same."""
    screen = Screen()
    for chunk in before:
        screen.feed(chunk.data)
    shown, unseen = screen.text, 0
    stream = b"".join(chunk.data for chunk in during)
    for frame in filter(None, stream.split(FRAME_END)):
        screen.feed(frame)
        if screen.text == shown:
            unseen += len(frame) + len(FRAME_END)
        shown = screen.text
    return unseen
