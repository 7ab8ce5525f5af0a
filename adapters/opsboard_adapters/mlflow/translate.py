"""Make records of what MLflow answered."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from opsboard.figures import figure
from opsboard.natural import natural
from opsboard.records import Alias, Drift, Metric, Model, ModelVersion, Status
from opsboard_adapters.mlflow.drift import Reading, measures_drift
from opsboard_adapters.mlflow.links import Links, record_id
from opsboard_adapters.mlflow.registry import Registry
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.shapes import (
    Measurement,
    RegisteredModel,
    Run,
    Version,
    moment,
)

METRICS: Final = 20
"""Metrics that a record holds."""
RETRAIN_TAG: Final = "opsboard.retrain."
"""Begins the tags by which a model tells how it is trained."""
_GIT_COMMIT: Final = "mlflow.source.git.commit"
_CONTEXT: Final = "mlflow.data.context"
_LIMIT: Final = re.compile(r"[_./ -]((upper|lower)_)?threshold$")
"""What makes the name of a drift measure that of its threshold."""
_STATES: Final = {
    "READY": (Status.OK, ""),
    "PENDING_REGISTRATION": (Status.RUNNING, "registering"),
    "FAILED_REGISTRATION": (Status.FAILED, "registration failed"),
}


class Translator:
    """Makes the records of one source."""

    def __init__(
        self,
        source: str,
        settings: MLflowSettings,
        registry: Registry,
        environment_of: Callable[..., str],
    ) -> None:
        self._source = source
        self._settings = settings
        self._registry = registry
        self._environment_of = environment_of
        self.links = Links(settings.tracking_uri)

    def model(
        self, model: RegisteredModel, runs: Mapping[str, Run], drifts: Iterable[Drift]
    ) -> Model:
        """Return the record of a registered model, its status that of what serves."""
        registry = self._registry
        latest, serving = registry.latest(model.name), registry.serving(model.name)
        shown = registry.version(model.name, serving or latest)
        run = runs.get(shown.run_id) if shown else None
        status, reason, message = self._model_status(shown, drifts)
        serving_first = sorted(
            registry.by_lead(model.aliases), key=lambda alias: model.aliases[alias] != serving
        )
        return Model(
            source=self._source,
            id=record_id(model.name),
            name=model.name,
            status=status,
            reason=reason,
            message=message,
            environment=self._environment_of(*serving_first, *_stages(shown), model.name),
            created_at=moment(model.creation_timestamp),
            updated_at=moment(model.last_updated_timestamp),
            url=self.links.model(model.name),
            latest=latest,
            serving=serving,
            versions=len(registry.versions_of(model.name)) or len(model.latest_versions),
            aliases=tuple(Alias(name, to) for name, to in sorted(model.aliases.items())),
            metrics=self.metrics(run),
            owner=model.tags.get("owner") or model.tags.get("team") or model.user_id,
            description=model.description,
            recipe=recipe_of(model.tags),
        )

    def _model_status(
        self, shown: Version | None, drifts: Iterable[Drift]
    ) -> tuple[Status, str, str]:
        if shown is None:
            return Status.UNKNOWN, "no version", "no version has been registered yet"
        of_shown = [drift for drift in drifts if drift.version == shown.version]
        worst = max(of_shown, key=lambda drift: drift.status.severity, default=None)
        if worst is not None and worst.status in {Status.FAILED, Status.WARNING}:
            # The drift itself is what failed; the model works, with worse input than it knows.
            return Status.WARNING, worst.reason, worst.message
        status, reason = _STATES.get(shown.status, (Status.UNKNOWN, shown.status.lower()))
        return status, reason, shown.status_message

    def version(self, version: Version, run: Run | None) -> ModelVersion:
        """Return the record of a version, *run* being the one that trained it."""
        aliases = self._registry.aliases_of(version.name, version.version)
        status, reason = _STATES.get(version.status, (Status.UNKNOWN, version.status.lower()))
        return ModelVersion(
            source=self._source,
            id=record_id(version.name, version.version),
            name=f"{version.name} v{version.version}",
            status=status,
            reason=reason,
            message=version.status_message,
            environment=self._environment_of(
                *self._registry.by_lead(aliases), *_stages(version), version.name
            ),
            created_at=moment(version.creation_timestamp),
            updated_at=moment(version.last_updated_timestamp),
            url=self.links.version(version.name, version.version),
            model=version.name,
            version=version.version,
            aliases=aliases,
            stage=version.stage,
            run=version.run_id,
            commit=commit_of(version, run),
            author=author_of(version, run),
            metrics=self.metrics(run),
            dataset=dataset_of(run),
        )

    def drift(self, reading: Reading, history: Sequence[Measurement]) -> Drift:
        """Return the record of a drift measure; *history* is that of its latest run."""
        status, reason = reading.limit.judge(reading.latest.value)
        known = self._registry.version(reading.model, reading.version)
        aliases = self._registry.aliases_of(reading.model, reading.version)
        info = reading.run.info
        return Drift(
            source=self._source,
            id=record_id(*reading.key),
            name=f"{reading.model} v{reading.version} {reading.metric}",
            status=status,
            reason=reason,
            message=sentence(reading) if status is not Status.OK else "",
            environment=self._environment_of(
                *self._registry.by_lead(aliases), *_stages(known), reading.model
            ),
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
        )

    def metrics(self, run: Run | None) -> tuple[Metric, ...]:
        """Return the metrics of *run* that are neither drift nor the machine's own."""
        if run is None:
            return ()
        telling = [one for one in run.data.metrics if self._tells(one.key)]
        return tuple(metric_of(one) for one in self.ordered(telling)[:METRICS])

    def _tells(self, name: str) -> bool:
        if name.startswith("system/"):
            return False
        return not measures_drift(_LIMIT.sub("", name), self._settings)

    def ordered(self, metrics: Iterable[Measurement]) -> list[Measurement]:
        """Return *metrics*, those that the user wants first in front, the others by name."""
        return sorted(metrics, key=lambda one: (self._rank(one.key), natural(one.key)))

    def _rank(self, name: str) -> int:
        patterns = self._settings.metrics
        ranks = (rank for rank, pattern in enumerate(patterns) if fnmatchcase(name, pattern))
        return next(ranks, len(patterns))


def recipe_of(tags: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what the tags of a model say of how it is trained."""
    told = sorted((key, value) for key, value in tags.items() if key.startswith(RETRAIN_TAG))
    return tuple((key.removeprefix(RETRAIN_TAG), value) for key, value in told if value)


def metric_of(one: Measurement) -> Metric:
    """Return a value of a metric as it is shown."""
    return Metric(name=one.key, value=one.value, step=one.step, at=moment(one.timestamp))


def trend_of(
    reading: Reading, history: Sequence[Measurement], limit: int = 60
) -> tuple[float, ...]:
    """Return the values over time, those of earlier runs before those of the latest one."""
    own = [one.value for one in history] or [reading.latest.value]
    return tuple([*(one.value for one in reading.earlier), *own][-limit:])


def sentence(reading: Reading) -> str:
    """Return what a drift measure says, as a sentence."""
    value, limit = reading.latest.value, reading.limit
    what = f"{reading.metric} of {reading.model} v{reading.version} is {figure(value)}"
    if limit.threshold is None:
        return what
    return f"{what}; it drifts {limit.side} {figure(limit.threshold)} ({limit.origin})"


def commit_of(version: Version, run: Run | None) -> str:
    """Return the commit that a version was trained from, as its run or its own tags say."""
    places = [*([run.data.tags] if run else []), version.tags]
    keys = (_GIT_COMMIT, "git_commit", "commit")
    return next((place[key] for place in places for key in keys if place.get(key)), "")


def author_of(version: Version, run: Run | None) -> str:
    """Return who made a version."""
    if version.user_id or run is None:
        return version.user_id
    return run.data.tags.get("mlflow.user") or run.info.user_id


def dataset_of(run: Run | None) -> str:
    """Return the dataset that *run* trained on, with its digest."""
    if run is None or not run.inputs.dataset_inputs:
        return ""
    inputs = run.inputs.dataset_inputs
    trained = (one for one in inputs if "train" in one.tags.get(_CONTEXT, "").lower())
    dataset = next(trained, inputs[0]).dataset
    return f"{dataset.name}@{dataset.digest}" if dataset.digest else dataset.name


def _stages(version: Version | None) -> tuple[str, ...]:
    return (version.stage,) if version and version.stage else ()
