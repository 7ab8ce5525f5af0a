"""The values of a metric over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsboard_adapters.mlflow.structs import MLflowMetric


@dataclass(frozen=True, slots=True)
class MetricHistory:
    """Values of a metric, oldest first.

    It is *doubtful* where points may be missing that could not be read, or were read the second
    best way: another time it may be better.
    """

    points: list[MLflowMetric]
    doubtful: bool = False


def in_order(points: Sequence[MLflowMetric]) -> list[MLflowMetric]:
    """Return *points*, each once (a page may repeat another's), the present one last.

    That is the one of the highest step, and of those the newest, as MLflow has it: so what a run
    says of a metric is the end of its history, whatever the order in which it was logged.
    """
    return sorted(dict.fromkeys(points), key=lambda point: point.place)


def thinned(points: Sequence[MLflowMetric], count: int) -> list[MLflowMetric]:
    """Return at most *count* of *points*, evenly spread, the first and the last among them."""
    if len(points) <= count or count < 2:
        return list(points)[-count:]
    last = len(points) - 1
    return [points[index * last // (count - 1)] for index in range(count)]
