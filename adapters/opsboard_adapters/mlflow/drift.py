"""What is drift: which metrics measure it, of which version, and when it has gone too far.

A metric measures drift if a rule of the settings matches its name, or if it is known by its name
(see :mod:`~opsboard_adapters.mlflow.drift_metrics`). A run measures a version

1. if it is the version's source run, the one that trained it; or
2. if a tag (or parameter) of the run names the model (``model_tags``). Then another one
   (``version_tags``) names the version by number, alias or stage; without one, the run measures
   the version that serves now, or the latest where none serves. ``models:/NAME/VERSION`` and
   ``models:/NAME@ALIAS`` in the former say both at once.

The value that was logged last counts. :mod:`~opsboard_adapters.mlflow.drift_thresholds` says when
it has gone too far.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from opsboard.records.claims import Strength
from opsboard_adapters.mlflow.drift_metrics import DriftMetric, drift_metric_of
from opsboard_adapters.mlflow.drift_thresholds import (
    DriftThreshold,
    Places,
    is_share_limit,
    threshold_of,
)
from opsboard_adapters.mlflow.logged_models import LoggedModel
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import DriftRule, MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowMetric, MLflowRun

_SUFFIXES = ("_threshold", "_direction")
_URI = "models:/"
_NUMBER = re.compile(r"v?[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class DriftReading:
    """The last value of a drift metric of a version, and the runs that logged it over time.

    *earlier* are the latest values of the runs before *run*, oldest first. What was measured of a
    *logged* model has its history there: the run mixes it with that of others that it logged.
    """

    model: str
    version: str
    latest: MLflowMetric
    run: MLflowRun
    earlier: tuple[MLflowMetric, ...]
    limit: DriftThreshold
    measure: DriftMetric | None = None
    logged: LoggedModel | None = None

    @property
    def metric(self) -> str:
        return self.latest.key

    @property
    def key(self) -> tuple[str, str, str]:
        return self.model, self.version, self.metric


def rule_for(metric: str, rules: Sequence[DriftRule]) -> DriftRule | None:
    """Return the rule that *metric* falls under; it may be one that excludes it."""
    name = metric.lower()
    return next((rule for rule in rules if fnmatchcase(name, rule.names)), None)


def measures_drift(metric: str, settings: MLflowSettings) -> bool:
    """Return whether *metric* is a measure of drift, by the settings or by its name."""
    if metric.lower().endswith(_SUFFIXES) or metric.startswith("system/"):
        return False
    rule = rule_for(metric, settings.drift)
    if rule is not None:
        return not rule.excludes
    return settings.drift_by_name and drift_metric_of(metric) is not None


def subject(
    run: MLflowRun, settings: MLflowSettings, registry: RegistryState
) -> tuple[str, str] | None:
    """Return the model and version that a monitoring *run* names."""
    named = _first(settings.model_tags, run.data.tags, run.data.params)
    if not named:
        return None
    model, version = _from_uri(named)
    version = version or _first(settings.version_tags, run.data.tags, run.data.params)
    meant = registry.resolve(model, version)
    return (model, meant) if meant else registry.version_of_logged(model)


def how_known(
    reading: DriftReading, registry: RegistryState, settings: MLflowSettings
) -> tuple[str, Strength]:
    """Return how it is known that *reading* is of its version, and how far that can be trusted.

    What trained a version measures it. A monitoring run declares what it measures; by an alias, or
    without a version, it is what that means now. What was measured before there was such a version
    was measured of another one.
    """
    run, version = reading.run, registry.version(reading.model, reading.version)
    if reading.logged is not None or (version is not None and version.run_id == run.id):
        return "MLflow run that trained it", Strength.SHA
    rule, strength = _declared(reading, settings)
    if version is not None and 0 < reading.latest.timestamp < version.creation_timestamp:
        return f"{rule}; measured before there was this version", Strength.CANDIDATE
    return rule, strength


def _declared(reading: DriftReading, settings: MLflowSettings) -> tuple[str, Strength]:
    places = (reading.run.data.tags, reading.run.data.params)
    key, named = _first_pair(settings.model_tags, *places)
    if not named:
        return "MLflow run that trained it", Strength.SHA
    model, version = _from_uri(named)
    if model != reading.model:
        return f"MLflow run tag {key}: a logged model", Strength.LABEL
    if not version:
        found, version = _first_pair(settings.version_tags, *places)
        key = found or key
    if not version:
        return f"MLflow run tag {key}: what serves now", Strength.TAG
    if _NUMBER.fullmatch(version):
        return f"MLflow run tag {key}", Strength.LABEL
    return f"MLflow run tag {key}: {version}, as it is now", Strength.TAG


def _first_pair(keys: Iterable[str], *places: Mapping[str, str]) -> tuple[str, str]:
    """Return the first of *keys* that any of *places* has a value of, with that value."""
    return next(((key, place[key]) for key in keys for place in places if place.get(key)), ("", ""))


def _first(keys: Iterable[str], *places: Mapping[str, str]) -> str:
    return _first_pair(keys, *places)[1]


def _from_uri(text: str) -> tuple[str, str]:
    if not text.startswith(_URI):
        return text, ""
    name = text.removeprefix(_URI)
    separator = "@" if "@" in name else "/"
    model, _, version = name.partition(separator)
    return model, version


def readings(
    model: str,
    version: str,
    runs: Iterable[MLflowRun],
    settings: MLflowSettings,
    registry: RegistryState,
) -> list[DriftReading]:
    """Return what *runs*, all of which measure *version*, say of its drift."""
    found: dict[str, list[tuple[MLflowMetric, MLflowRun]]] = {}
    for run in runs:
        for metric in _measured(run, settings):
            found.setdefault(metric.key, []).append((metric, run))
    return [_reading(model, version, measured, settings, registry) for measured in found.values()]


def _measured(run: MLflowRun, settings: MLflowSettings) -> list[MLflowMetric]:
    """Return those of the metrics of *run* that measure drift."""
    found = [one for one in run.data.metrics if measures_drift(one.key, settings)]
    shares = [one for one in found if (known := drift_metric_of(one.key)) and known.form == "share"]
    if len(shares) > 1:  # the share, and the one that is too much
        found = [one for one in found if not is_share_limit(one.key)]
    return found


def _reading(
    model: str,
    version: str,
    measured: list[tuple[MLflowMetric, MLflowRun]],
    settings: MLflowSettings,
    registry: RegistryState,
) -> DriftReading:
    measured.sort(key=lambda pair: (pair[0].timestamp, pair[1].info.start_time, pair[0].step))
    return _limited(model, version, measured, settings, registry)


def _limited(
    model: str,
    version: str,
    measured: Sequence[tuple[MLflowMetric, MLflowRun]],
    settings: MLflowSettings,
    registry: RegistryState,
) -> DriftReading:
    """Return the last of what was *measured*, oldest first, with its limit."""
    latest, run = measured[-1]
    earlier = tuple(metric for metric, _ in measured[:-1])
    rule = rule_for(latest.key, settings.drift)
    measure = drift_metric_of(latest.key)
    limit = threshold_of(latest.key, run, _tags(model, version, registry), rule, measure)
    return DriftReading(model, version, latest, run, earlier, limit, measure)


def refreshed(
    reading: DriftReading,
    run: MLflowRun | None,
    history: Sequence[MLflowMetric],
    settings: MLflowSettings,
    registry: RegistryState,
) -> DriftReading:
    """Return *reading* as *run* and *history* have it, just read; ``None``: *run* was not read."""
    if reading.logged is not None:
        latest, run = [reading.latest, *history][-1], None
    else:
        logged = [one for one in run.data.metrics if one.key == reading.metric] if run else []
        latest = max([*(logged or [reading.latest]), *history], key=lambda one: one.place)
    measured = [*((one, reading.run) for one in reading.earlier), (latest, run or reading.run)]
    found = _limited(reading.model, reading.version, measured, settings, registry)
    return replace(found, logged=reading.logged)


def _tags(model: str, version: str, registry: RegistryState) -> Places:
    known, owner = registry.version(model, version), registry.models.get(model)
    return [
        (f"tag of version {version}", known.tags if known else {}),
        (f"tag of model {model}", owner.tags if owner else {}),
    ]
