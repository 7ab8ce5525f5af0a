"""When a measure of drift has gone too far.

Its threshold is, in this order: the run's own metric, parameter or tag ``<metric>_threshold``,
the same tag on the version, on the model, then the threshold of the rule that matches it, and at
last the one by which its method is commonly judged. ``<metric>_direction`` (``above`` or
``below``) goes the same way. What monitors write is understood as well: ``age.psi.threshold``,
NannyML's ``age.psi.upper_threshold`` beside ``age.psi.value``, alibi-detect's ``data.threshold``
beside ``data.p_val``, Evidently's ``drift_share`` beside ``share_of_drifted_columns``.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from opsboard.records import Status
from opsboard_adapters.mlflow.drift_metrics import SHARE, Direction, DriftMetric, drift_metric_of
from opsboard_adapters.mlflow.drift_terms import PLACES
from opsboard_adapters.mlflow.metric_terms import terms_of
from opsboard_adapters.mlflow.settings import DriftRule
from opsboard_adapters.mlflow.structs import MLflowRun

Places: TypeAlias = Sequence[tuple[str, Mapping[str, str]]]
"""Where a threshold may be written, the most specific place first: its name and its entries."""

_VALUE_PARTS: Final = ("score", "value", "p_val")
"""Last parts of a metric's name that ``threshold`` stands in place of."""
_SHARE_LIMIT: Final = "drift_share"
_SEPARATORS: Final = ("_", ".", "/", "-", " ")
_TOTALS: Final = (
    "number_of_columns", "n_columns", "num_columns", "total_columns", "n_total_columns", "n_cols",
    "number_of_features", "n_features", "num_features", "total_features", "drift.num_features",
)  # fmt: skip
"""How a run says how many columns there are of which some have drifted."""


@dataclass(frozen=True, slots=True)
class DriftThreshold:
    """When a measure has crossed. *origin* says, in words, where the threshold comes from.

    Where it is *inclusive*, reaching the threshold is enough. Where any value above zero is
    *notable*, it is a warning without a threshold.
    """

    threshold: float | None
    direction: Direction
    warn_at: float
    origin: str = ""
    inclusive: bool = False
    notable: bool = False

    @property
    def side(self) -> str:
        """Where drift is, as a sentence has it before the threshold."""
        return f"at or {self.direction}" if self.inclusive else self.direction

    def judge(self, value: float) -> tuple[Status, str]:
        """Return the status that *value* stands for, and a word for it."""
        if math.isnan(value):
            return Status.UNKNOWN, "not a number"
        if self.threshold is None:
            return self._without_threshold(value)
        if self._beyond(value, self.threshold) or (self.inclusive and value == self.threshold):
            return Status.FAILED, "drift"
        if self.threshold != 0 and self._beyond(value, self._warning_from(self.threshold)):
            return Status.WARNING, "near threshold"
        return Status.OK, ""

    def _without_threshold(self, value: float) -> tuple[Status, str]:
        if self.notable and value > 0:
            return Status.WARNING, "some drifted"
        return Status.OK, ""

    def _beyond(self, value: float, threshold: float) -> bool:
        return value > threshold if self.direction == "above" else value < threshold

    def _warning_from(self, threshold: float) -> float:
        closer = (threshold > 0) == (self.direction == "above")
        return threshold * self.warn_at if closer else threshold / self.warn_at


def threshold_of(
    metric: str, run: MLflowRun, tags: Places, rule: DriftRule | None, measure: DriftMetric | None
) -> DriftThreshold:
    """Return the threshold of *metric*, from the most specific place that has one.

    *rule* is that of the settings, *measure* what its name says, as far as there are such.
    """
    logged = {one.key: str(one.value) for one in run.data.metrics}
    places = [
        ("metric of the run", logged),
        ("parameter of the run", run.data.params),
        ("tag of the run", run.data.tags),
        *tags,
    ]
    rule = rule or DriftRule(pattern=metric)
    direction = _direction(metric, places, rule, measure)
    threshold, origin = _first_number(_keys(metric, direction, measure), places)
    if threshold is not None:
        reached = measure is not None and measure.inclusive
        return DriftThreshold(threshold, direction, rule.warn_at, origin, inclusive=reached)
    if rule.threshold is not None:
        return DriftThreshold(
            rule.threshold, direction, rule.warn_at, f"config, pattern {rule.pattern}"
        )
    if measure is None or measure.direction != direction:
        return DriftThreshold(None, direction, rule.warn_at)
    if measure.form == "count":
        return _of_count(metric, logged, places, rule)
    return DriftThreshold(
        measure.threshold, direction, rule.warn_at, measure.origin, inclusive=measure.inclusive
    )


def _of_count(
    metric: str, logged: Mapping[str, str], places: Places, rule: DriftRule
) -> DriftThreshold:
    """Return when a number of drifted columns is too many: by their share, as Evidently has it.

    Where nobody says how many columns there are, any is a warning: of forty that do not drift,
    two look so by chance, and none is worth an alarm.
    """
    totals = (f"{prefix}{name}" for prefix in _prefixes(metric) for name in _TOTALS)
    total, _ = _first_number(totals, places)
    if not total or any(_is_share(name) for name in logged):
        return DriftThreshold(None, "above", rule.warn_at, notable=True)
    half, origin = total * SHARE, f"half of {total:g} columns"
    return DriftThreshold(half, "above", rule.warn_at, origin, inclusive=True)


def _is_share(name: str) -> bool:
    measure = drift_metric_of(name)
    return measure is not None and measure.form == "share"


def _direction(
    metric: str, places: Places, rule: DriftRule, measure: DriftMetric | None
) -> Direction:
    values = (place.get(f"{metric}_direction", "").lower() for _, place in places)
    said = next((one for one in values if one in {"above", "below"}), "")
    if said:
        return "below" if said == "below" else "above"
    return rule.direction or (measure.direction if measure else "above")


def _keys(metric: str, direction: Direction, measure: DriftMetric | None) -> Iterator[str]:
    """Yield the names under which a threshold of *metric* may be written."""
    side = "upper_threshold" if direction == "above" else "lower_threshold"
    stems: list[tuple[str, tuple[str, ...]]] = [(metric, _SEPARATORS)]
    for separator in (".", "/"):
        stem, _, last = metric.rpartition(separator)
        if stem and last in _VALUE_PARTS:
            stems.append((stem, (separator,)))
    for stem, separators in stems:
        for word in ("threshold", side):
            yield from (f"{stem}{separator}{word}" for separator in separators)
    yield f"{metric}Threshold"
    if measure is not None and measure.form == "share" and not is_share_limit(metric):
        yield from (f"{prefix}{_SHARE_LIMIT}" for prefix in _prefixes(metric))


def _prefixes(metric: str) -> Sequence[str]:
    """Return the prefixes that names beside *metric* may have, the longest first.

    That is a path (``evidently/``), or what says where it comes from (``DatasetDriftMetric_``).
    """
    starts = [0]
    for before, word in pairwise(terms_of(metric)):
        if word.part != before.part or before.text in PLACES:
            starts.append(word.start)
    return [metric[:start] for start in reversed(starts)]


def is_share_limit(metric: str) -> bool:
    """Return whether *metric* is what Evidently calls the share from which a data set has drifted.

    Only where the share itself is logged beside it: alone, it is the share itself.
    """
    return any(metric.removeprefix(one).lower() == _SHARE_LIMIT for one in _prefixes(metric))


def _first_number(keys: Iterable[str], places: Places) -> tuple[float | None, str]:
    keys = tuple(keys)
    for origin, place in places:
        for key in keys:
            threshold = _finite(place.get(key))
            if threshold is not None:
                return threshold, origin
    return None, ""


def _finite(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
