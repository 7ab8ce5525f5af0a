"""A measured figure, what it stands beside, and what it may be at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


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
