"""What the whole program sends and burns while the world stands still and is being watched."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bench.figure import Figure
from bench.options import Options
from bench.process import processor_seconds
from bench.sandbox import new_sandbox
from bench.terminal import FRAME_END, Chunk, Screen, Terminal, size
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo

SETTLE: Final = 60.0
"""Seconds until what stands still is looked at no more often than it will be for hours."""
SECONDS: Final = 10.0


def measure(_options: Options) -> list[Figure]:
    """Return the figures of ten idle seconds."""
    with (
        new_sandbox() as place,
        running_demo(DemoOptions(at=datetime.now(UTC))) as config,
        Terminal(place.command("--config", str(config)), place.env) as terminal,
    ):
        terminal.until(lambda shown: "clusters live" in shown, "the clusters")
        terminal.watch(SETTLE)
        before = terminal.chunks[:]
        burnt = processor_seconds(terminal.pid)
        during = terminal.watch(SECONDS)
        burnt = processor_seconds(terminal.pid) - burnt
    ticks = size(during) - (unseen := unseen_bytes(before, during))
    return [
        Figure(
            f"idle for {SECONDS:.0f} s: bytes that change nothing to be seen",
            unseen,
            "bytes",
            limit=0,
            note=f"and {ticks:,} of ages that go on",
        ),
        Figure("idle: share of a core", burnt / SECONDS * 100, "%", limit=1),
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
