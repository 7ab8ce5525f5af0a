"""The read endpoints: models, versions, runs, logged models and metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

from opsboard.demo.mlflow import serialize
from opsboard.demo.mlflow.requests import (
    FakeMlflowError,
    FakeMlflowNotFound,
    MlflowParams,
    page,
    page_size,
    required,
)
from opsboard.demo.mlflow.searches import EXPERIMENTS, LOGGED_MODELS, MODELS, RUNS, VERSIONS
from opsboard.demo.world.models import (
    DemoExperiment,
    DemoLoggedModel,
    DemoMetricValue,
    DemoModelVersion,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.world import DemoWorld


class FakeMlflowReader:
    """The read endpoints of one world, a method each; also look-ups for the writing ones."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world

    # --- the registry ---

    def search_models(self, query: MlflowParams) -> Mapping[str, Any]:
        return MODELS.respond(self._world, query)

    def search_versions(self, query: MlflowParams) -> Mapping[str, Any]:
        return VERSIONS.respond(self._world, query)

    def model(self, query: MlflowParams) -> Mapping[str, Any]:
        return {"registered_model": serialize.model(self.named(query))}

    def version(self, query: MlflowParams) -> Mapping[str, Any]:
        number = required(query, "version")
        found = self.numbered(required(query, "name"), number)
        return {"model_version": serialize.version(*found, aliases=True)}

    def aliased(self, query: MlflowParams) -> Mapping[str, Any]:
        model, alias = self.named(query), required(query, "alias")
        if alias not in model.aliases:
            raise FakeMlflowError(f"Registered model alias {alias} not found.")
        found = self.numbered(model.name, str(model.aliases[alias]))
        return {"model_version": serialize.version(*found, aliases=True)}

    def latest(self, query: MlflowParams) -> Mapping[str, Any]:
        values = serialize.model(self.named(query)).get("latest_versions", [])
        wanted = query.get("stages")
        found = [one for one in values if not wanted or one["current_stage"] in wanted]
        return {"model_versions": found} if found else {}

    def named(self, query: MlflowParams) -> DemoRegisteredModel:
        """Return the registered model that the parameter ``name`` names."""
        name = required(query, "name")
        found = self._world.models.get(name) or self._world.prompts.get(name)
        if found is None:
            raise FakeMlflowNotFound(f"Registered Model with name={name} not found")
        return found

    def numbered(self, name: str, number: str) -> tuple[DemoRegisteredModel, DemoModelVersion]:
        """Return a version with its model."""
        model = self._world.models.get(name) or self._world.prompts.get(name)
        for version in model.versions if model else ():
            if model is not None and str(version.number) == number:
                return model, version
        raise FakeMlflowNotFound(f"Model Version (name={name}, version={number}) not found")

    # --- tracking ---

    def search_experiments(self, query: MlflowParams) -> Mapping[str, Any]:
        if "max_results" not in query:
            raise FakeMlflowError(
                "Invalid value 0 for parameter 'max_results' supplied. "
                "It must be a positive integer"
            )
        return EXPERIMENTS.respond(self._world, query)

    def experiment(self, query: MlflowParams) -> Mapping[str, Any]:
        identity = required(query, "experiment_id")
        if identity not in self._experiments():
            raise FakeMlflowNotFound(f"No Experiment with id={identity} exists")
        return {"experiment": serialize.experiment(self._experiments()[identity])}

    def experiment_by_name(self, query: MlflowParams) -> Mapping[str, Any]:
        name = required(query, "experiment_name")
        for experiment in self._experiments().values():
            if experiment.name == name:
                return {"experiment": serialize.experiment(experiment)}
        raise FakeMlflowNotFound(f"Could not find experiment with name '{name}'")

    def _experiments(self) -> Mapping[str, DemoExperiment]:
        return {one.id: one for one in self._world.experiments.values()}

    def search_runs(self, query: MlflowParams) -> Mapping[str, Any]:
        within = frozenset(query.get("experiment_ids") or ())
        return RUNS.respond(
            self._world,
            query,
            chosen=lambda run: run.experiment.id in within and _is_viewed(run, query),
        )

    def search_logged_models(self, query: MlflowParams) -> Mapping[str, Any]:
        within = frozenset(query.get("experiment_ids") or ())
        return LOGGED_MODELS.respond(
            self._world, query, chosen=lambda model: model.run.experiment.id in within
        )

    def logged_model(self, query: MlflowParams) -> Mapping[str, Any]:
        return {"model": serialize.logged_model(self.known_logged(required(query, "model_id")))}

    def known_logged(self, model_id: str) -> DemoLoggedModel:
        """Return the logged model *model_id*."""
        if model_id not in self._world.logged_models:
            raise FakeMlflowNotFound(f"Logged model with ID '{model_id}' not found.")
        return self._world.logged_models[model_id]

    def run(self, query: MlflowParams) -> Mapping[str, Any]:
        return {"run": serialize.run(self.known_run(query))}

    def known_run(self, query: MlflowParams) -> DemoTrainingRun:
        """Return the run that the parameter ``run_id`` names."""
        run_id = required(query, "run_id")
        if run_id not in self._world.training_runs:
            raise FakeMlflowNotFound(f"Run with id={run_id} not found")
        return self._world.training_runs[run_id]

    def history(self, query: MlflowParams) -> Mapping[str, Any]:
        name = required(query, "metric_key")
        size = page_size(query.get("max_results"), default=25_000, most=200_000)
        values = [
            serialize.measure(name, one) for one in self._measures(required(query, "run_id"), name)
        ]
        return page("metrics", values, size, str(query.get("page_token") or ""))

    def thinned_history(self, query: MlflowParams) -> Mapping[str, Any]:
        name = required(query, "metric_key")
        most = page_size(query.get("max_results"), default=2_500, most=2_500)
        values = [
            {**serialize.measure(name, one), "run_id": run_id}
            for run_id in query.get("run_ids") or ()
            for one in _thinned(self._measures(run_id, name), most)
        ]
        return {"metrics": values} if values else {}

    def _measures(self, run_id: str, name: str) -> Sequence[DemoMetricValue]:
        run: DemoTrainingRun | None = self._world.training_runs.get(run_id)
        return run.metrics.get(name, []) if run else []


def _is_viewed(run: DemoTrainingRun, query: MlflowParams) -> bool:
    view = query.get("run_view_type") or "ACTIVE_ONLY"
    return view == "ALL" or run.deleted == (view == "DELETED_ONLY")


def _thinned(measures: Sequence[DemoMetricValue], most: int) -> Sequence[DemoMetricValue]:
    if len(measures) <= most:
        return measures
    step = -(-len(measures) // most)
    kept = list(measures[::step])
    return kept if kept[-1] is measures[-1] else [*kept, measures[-1]]
