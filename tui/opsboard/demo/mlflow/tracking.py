"""The write endpoints that training jobs call: create runs, log to them, register models."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from opsboard.demo.mlflow import serialize
from opsboard.demo.mlflow.reader import FakeMlflowReader
from opsboard.demo.mlflow.requests import (
    FakeMlflowError,
    FakeMlflowNotFound,
    MlflowParams,
    required,
)
from opsboard.demo.world.models import (
    DemoDataset,
    DemoExperiment,
    DemoLoggedModel,
    DemoMetricValue,
    DemoModelVersion,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.prompts import IS_PROMPT
from opsboard.demo.world.training import TrainingController

_LOGGED: Final = "models:/"
_COPIED: Final = re.compile(r"models:/([^/]+/\d+)")
DEFAULT: Final = "0"
"""The id of the experiment that every server has."""


class FakeMlflowTracker:
    """Adds what jobs log to the world of *training*; finds runs and models by *reader*."""

    def __init__(self, reader: FakeMlflowReader, training: TrainingController) -> None:
        self._reader = reader
        self._training = training
        self._world = training.world

    def create_experiment(self, query: MlflowParams) -> Mapping[str, Any]:
        name, known = required(query, "name"), self._world.experiments.values()
        if name in {one.name for one in known}:
            raise FakeMlflowError(f"Experiment(name={name}) already exists.")
        number = max((int(one.id) for one in known), default=0) + 1
        made = DemoExperiment(str(number), name, self._world.now)
        self._world.experiments[made.id] = made
        return {"experiment_id": made.id}

    def create_run(self, query: MlflowParams) -> Mapping[str, Any]:
        tags = _pairs(query.get("tags"))
        run = DemoTrainingRun(
            id=self._world.rng.hex(32),
            name=str(query.get("run_name") or tags.get("mlflow.runName") or "run"),
            experiment=self._experiment(str(query.get("experiment_id") or DEFAULT)),
            model="",
            user=str(query.get("user_id") or ""),
            commit="",
            started_at=_moment(query.get("start_time")),
            tags=tags,
        )
        self._world.training_runs[run.id] = run
        return {"run": serialize.run(run)}

    def _experiment(self, identity: str) -> DemoExperiment:
        if identity == DEFAULT:
            made = DemoExperiment(DEFAULT, "Default", self._world.created_at)
            return self._world.experiments.setdefault(DEFAULT, made)
        for experiment in self._world.experiments.values():
            if experiment.id == identity:
                return experiment
        raise FakeMlflowError(f"No Experiment with id={identity} exists")

    def log(self, query: MlflowParams) -> Mapping[str, Any]:
        run = self._reader.known_run(query)
        run.params |= _pairs(query.get("params"))
        run.tags |= _pairs(query.get("tags"))
        for one in query.get("metrics") or ():
            measure = DemoMetricValue(
                float(one["value"]), int(one.get("step", 0)), _moment(one.get("timestamp"))
            )
            run.metrics.setdefault(str(one["key"]), []).append(measure)
            if one.get("model_id"):
                logged = self._reader.known_logged(str(one["model_id"]))
                logged.metrics.append((str(one["key"]), run, measure))
        return {}

    def log_inputs(self, query: MlflowParams) -> Mapping[str, Any]:
        run = self._reader.known_run(query)
        for used in query.get("datasets") or ():
            one, context = used["dataset"], _pairs(used.get("tags")).get(serialize.CONTEXT_TAG, "")
            made = DemoDataset(one["name"], one.get("digest", ""), one.get("source", ""), context)
            run.datasets += (made,)
        return {}

    def update_run(self, query: MlflowParams) -> Mapping[str, Any]:
        run = self._reader.known_run(query)
        run.failed = query.get("status") in {"FAILED", "KILLED"}
        if query.get("status") in {"FINISHED", "FAILED", "KILLED"}:
            run.finished_at = _moment(query.get("end_time"))
        return {"run_info": serialize.run(run)["info"]}

    def delete_run(self, query: MlflowParams) -> Mapping[str, Any]:
        self._reader.known_run(query).deleted = True
        return {}

    def tag_run(self, query: MlflowParams) -> Mapping[str, Any]:
        self._active(query).tags[required(query, "key")] = str(query.get("value") or "")
        return {}

    def untag_run(self, query: MlflowParams) -> Mapping[str, Any]:
        run, key = self._active(query), required(query, "key")
        if key not in run.tags:
            raise FakeMlflowNotFound(f"No tag with name: {key} in run with id {run.id}")
        del run.tags[key]
        return {}

    def _active(self, query: MlflowParams) -> DemoTrainingRun:
        """Return a run that is not in the bin: those in it are not written to."""
        run = self._reader.known_run(query)
        if run.deleted:
            raise FakeMlflowError(
                f"The run {run.id} must be in the 'active' state. Current state is deleted."
            )
        return run

    def create_model(self, query: MlflowParams) -> Mapping[str, Any]:
        name, now = required(query, "name"), self._world.now
        if name in self._world.models:
            raise FakeMlflowError(f"Registered Model (name={name}) already exists.")
        model = DemoRegisteredModel(
            name=name,
            description=str(query.get("description") or ""),
            author="",
            repository="",
            main_metric="",
            usual_value=0.0,
            experiment=self._experiment(DEFAULT),
            created_at=now,
            updated_at=now,
            tags=_pairs(query.get("tags")),
        )
        self._world.models[name] = model
        return {"registered_model": serialize.model(model)}

    def create_logged_model(self, query: MlflowParams) -> Mapping[str, Any]:
        run = self._reader.known_run({"run_id": query.get("source_run_id")})
        model = DemoLoggedModel(
            f"m-{self._world.rng.hex(32)}",
            str(query.get("name") or ""),
            run,
            self._world.now,
            tags=_pairs(query.get("tags")),
            params=_pairs(query.get("params")),
        )
        self._world.logged_models[model.id] = model
        return {"model": serialize.logged_model(model)}

    def create_version(self, query: MlflowParams) -> Mapping[str, Any]:
        model, source = self._reader.named(query), str(query.get("source") or "")
        if _pairs(query.get("tags")).get(IS_PROMPT) == "true":
            return self._create_prompt_version(model, query)
        logged, copied = None, _COPIED.fullmatch(source)
        if source.startswith(_LOGGED) and not copied:
            logged = self._reader.known_logged(source.removeprefix(_LOGGED))
        run = logged.run if logged else self._reader.known_run(query)
        version = self._training.add_version(model, run, self._world.now)
        version.logged_model = logged
        version.copied_from = copied[1] if copied else ""
        version.run_link = str(query.get("run_link") or "")
        version.tags |= _pairs(query.get("tags"))
        return {"model_version": serialize.version(model, version, aliases=True)}

    def _create_prompt_version(
        self, prompt: DemoRegisteredModel, query: MlflowParams
    ) -> Mapping[str, Any]:
        now = self._world.now
        nothing = DemoTrainingRun("", "", prompt.experiment, "", "", "", now)
        text = str(query.get("description") or "")
        version = DemoModelVersion(len(prompt.versions) + 1, nothing, "", now, text)
        version.tags |= _pairs(query.get("tags"))
        prompt.versions.append(version)
        return {"model_version": serialize.version(prompt, version, aliases=True)}


def _pairs(pairs: object) -> dict[str, str]:
    listed = pairs if isinstance(pairs, list) else []
    return {str(one["key"]): str(one.get("value", "")) for one in listed}


def _moment(millis: object) -> datetime:
    return datetime.fromtimestamp(int(str(millis or 0)) / 1000, UTC)
