"""The routes of the fake MLflow."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from opsboard.demo.mlflow.artifacts import FakeMlflowArtifacts
from opsboard.demo.mlflow.reader import FakeMlflowReader
from opsboard.demo.mlflow.registry import FakeMlflowRegistry
from opsboard.demo.mlflow.requests import (
    FakeMlflowError,
    MlflowHandler,
    MlflowParams,
    not_found_page,
)
from opsboard.demo.mlflow.traces import FakeMlflowTraces
from opsboard.demo.mlflow.tracking import FakeMlflowTracker
from opsboard.demo.world.training import TrainingController
from opsboard.demo.world.world import DemoWorld

VERSION: Final = "3.17.2"
"""The release of MLflow that this server plays."""
MOUNT: Final = "/mlflow"
UPLOADS: Final = "/api/2.0/mlflow-artifacts/artifacts"
PREFIXES: Final = ("/api/2.0/mlflow", "/ajax-api/2.0/mlflow")

_LISTS: Final = frozenset({"order_by", "run_ids", "experiment_ids", "stages"})


def routes(world: DemoWorld, training: TrainingController) -> list[BaseRoute]:
    """Return the routes that serve *world*, all below ``/mlflow``."""
    reader = FakeMlflowReader(world)
    answers: Mapping[str, MlflowHandler] = {
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
        "logged-models/search": reader.search_logged_models,
        "metrics/get-history": reader.history,
        "metrics/get-history-bulk-interval": reader.thinned_history,
    }
    registrar, tracker = FakeMlflowRegistry(reader, training), FakeMlflowTracker(reader, training)
    artifacts = FakeMlflowArtifacts(reader)
    traces = FakeMlflowTraces(world, artifacts)
    changes: Mapping[tuple[str, str], MlflowHandler] = {
        ("GET", "artifacts/list"): artifacts.listed,
        ("GET", "traces"): traces.search,
        ("POST", "traces"): traces.start,
        ("GET", "traces/{request_id}/info"): traces.info,
        ("PATCH", "traces/{request_id}"): traces.end,
        ("POST", "registered-models/alias"): registrar.set_alias,
        ("DELETE", "registered-models/alias"): registrar.delete_alias,
        ("DELETE", "registered-models/delete"): registrar.delete_model,
        ("POST", "registered-models/set-tag"): registrar.tag_model,
        ("DELETE", "registered-models/delete-tag"): registrar.untag_model,
        ("PATCH", "registered-models/update"): registrar.update_model,
        ("PATCH", "model-versions/update"): registrar.update_version,
        ("POST", "model-versions/set-tag"): registrar.tag_version,
        ("DELETE", "model-versions/delete-tag"): registrar.untag_version,
        ("POST", "model-versions/transition-stage"): registrar.transition_stage,
        ("POST", "experiments/create"): tracker.create_experiment,
        ("POST", "runs/create"): tracker.create_run,
        ("POST", "runs/log-batch"): tracker.log,
        ("POST", "runs/log-inputs"): tracker.log_inputs,
        ("POST", "runs/update"): tracker.update_run,
        ("POST", "runs/delete"): tracker.delete_run,
        ("POST", "runs/set-tag"): tracker.tag_run,
        ("POST", "runs/delete-tag"): tracker.untag_run,
        ("GET", "logged-models/{model_id}"): reader.logged_model,
        ("POST", "logged-models"): tracker.create_logged_model,
        ("POST", "registered-models/create"): tracker.create_model,
        ("POST", "model-versions/create"): tracker.create_version,
    }
    found = [
        Route(f"{prefix}/{path}", _endpoint(answer), methods=[method])
        for prefix in PREFIXES
        for (method, path), answer in changes.items()
    ]
    found += [
        Route(f"{prefix}/{path}", _endpoint(answer), methods=["GET", "POST"])
        for prefix in PREFIXES
        for path, answer in answers.items()
    ]
    found += [
        Route("/get-artifact", artifacts.of_run),
        Route("/ajax-api/2.0/mlflow/get-trace-artifact", traces.spans),
        Route("/model-versions/get-artifact", artifacts.of_version),
        Route(f"{UPLOADS}/{{path:path}}", artifacts.upload, methods=["PUT"]),
    ]
    found += [Route("/health", _health), Route("/version", _version), Route("/{path:path}", _other)]
    return [Mount(MOUNT, routes=found)]


async def _health(_request: Request) -> Response:
    return PlainTextResponse("OK")


async def _version(_request: Request) -> Response:
    return PlainTextResponse(VERSION, media_type="text/html")


async def _other(_request: Request) -> Response:
    return not_found_page()


def _endpoint(answer: MlflowHandler) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            return JSONResponse(answer({**await _query(request), **request.path_params}))
        except FakeMlflowError as error:
            return error.response()

    return respond


async def _query(request: Request) -> MlflowParams:
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
        raise FakeMlflowError("Malformed request body: it is no JSON object")
    return body
