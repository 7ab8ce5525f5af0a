"""From a key to the frame that shows its effect, at few and at many rows."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from bench.harness import BenchOptions, Sandbox, new_sandbox
from bench.report import Figure, percentile
from bench.rows import ENTRY_POINT
from bench.terminal import Terminal

FEW: Final = 50
MANY: Final = 50_000
KEYS: Final = 300
REST: Final = 0.04
"""Seconds between an answer and the next key: more than a frame, so that keys do not queue."""


def measure(_options: BenchOptions) -> list[Figure]:
    """Return the figures of a key: p50 and p99."""
    few, many = _times()
    rows = f"at {FEW} rows:"
    what = f"key → paint at {MANY:,} rows"
    half, most = (percentile(many, share) * 1_000 for share in (0.5, 0.99))
    return [
        Figure(f"{what}, p50", half, "ms", percentile(few, 0.5) * 1_000, rows),
        Figure(f"{what}, p99", most, "ms", percentile(few, 0.99) * 1_000, rows, most=1.2, limit=33),
    ]


def _times() -> tuple[list[float], list[float]]:
    """Press keys in two programs in turn; return seconds to the frame."""
    with new_sandbox() as sandbox, ExitStack() as stack:
        install_adapter(sandbox, ENTRY_POINT)
        few, many = (stack.enter_context(_zoomed(sandbox, count)) for count in (FEW, MANY))
        for terminal, count in ((few, FEW), (many, MANY)):
            terminal.until(lambda shown, count=count: f"Builds {count:,}" in shown, "rows")  # type: ignore[misc]
            terminal.press("1")  # zoomed: the pane in focus has the whole screen
            terminal.watch(6.0)  # until the cache is written
        times: tuple[list[float], list[float]] = ([], [])
        for key in _keys():
            for terminal, found in zip((few, many), times, strict=True):
                found.append(_answer(terminal, key))
    return times


def _keys() -> Iterator[str]:
    return islice(cycle("j" * 40 + "k" * 40), KEYS)


def _answer(terminal: Terminal, key: str) -> float:
    terminal.watch(REST)
    at = terminal.press(key)
    return terminal.frame() - at


def _zoomed(sandbox: Sandbox, rows: int) -> Terminal:
    config = sandbox.home / f"{rows}.toml"
    config.write_text(f'[sources.rows]\nadapter = "rows"\nrows = {rows}\n', encoding="utf-8")
    return Terminal(sandbox.command("--config", str(config)), sandbox.env)


def install_adapter(sandbox: Sandbox, entry_point: str) -> None:
    """Register an adapter by its *entry_point*, as an installed one is."""
    folder: Path = sandbox.home / "bench_rows-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: bench-rows\nVersion: 1\n", encoding="utf-8"
    )
    (folder / "entry_points.txt").write_text(entry_point, encoding="utf-8")
