"""Make records of what MLflow answered."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from opsboard.records import Alias, Drift, Metric, Model, ModelVersion, Status
from opsboard.records.claims import Claim, Strength, stated
from opsboard.text.numbers import format_metric
from opsboard_adapters.mlflow.drift import DriftReading, how_known, measures_drift, refreshed
from opsboard_adapters.mlflow.identities import MLflowIdentities
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.links import MLflowLinks, record_id
from opsboard_adapters.mlflow.metric_judgement import MetricJudgement
from opsboard_adapters.mlflow.metric_order import MetricOrder
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import (
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    RegisteredModel,
    moment,
)

METRICS: Final = 20
"""Metrics that a record holds."""
RETRAIN_TAG: Final = "opsboard.retrain."
"""Prefix of the tags by which a model says how it is trained."""
_LIMIT: Final = re.compile(r"[_./ -]((upper|lower)_)?threshold$")
"""What makes the name of a drift measure that of its threshold."""
NOT_LOOKED: Final = "drift not read"
"""The reason of a model of which nobody has looked yet whether it drifts."""
_STATES: Final = {
    "READY": (Status.OK, ""),
    "PENDING_REGISTRATION": (Status.RUNNING, "registering"),
    "FAILED_REGISTRATION": (Status.FAILED, "registration failed"),
}


class MLflowTranslator:
    """Makes the records of one source."""

    def __init__(
        self,
        source: str,
        settings: MLflowSettings,
        registry: RegistryState,
        environment_of: Callable[..., str],
    ) -> None:
        self.source = source
        self._settings = settings
        self._registry = registry
        self._environment_of = environment_of
        self.links = MLflowLinks(settings.tracking_uri)
        self.judgement = MetricJudgement(settings.higher_is_better, settings.lower_is_better)
        self.order = MetricOrder(settings.metrics, self.judgement)
        self._identities = MLflowIdentities(settings.tracking_uri, settings.registry_uri)

    def model(
        self,
        model: RegisteredModel,
        origins: VersionOrigins,
        drifts: Iterable[Drift],
        *,
        looked: bool = True,
    ) -> Model:
        """Return the record of a registered model: all of it is that of one version.

        That is the version that serves, or where none does, the latest. *looked* tells whether
        its drift has been looked at: until then, nobody knows that it is well.
        """
        registry = self._registry
        latest, serving = registry.latest(model.name), registry.serving(model.name)
        shown = registry.version(model.name, serving or latest)
        if shown is None:
            status, (reason, message) = Status.UNKNOWN, self._why_no_version(model.name, serving)
        else:
            status, reason, message = _model_status(shown, drifts, looked=looked)
        return Model(
            source=self.source,
            id=record_id(model.name),
            name=model.name,
            status=status,
            reason=reason,
            message=message,
            environment=self._environment(model.name, serving or latest),
            created_at=moment(model.creation_timestamp),
            updated_at=moment(model.last_updated_timestamp),
            url=self.links.model(model.name),
            latest=latest,
            serving=serving,
            versions=registry.count(model.name),
            aliases=tuple(Alias(name, to) for name, to in sorted(model.aliases.items())),
            **self._metrics(origins.of(shown)),
            owner=model.tags.get("owner") or model.tags.get("team") or model.user_id,
            description=model.description,
            recipe=recipe_of(model.tags),
            inputs=stated(self._served(model.name, serving)),
        )

    def _served(self, model: str, serving: str) -> Claim | None:
        """Return the claim of the version that serves: an alias, or a stage, can be moved."""
        alias = self._registry.leading_alias(model)
        rule = f"MLflow alias {alias}" if alias else "MLflow stage Production"
        return self._identities.version(model, serving, rule, Strength.TAG)

    def _environment(self, model: str, version: str) -> str:
        """Return where a version is at work: by its own aliases, its stage, the model's name."""
        known = self._registry.version(model, version)
        aliases = self._registry.aliases_of(model, version) if version else ()
        stages = (known.stage,) if known and known.stage else ()
        return self._environment_of(*self._registry.ordered_aliases(aliases), *stages, model)

    def _why_no_version(self, model: str, serving: str) -> tuple[str, str]:
        if serving:
            return "not read", f"version {serving}, which serves, has not been read"
        if not self._registry.is_read(model):
            return "not read", "its versions have not been read"
        return "no version", "no version has been registered yet"

    def version(self, version: MLflowVersion, origin: VersionOrigin) -> ModelVersion:
        """Return the record of a version, and of what it was made of."""
        status, reason = _STATES.get(version.status, (Status.UNKNOWN, version.status.lower()))
        aliases = self._registry.aliases_of(version.name, version.version)
        return ModelVersion(
            source=self.source,
            id=record_id(version.name, version.version),
            name=f"{version.name} v{version.version}",
            status=status,
            reason=reason,
            message=version.status_message,
            environment=self._environment(version.name, version.version),
            created_at=moment(version.creation_timestamp),
            updated_at=moment(version.last_updated_timestamp),
            url=self.links.version(version.name, version.version),
            model=version.name,
            version=version.version,
            aliases=aliases,
            stage=version.stage,
            run=version.run_id or (origin.run.id if origin.run else ""),
            commit=origin.commit(version),
            author=origin.author(version),
            **self._metrics(origin),
            dataset=origin.dataset,
            inputs=self._identities.made_of(version, origin),
            outputs=self._identities.is_(version, aliases),
        )

    def drift(self, reading: DriftReading, history: Sequence[MLflowMetric]) -> Drift:
        """Return the record of a drift measure; *history* is that of its latest run."""
        status, reason = reading.limit.judge(reading.latest.value)
        info = reading.run.info
        return Drift(
            source=self.source,
            id=record_id(*reading.key),
            name=f"{reading.model} v{reading.version} {reading.metric}",
            status=status,
            reason=reason,
            message=sentence(reading) if status is not Status.OK else "",
            environment=self._environment(reading.model, reading.version),
            created_at=moment(info.start_time),
            updated_at=moment(reading.latest.timestamp),
            url=self.links.run(info.experiment_id, info.run_id),
            model=reading.model,
            version=reading.version,
            metric=reading.metric,
            value=reading.latest.value,
            threshold=reading.limit.threshold,
            direction=reading.limit.direction,
            inclusive=reading.limit.inclusive,
            method=reading.measure.method if reading.measure else "",
            feature=reading.measure.feature if reading.measure else "",
            trend=trend_of(reading, history),
            run=info.run_id,
            measured_at=moment(reading.latest.timestamp),
            crossed_at=crossed_at(reading, history),
            inputs=stated(
                self._identities.version(
                    reading.model,
                    reading.version,
                    *how_known(reading, self._registry, self._settings),
                )
            ),
        )

    def is_monitor(self, run: MLflowRun) -> bool:
        """Return whether *run* names a model that it measures: it trains none."""
        return any(
            key in place
            for key in self._settings.model_tags
            for place in (run.data.tags, run.data.params)
        )

    def refreshed_drift(
        self, reading: DriftReading, run: MLflowRun | None, history: Sequence[MLflowMetric]
    ) -> DriftReading:
        """Return *reading* as it is now, by its *run* and *history*, which were just read."""
        return refreshed(reading, run, history, self._settings, self._registry)

    def metrics(self, origin: VersionOrigin) -> tuple[Metric, ...]:
        """Return the first metrics of a version that are neither drift nor the machine's own."""
        return tuple(metric_of(one) for one in self.shown_metrics(origin)[:METRICS])

    def names(self, origins: Iterable[VersionOrigin], leading: VersionOrigin) -> list[str]:
        """Return the names of all metrics that any of *origins* has; those of *leading* first."""
        held = Counter(one.key for origin in origins for one in self.shown_metrics(origin))
        most = max(held.values(), default=0)
        first = Counter({one.key: most for one in leading.measurements if one.key in held})
        return self.order.sorted(held, held + first)

    def shown_metrics(self, origin: VersionOrigin) -> list[MLflowMetric]:
        """Return the metrics that are shown of *origin*, as they were logged, in their order."""
        return self.ordered(one for one in origin.measurements if self._is_shown(one.key))

    def _metrics(self, origin: VersionOrigin) -> dict[str, Any]:
        """Return what a record says of the metrics of a version: the first, and how many more."""
        telling = self.shown_metrics(origin)
        first = tuple(metric_of(one) for one in telling[:METRICS])
        return {"metrics": first, "more_metrics": len(telling) - len(first)}

    def _is_shown(self, name: str) -> bool:
        if name.startswith("system/"):
            return False
        return not measures_drift(_LIMIT.sub("", name), self._settings)

    def ordered(self, metrics: Iterable[MLflowMetric]) -> list[MLflowMetric]:
        """Return *metrics* in their order."""
        by_name = {one.key: one for one in metrics}
        return [by_name[name] for name in self.order.sorted(by_name)]


def _model_status(
    shown: MLflowVersion, drifts: Iterable[Drift], *, looked: bool
) -> tuple[Status, str, str]:
    of_shown = [drift for drift in drifts if drift.version == shown.version]
    worst = max(of_shown, key=lambda drift: drift.status.severity, default=None)
    if worst is not None and worst.status in {Status.FAILED, Status.WARNING}:
        # The drift itself is what failed; the model works, with worse input than it knows.
        return Status.WARNING, worst.reason, worst.message
    status, reason = _STATES.get(shown.status, (Status.UNKNOWN, shown.status.lower()))
    if status is Status.OK and not looked:
        return Status.UNKNOWN, NOT_LOOKED, "its training and monitoring runs are yet to be read"
    return status, reason, shown.status_message


def recipe_of(tags: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what the tags of a model say of how it is trained."""
    entries = sorted((key, value) for key, value in tags.items() if key.startswith(RETRAIN_TAG))
    return tuple((key.removeprefix(RETRAIN_TAG), value) for key, value in entries if value)


def metric_of(one: MLflowMetric) -> Metric:
    """Return a value of a metric as it is shown."""
    return Metric(name=one.key, value=one.value, step=one.step, at=moment(one.timestamp))


def trend_of(
    reading: DriftReading, history: Sequence[MLflowMetric], limit: int = 60
) -> tuple[float, ...]:
    """Return the values over time, those of earlier runs before those of the latest one."""
    own = [one.value for one in history] or [reading.latest.value]
    return tuple([*(one.value for one in reading.earlier), *own][-limit:])


def crossed_at(reading: DriftReading, history: Sequence[MLflowMetric]) -> datetime | None:
    """Return when *reading* went beyond its threshold, by what is known of earlier values.

    ``None`` while it is within, or where all that is known is beyond it: it may be so for longer.
    """
    points = {*reading.earlier, *history, reading.latest}
    since: MLflowMetric | None = None
    for point in sorted(points, key=lambda one: (one.timestamp, one.step), reverse=True):
        status, _ = reading.limit.judge(point.value)
        if status is Status.UNKNOWN or point.timestamp > reading.latest.timestamp:
            continue
        if status is not Status.FAILED:
            return moment(since.timestamp) if since else None
        since = point
    return None


def sentence(reading: DriftReading) -> str:
    """Return what a drift measure says, as a sentence."""
    value, limit = reading.latest.value, reading.limit
    what = f"{reading.metric} of {reading.model} v{reading.version} is {format_metric(value)}"
    if limit.threshold is None:
        return what
    return f"{what}; it drifts {limit.side} {format_metric(limit.threshold)} ({limit.origin})"
