"""The world's models and runs as JSON of the MLflow API."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from opsboard.demo.world.company import GIT_HOST
from opsboard.demo.world.models import (
    DemoExperiment,
    DemoLoggedModel,
    DemoMetricValue,
    DemoModelVersion,
    DemoRegisteredModel,
    DemoTrainingRun,
)

CONTEXT_TAG: Final = "mlflow.data.context"
"""The tag of a dataset input that says what it was used for."""
ARTIFACTS: Final = "mlflow-artifacts:/"


def millis(at: datetime) -> int:
    """Return a time in milliseconds since 1970, as the API has it."""
    return int(at.timestamp() * 1000)


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags or parameters as the API lists them."""
    return [{"key": key, "value": value} for key, value in values.items()]


def _without_empty(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value not in ([], "", None)}


def model(of: DemoRegisteredModel) -> dict[str, Any]:
    """Return a registered model, with the latest version in each stage."""
    latest = {one.stage: one for one in of.versions}
    return _without_empty(
        {
            "name": of.name,
            "creation_timestamp": millis(of.created_at),
            "last_updated_timestamp": millis(changed(of)),
            "user_id": of.author,
            "description": of.description,
            "latest_versions": [version(of, one) for one in latest.values()],
            "tags": pairs(of.tags),
            "aliases": [
                {"alias": alias, "version": str(number)}
                for alias, number in sorted(of.aliases.items())
            ],
        }
    )


def changed(of: DemoRegisteredModel) -> datetime:
    """Return when a model last changed; a new version is a change too."""
    return max([of.updated_at, *(one.created_at for one in of.versions[-1:])])


def version(
    of: DemoRegisteredModel, one: DemoModelVersion, *, aliases: bool = False
) -> dict[str, Any]:
    """Return a version; searches leave out its *aliases*."""
    body = {
        "name": of.name,
        "version": str(one.number),
        "creation_timestamp": millis(one.created_at),
        "last_updated_timestamp": millis(one.updated_at),
        "user_id": one.author,
        "current_stage": one.stage,
        "description": one.description,
        "source": source(one),
        "run_id": one.run.id,
        "run_link": one.run_link,
        "status": "READY",
        "tags": pairs(one.tags),
    }
    if aliases:
        body["aliases"] = sorted(name for name, to in of.aliases.items() if to == one.number)
    return _without_empty(body)


def source(of: DemoModelVersion) -> str:
    """Return the source URI of a version: another one, a logged model, an artifact of its run."""
    if not of.run.id:
        return "dummy-source"  # a prompt's
    if of.copied_from:
        return f"models:/{of.copied_from}"
    return f"models:/{of.logged_model.id}" if of.logged_model else f"{artifacts(of.run)}/model"


def artifacts(of: DemoTrainingRun) -> str:
    """Return where the artifacts of a run are."""
    return f"{ARTIFACTS}{of.experiment.id}/{of.id}/artifacts"


def experiment(of: DemoExperiment) -> dict[str, Any]:
    """Return an experiment."""
    return {
        "experiment_id": of.id,
        "name": of.name,
        "artifact_location": f"{ARTIFACTS}{of.id}",
        "lifecycle_stage": "active",
        "last_update_time": millis(of.created_at),
        "creation_time": millis(of.created_at),
    }


def status(of: DemoTrainingRun) -> str:
    """Return the status of a run, as the API spells it."""
    if of.finished_at is None:
        return "RUNNING"
    return "FAILED" if of.failed else "FINISHED"


def tags(of: DemoTrainingRun) -> dict[str, str]:
    """Return the tags of a run, with those that the MLflow client sets by itself."""
    found = {"mlflow.runName": of.name, "mlflow.user": of.user}
    if of.commit:
        found |= {"mlflow.source.git.commit": of.commit, "mlflow.source.name": "train.py"}
        found["mlflow.source.git.repoURL"] = f"https://{GIT_HOST}/{of.repository}.git"
    return found | of.tags


def params(of: DemoTrainingRun) -> dict[str, str]:
    """Return the parameters of a run; thresholds of drift are among them."""
    limits = {f"{name}_threshold": f"{limit:g}" for name, limit in of.thresholds.items()}
    return of.params | limits


def run(of: DemoTrainingRun) -> dict[str, Any]:
    """Return a run with the latest value of each of its metrics."""
    info = {
        "run_uuid": of.id,
        "run_id": of.id,
        "experiment_id": of.experiment.id,
        "run_name": of.name,
        "user_id": of.user,
        "status": status(of),
        "start_time": millis(of.started_at),
        "artifact_uri": artifacts(of),
        "lifecycle_stage": "deleted" if of.deleted else "active",
    }
    if of.finished_at is not None:
        info["end_time"] = millis(of.finished_at)
    data = {
        "metrics": [measure(name, latest(values)) for name, values in of.metrics.items() if values],
        "params": pairs(params(of)),
        "tags": pairs(tags(of)),
    }
    return {"info": info, "data": _without_empty(data), "inputs": _inputs(of)}


def logged_model(of: DemoLoggedModel) -> dict[str, Any]:
    """Return a logged model with all of its metrics."""
    info = {
        "model_id": of.id,
        "experiment_id": of.run.experiment.id,
        "name": of.name,
        "creation_timestamp_ms": millis(of.created_at),
        "last_updated_timestamp_ms": millis(of.created_at),
        "artifact_uri": f"{ARTIFACTS}{of.run.experiment.id}/models/{of.id}/artifacts",
        "status": "LOGGED_MODEL_READY",
        "source_run_id": of.run.id,
        "tags": pairs(of.tags),
    }
    metrics = [
        {**measure(name, one), "model_id": of.id, "run_id": by.id} for name, by, one in of.metrics
    ]
    data = {"params": pairs(of.params), "metrics": metrics}
    return {"info": _without_empty(info), "data": _without_empty(data)}


def _inputs(of: DemoTrainingRun) -> dict[str, Any]:
    inputs = [
        {
            "tags": [{"key": CONTEXT_TAG, "value": one.context}],
            "dataset": {
                "name": one.name,
                "digest": one.digest,
                "source_type": "s3",
                "source": f'{{"uri": "{one.source}"}}',
            },
        }
        for one in of.datasets
    ]
    return {"dataset_inputs": inputs} if inputs else {}


def latest(values: Sequence[DemoMetricValue]) -> DemoMetricValue:
    """Return the latest of *values*: that of the highest step, and of these the newest."""
    return max(values, key=lambda one: (one.step, one.at))


def measure(name: str, of: DemoMetricValue) -> dict[str, Any]:
    """Return a value of a metric. NaN and the infinities are strings: JSON has no such numbers."""
    value: float | str = of.value
    if math.isnan(of.value):
        value = "NaN"
    elif math.isinf(of.value):
        value = "Infinity" if of.value > 0 else "-Infinity"
    return {"key": name, "value": value, "timestamp": millis(of.at), "step": of.step}
