"""Which side of a metric is better: as the config says it, else by the name of the metric."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from opsboard_adapters.mlflow.metric_direction import Side, better_side


class MetricJudgement:
    """Knows metrics of which *higher*, or *lower*, is better, as patterns in any case.

    Where both are said of one, nothing is known of it.
    """

    def __init__(self, higher: Sequence[str] = (), lower: Sequence[str] = ()) -> None:
        self._higher = tuple(pattern.casefold() for pattern in higher)
        self._lower = tuple(pattern.casefold() for pattern in lower)

    def side(self, name: str) -> Side:
        """Return on which side the metric *name* is better, ``""`` where nobody knows."""
        folded = name.casefold()
        higher = any(fnmatchcase(folded, pattern) for pattern in self._higher)
        lower = any(fnmatchcase(folded, pattern) for pattern in self._lower)
        if higher and lower:
            return ""
        if higher or lower:
            return "higher" if higher else "lower"
        return better_side(name)
