"""What is drift: which metrics measure it, of which version, and when it has gone too far.

A metric measures drift if a rule of the settings matches its name. A run measures a version

1. if it is the version's source run, the one that trained it; or
2. if a tag (or parameter) of the run names the model (``model_tags``). Then another one
   (``version_tags``) names the version by number, alias or stage; without one, the run measures
   the version that serves now, or the latest where none serves. ``models:/NAME/VERSION`` and
   ``models:/NAME@ALIAS`` in the former say both at once.

The value that was logged last counts. Its threshold is, in this order: the run's own metric,
parameter or tag ``<metric>_threshold``, the same tag on the version, on the model, and at last
the threshold of the rule. ``<metric>_direction`` (``above`` or ``below``) goes the same way.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from opsboard.records import Status
from opsboard_adapters.mlflow.registry import Registry
from opsboard_adapters.mlflow.settings import DriftRule, MLflowSettings
from opsboard_adapters.mlflow.shapes import Measurement, Run

Direction = Literal["above", "below"]
_SUFFIXES = ("_threshold", "_direction")
_URI = "models:/"


@dataclass(frozen=True, slots=True)
class Limit:
    """When a measure has crossed. *origin* says, in words, where the threshold comes from."""

    threshold: float | None
    direction: Direction
    warn_at: float
    origin: str = ""

    def judge(self, value: float) -> tuple[Status, str]:
        """Return the status that *value* stands for, and a word for it."""
        if math.isnan(value):
            return Status.UNKNOWN, "not a number"
        if self.threshold is None:
            return Status.OK, ""
        if self._beyond(value, self.threshold):
            return Status.FAILED, "drift"
        if self.threshold != 0 and self._beyond(value, self._warning_from(self.threshold)):
            return Status.WARNING, "near threshold"
        return Status.OK, ""

    def _beyond(self, value: float, threshold: float) -> bool:
        return value > threshold if self.direction == "above" else value < threshold

    def _warning_from(self, threshold: float) -> float:
        closer = (threshold > 0) == (self.direction == "above")
        return threshold * self.warn_at if closer else threshold / self.warn_at


@dataclass(frozen=True, slots=True)
class Reading:
    """The last value of a drift metric of a version, and the runs that logged it over time.

    *earlier* are the latest values of the runs before *run*, oldest first.
    """

    model: str
    version: str
    latest: Measurement
    run: Run
    earlier: tuple[Measurement, ...]
    limit: Limit

    @property
    def metric(self) -> str:
        return self.latest.key

    @property
    def key(self) -> tuple[str, str, str]:
        return self.model, self.version, self.metric


def rule_for(metric: str, rules: Sequence[DriftRule]) -> DriftRule | None:
    """Return the rule that makes *metric* a measure of drift."""
    name = metric.lower()
    if name.endswith(_SUFFIXES) or name.startswith("system/"):
        return None
    for rule in rules:
        if fnmatchcase(name, rule.pattern.lower().removeprefix("!")):
            return None if rule.pattern.startswith("!") else rule
    return None


def subject(run: Run, settings: MLflowSettings, registry: Registry) -> tuple[str, str] | None:
    """Return the model and version that a monitoring *run* names."""
    named = _first(settings.model_tags, run.data.tags, run.data.params)
    if not named:
        return None
    model, version = _from_uri(named)
    version = version or _first(settings.version_tags, run.data.tags, run.data.params)
    meant = registry.named(model, version)
    return (model, meant) if meant else None


def _first(keys: Iterable[str], *places: Mapping[str, str]) -> str:
    return next((place[key] for key in keys for place in places if place.get(key)), "")


def _from_uri(text: str) -> tuple[str, str]:
    if not text.startswith(_URI):
        return text, ""
    name = text.removeprefix(_URI)
    separator = "@" if "@" in name else "/"
    model, _, version = name.partition(separator)
    return model, version


def readings(
    model: str, version: str, runs: Iterable[Run], settings: MLflowSettings, registry: Registry
) -> list[Reading]:
    """Return what *runs*, all of which measure *version*, say of its drift."""
    found: dict[str, list[tuple[Measurement, Run]]] = {}
    for run in runs:
        for metric in run.data.metrics:
            if rule_for(metric.key, settings.drift):
                found.setdefault(metric.key, []).append((metric, run))
    return [_reading(model, version, measured, settings, registry) for measured in found.values()]


def _reading(
    model: str,
    version: str,
    measured: list[tuple[Measurement, Run]],
    settings: MLflowSettings,
    registry: Registry,
) -> Reading:
    measured.sort(key=lambda pair: (pair[0].timestamp, pair[1].info.start_time, pair[0].step))
    latest, run = measured[-1]
    earlier = tuple(metric for metric, _ in measured[:-1])
    limit = limit_of(latest.key, run, _tags(model, version, registry), settings)
    return Reading(model, version, latest, run, earlier, limit)


def _tags(model: str, version: str, registry: Registry) -> Sequence[tuple[str, Mapping[str, str]]]:
    known, owner = registry.version(model, version), registry.models.get(model)
    return [
        (f"tag of version {version}", known.tags if known else {}),
        (f"tag of model {model}", owner.tags if owner else {}),
    ]


def limit_of(
    metric: str,
    run: Run,
    tags: Sequence[tuple[str, Mapping[str, str]]],
    settings: MLflowSettings,
) -> Limit:
    """Return the limit of *metric*, from the nearest place that has one."""
    rule = rule_for(metric, settings.drift) or DriftRule(pattern=metric)
    logged = {one.key: str(one.value) for one in run.data.metrics}
    places = [
        ("metric of the run", logged),
        ("parameter of the run", run.data.params),
        ("tag of the run", run.data.tags),
        *tags,
    ]
    threshold, origin = _threshold(f"{metric}_threshold", places)
    if threshold is None and rule.threshold is not None:
        threshold, origin = rule.threshold, f"config, pattern {rule.pattern}"
    said = _first([f"{metric}_direction"], *(place for _, place in places)).lower()
    direction: Direction = rule.direction
    if said in {"above", "below"}:
        direction = "below" if said == "below" else "above"
    return Limit(threshold, direction, rule.warn_at, origin)


def _threshold(
    key: str, places: Iterable[tuple[str, Mapping[str, str]]]
) -> tuple[float | None, str]:
    for origin, place in places:
        try:
            threshold = float(place[key])
        except (KeyError, ValueError):
            continue
        if math.isfinite(threshold):
            return threshold, origin
    return None, ""
