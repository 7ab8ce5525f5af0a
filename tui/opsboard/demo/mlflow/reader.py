"""What answers queries: models, versions, runs and metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

from opsboard.demo.mlflow import telling
from opsboard.demo.mlflow.pages import page, size_of
from opsboard.demo.mlflow.queries import Query, required
from opsboard.demo.mlflow.refusals import Missing, Refusal
from opsboard.demo.mlflow.searches import EXPERIMENTS, LOGGED_MODELS, MODELS, RUNS, VERSIONS
from opsboard.demo.world.models import (
    Experiment,
    LoggedModel,
    Measure,
    ModelVersion,
    RegisteredModel,
    TrainingRun,
)
from opsboard.demo.world.world import World


class Reader:
    """Answers queries about *world*."""

    def __init__(self, world: World) -> None:
        self._world = world

    # --- the registry ---

    def search_models(self, query: Query) -> Mapping[str, Any]:
        return MODELS.answer(self._world, query)

    def search_versions(self, query: Query) -> Mapping[str, Any]:
        return VERSIONS.answer(self._world, query)

    def model(self, query: Query) -> Mapping[str, Any]:
        return {"registered_model": telling.model(self.named(query))}

    def version(self, query: Query) -> Mapping[str, Any]:
        number = required(query, "version")
        found = self.numbered(required(query, "name"), number)
        return {"model_version": telling.version(*found, aliases=True)}

    def aliased(self, query: Query) -> Mapping[str, Any]:
        model, alias = self.named(query), required(query, "alias")
        if alias not in model.aliases:
            raise Refusal(f"Registered model alias {alias} not found.")
        found = self.numbered(model.name, str(model.aliases[alias]))
        return {"model_version": telling.version(*found, aliases=True)}

    def latest(self, query: Query) -> Mapping[str, Any]:
        told = telling.model(self.named(query)).get("latest_versions", [])
        wanted = query.get("stages")
        found = [one for one in told if not wanted or one["current_stage"] in wanted]
        return {"model_versions": found} if found else {}

    def named(self, query: Query) -> RegisteredModel:
        """Return the model that is meant."""
        name = required(query, "name")
        if name not in self._world.models:
            raise Missing(f"Registered Model with name={name} not found")
        return self._world.models[name]

    def numbered(self, name: str, number: str) -> tuple[RegisteredModel, ModelVersion]:
        """Return a version with its model."""
        model = self._world.models.get(name)
        for version in model.versions if model else ():
            if model is not None and str(version.number) == number:
                return model, version
        raise Missing(f"Model Version (name={name}, version={number}) not found")

    # --- tracking ---

    def search_experiments(self, query: Query) -> Mapping[str, Any]:
        if "max_results" not in query:
            raise Refusal(
                "Invalid value 0 for parameter 'max_results' supplied. "
                "It must be a positive integer"
            )
        return EXPERIMENTS.answer(self._world, query)

    def experiment(self, query: Query) -> Mapping[str, Any]:
        identity = required(query, "experiment_id")
        if identity not in self._experiments():
            raise Missing(f"No Experiment with id={identity} exists")
        return {"experiment": telling.experiment(self._experiments()[identity])}

    def experiment_by_name(self, query: Query) -> Mapping[str, Any]:
        name = required(query, "experiment_name")
        for experiment in self._experiments().values():
            if experiment.name == name:
                return {"experiment": telling.experiment(experiment)}
        raise Missing(f"Could not find experiment with name '{name}'")

    def _experiments(self) -> Mapping[str, Experiment]:
        return {one.id: one for one in self._world.experiments.values()}

    def search_runs(self, query: Query) -> Mapping[str, Any]:
        within = frozenset(query.get("experiment_ids") or ())
        return RUNS.answer(
            self._world,
            query,
            chosen=lambda run: run.experiment.id in within and _is_viewed(run, query),
        )

    def search_logged_models(self, query: Query) -> Mapping[str, Any]:
        within = frozenset(query.get("experiment_ids") or ())
        return LOGGED_MODELS.answer(
            self._world, query, chosen=lambda model: model.run.experiment.id in within
        )

    def logged_model(self, query: Query) -> Mapping[str, Any]:
        return {"model": telling.logged_model(self.known_logged(required(query, "model_id")))}

    def known_logged(self, model_id: str) -> LoggedModel:
        """Return the logged model that is meant."""
        if model_id not in self._world.logged_models:
            raise Missing(f"Logged model with ID '{model_id}' not found.")
        return self._world.logged_models[model_id]

    def run(self, query: Query) -> Mapping[str, Any]:
        return {"run": telling.run(self.known_run(query))}

    def known_run(self, query: Query) -> TrainingRun:
        """Return the run that is meant."""
        run_id = required(query, "run_id")
        if run_id not in self._world.training:
            raise Missing(f"Run with id={run_id} not found")
        return self._world.training[run_id]

    def history(self, query: Query) -> Mapping[str, Any]:
        name = required(query, "metric_key")
        size = size_of(query.get("max_results"), default=25_000, most=200_000)
        told = [
            telling.measure(name, one) for one in self._measures(required(query, "run_id"), name)
        ]
        return page("metrics", told, size, str(query.get("page_token") or ""))

    def thinned_history(self, query: Query) -> Mapping[str, Any]:
        name = required(query, "metric_key")
        most = size_of(query.get("max_results"), default=2_500, most=2_500)
        told = [
            {**telling.measure(name, one), "run_id": run_id}
            for run_id in query.get("run_ids") or ()
            for one in _thinned(self._measures(run_id, name), most)
        ]
        return {"metrics": told} if told else {}

    def _measures(self, run_id: str, name: str) -> Sequence[Measure]:
        run: TrainingRun | None = self._world.training.get(run_id)
        return run.metrics.get(name, []) if run else []


def _is_viewed(run: TrainingRun, query: Query) -> bool:
    view = query.get("run_view_type") or "ACTIVE_ONLY"
    return view == "ALL" or run.deleted == (view == "DELETED_ONLY")


def _thinned(measures: Sequence[Measure], most: int) -> Sequence[Measure]:
    if len(measures) <= most:
        return measures
    step = -(-len(measures) // most)
    kept = list(measures[::step])
    return kept if kept[-1] is measures[-1] else [*kept, measures[-1]]
