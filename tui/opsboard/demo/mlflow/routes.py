"""The paths of the MLflow API, and what answers each."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.mlflow import telling
from opsboard.demo.mlflow.pages import page, size_of
from opsboard.demo.mlflow.refusals import Missing, Refusal, no_such_page
from opsboard.demo.mlflow.searches import EXPERIMENTS, MODELS, RUNS, VERSIONS
from opsboard.demo.world.models import (
    Experiment,
    Measure,
    ModelVersion,
    RegisteredModel,
    TrainingRun,
)
from opsboard.demo.world.world import World

VERSION: Final = "3.17.2"
"""The release whose answers these are."""
MOUNT: Final = "/mlflow"
PREFIXES: Final = ("/api/2.0/mlflow", "/ajax-api/2.0/mlflow")

Query = Mapping[str, Any]
Answer = Callable[[Query], Mapping[str, Any]]
_LISTS: Final = frozenset({"order_by", "run_ids", "experiment_ids", "stages"})


def routes(world: World) -> list[BaseRoute]:
    """Return the routes that tell of *world*, all below ``/mlflow``."""
    reader = Reader(world)
    answers: Mapping[str, Answer] = {
        "registered-models/search": reader.search_models,
        "registered-models/get": reader.model,
        "registered-models/alias": reader.aliased,
        "registered-models/get-latest-versions": reader.latest,
        "model-versions/search": reader.search_versions,
        "model-versions/get": reader.version,
        "experiments/search": reader.search_experiments,
        "experiments/get": reader.experiment,
        "experiments/get-by-name": reader.experiment_by_name,
        "runs/search": reader.search_runs,
        "runs/get": reader.run,
        "metrics/get-history": reader.history,
        "metrics/get-history-bulk-interval": reader.thinned_history,
    }
    found = [
        Route(f"{prefix}/{path}", _endpoint(answer), methods=["GET", "POST"])
        for prefix in PREFIXES
        for path, answer in answers.items()
    ]
    found += [Route("/health", _health), Route("/version", _version), Route("/{path:path}", _other)]
    return [Mount(MOUNT, routes=found)]


async def _health(_request: Request) -> Response:
    return PlainTextResponse("OK")


async def _version(_request: Request) -> Response:
    return PlainTextResponse(VERSION, media_type="text/html")


async def _other(_request: Request) -> Response:
    return no_such_page()


def _endpoint(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            return JSONResponse(answer(await _query(request)))
        except Refusal as refusal:
            return refusal.response()

    return respond


async def _query(request: Request) -> Query:
    if request.method == "GET":
        names = request.query_params.keys()
        return {
            name: request.query_params.getlist(name)
            if name in _LISTS
            else request.query_params[name]
            for name in names
        }
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal("Malformed request body: it is no JSON object")
    return body


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
        return {"registered_model": telling.model(self._model(query))}

    def version(self, query: Query) -> Mapping[str, Any]:
        number = _required(query, "version")
        found = self._numbered(_required(query, "name"), number)
        return {"model_version": telling.version(*found, aliases=True)}

    def aliased(self, query: Query) -> Mapping[str, Any]:
        model, alias = self._model(query), _required(query, "alias")
        if alias not in model.aliases:
            raise Refusal(f"Registered model alias {alias} not found.")
        found = self._numbered(model.name, str(model.aliases[alias]))
        return {"model_version": telling.version(*found, aliases=True)}

    def latest(self, query: Query) -> Mapping[str, Any]:
        told = telling.model(self._model(query)).get("latest_versions", [])
        wanted = query.get("stages")
        found = [one for one in told if not wanted or one["current_stage"] in wanted]
        return {"model_versions": found} if found else {}

    def _model(self, query: Query) -> RegisteredModel:
        name = _required(query, "name")
        if name not in self._world.models:
            raise Missing(f"Registered Model with name={name} not found")
        return self._world.models[name]

    def _numbered(self, name: str, number: str) -> tuple[RegisteredModel, ModelVersion]:
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
        identity = _required(query, "experiment_id")
        if identity not in self._experiments():
            raise Missing(f"No Experiment with id={identity} exists")
        return {"experiment": telling.experiment(self._experiments()[identity])}

    def experiment_by_name(self, query: Query) -> Mapping[str, Any]:
        name = _required(query, "experiment_name")
        for experiment in self._experiments().values():
            if experiment.name == name:
                return {"experiment": telling.experiment(experiment)}
        raise Missing(f"Could not find experiment with name '{name}'")

    def _experiments(self) -> Mapping[str, Experiment]:
        return {one.id: one for one in self._world.experiments.values()}

    def search_runs(self, query: Query) -> Mapping[str, Any]:
        within = frozenset(query.get("experiment_ids") or ())
        return RUNS.answer(self._world, query, chosen=lambda run: run.experiment.id in within)

    def run(self, query: Query) -> Mapping[str, Any]:
        run_id = _required(query, "run_id")
        if run_id not in self._world.training:
            raise Missing(f"Run with id={run_id} not found")
        return {"run": telling.run(self._world.training[run_id])}

    def history(self, query: Query) -> Mapping[str, Any]:
        name = _required(query, "metric_key")
        size = size_of(query.get("max_results"), default=25_000, most=200_000)
        told = [
            telling.measure(name, one) for one in self._measures(_required(query, "run_id"), name)
        ]
        return page("metrics", told, size, str(query.get("page_token") or ""))

    def thinned_history(self, query: Query) -> Mapping[str, Any]:
        name = _required(query, "metric_key")
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


def _thinned(measures: Sequence[Measure], most: int) -> Sequence[Measure]:
    if len(measures) <= most:
        return measures
    step = -(-len(measures) // most)
    kept = list(measures[::step])
    return kept if kept[-1] is measures[-1] else [*kept, measures[-1]]


def _required(query: Query, name: str) -> str:
    value = query.get(name)
    if not value:
        raise Refusal(
            f"Missing value for required parameter '{name}'. "
            "See the API docs for more information about request parameters."
        )
    if not isinstance(value, str):
        raise Refusal(f"Invalid value {value} for parameter '{name}' supplied")
    return value
