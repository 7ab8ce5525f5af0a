"""Measured figures with their budgets, as a markdown table that says where it was taken."""

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.terminal import HEIGHT, WIDTH


@dataclass(frozen=True, slots=True)
class Figure:
    """*measured* and *beside* are in *unit*; so is *limit*. *most* is the largest ratio allowed.

    What is ``None`` was not measured, or is not limited.
    """

    what: str
    measured: float
    unit: str
    beside: float | None = None
    baseline: str = ""
    most: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the baseline it is."""
        return self.measured / self.beside if self.beside else None

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; ``None`` where that cannot be told, or there is none."""
        if self.most is not None and self.ratio is None:
            return None
        kept = [
            value <= most
            for value, most in ((self.ratio, self.most), (self.measured, self.limit))
            if value is not None and most is not None
        ]
        return all(kept) if kept else None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that *share* (0 to 1) of *values* do not exceed: the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1_000) // 1_000) - 1)]


def milliseconds(seconds: Sequence[float]) -> float:
    """Return the median of *seconds*, in milliseconds."""
    return median(seconds) * 1_000


_HEADS = ("what", "measured", "beside", "ratio", "budget", "verdict")
_VERDICTS = {True: "kept", False: "**missed**", None: "-"}


def table(figures: Iterable[Figure]) -> str:
    """Return the table."""
    rows = [_HEADS, ("---",) * len(_HEADS), *map(_row, figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def environment(runs: int) -> str:
    """Return where, when and how often it was measured."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {_processor()}, {os.cpu_count()} cores, load "
        f"{load}; {platform.system()} {platform.release()}; Python {platform.python_version()}, "
        f"textual {version('textual')}, pydantic {version('pydantic')}; "
        f"pseudo-terminal of {WIDTH}x{HEIGHT}; {runs} runs, interleaved with the baseline"
    )


def _row(figure: Figure) -> tuple[str, ...]:
    beside = "" if figure.beside is None else f" {_number(figure.beside)} {figure.unit}"
    note = f" ({figure.note})" if figure.note else ""
    return (
        figure.what,
        f"{_number(figure.measured)} {figure.unit}{note}",
        f"{figure.baseline}{beside}" or "-",
        "-" if figure.ratio is None else f"{figure.ratio:.2f}",
        ", ".join(_budget(figure)) or "-",
        _VERDICTS[figure.met],
    )


def _budget(figure: Figure) -> Iterator[str]:
    if figure.most is not None:
        yield f"≤ {figure.most:g} x"
    if figure.limit is not None:
        yield f"≤ {_number(figure.limit)} {figure.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
