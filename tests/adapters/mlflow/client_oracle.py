"""Print, as JSON, what MLflow's own client says of all models on a server.

Run by the python of a release: ``python client_oracle.py URL < names of models``. Of the models
that are named on the standard input, one a line of JSON, all that can be asked is told.
"""

import json
import sys
from typing import Any

from mlflow import MlflowClient  # type: ignore[import-not-found,unused-ignore]
from mlflow.exceptions import MlflowException  # type: ignore[import-not-found,unused-ignore]

URI = "models:/m-"


def main() -> None:
    client = MlflowClient(tracking_uri=sys.argv[1], registry_uri=sys.argv[1])
    names = {json.loads(line) for line in sys.stdin}
    models = {one.name: _model(one) for one in _pages(client.search_registered_models)}
    versions: dict[str, dict[str, Any]] = {}
    for one in _pages(client.search_model_versions):
        told = _version(one)
        if one.name in names:
            full = client.get_model_version(one.name, one.version)
            told |= {"aliases": sorted(full.aliases), **_origin(client, full)}
        versions.setdefault(one.name, {})[str(one.version)] = told
    for name in names:
        client.get_registered_model(name)
    json.dump({"models": models, "versions": versions}, sys.stdout)


def _pages(search: Any) -> Any:
    token = None
    while True:
        page = search(max_results=500, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _model(one: Any) -> dict[str, Any]:
    return {
        "aliases": {alias: str(to) for alias, to in one.aliases.items()},
        "tags": dict(one.tags),
        "description": one.description or "",
        "created": one.creation_timestamp,
        "updated": one.last_updated_timestamp,
    }


def _version(one: Any) -> dict[str, Any]:
    return {
        "stage": one.current_stage,
        "status": one.status,
        "message": one.status_message or "",
        "run_id": one.run_id or "",
        "source": one.source,
        "user": one.user_id or "",
        "tags": dict(one.tags),
        "created": one.creation_timestamp,
        "updated": one.last_updated_timestamp,
    }


def _origin(client: Any, version: Any) -> dict[str, Any]:
    return {"run": _run(client, version.run_id), "logged": _logged(client, version.source)}


def _run(client: Any, run_id: str) -> dict[str, Any] | None:
    if not run_id:
        return None
    try:
        run = client.get_run(run_id)
    except MlflowException:
        return None
    return {
        "metrics": {key: repr(float(value)) for key, value in run.data.metrics.items()},
        "params": dict(run.data.params),
        "tags": dict(run.data.tags),
        "status": run.info.status,
        "deleted": run.info.lifecycle_stage == "deleted",
        "user": run.info.user_id,
        "datasets": [f"{i.dataset.name}@{i.dataset.digest}" for i in run.inputs.dataset_inputs],
    }


def _logged(client: Any, source: str) -> dict[str, Any] | None:
    if not source.startswith(URI) or not hasattr(client, "get_logged_model"):
        return None
    model_id = source.removeprefix("models:/")
    try:
        model = client.get_logged_model(model_id)
    except MlflowException:
        return {"deleted": True}
    told = sorted(model.metrics or (), key=lambda one: (one.timestamp, one.step))
    return {
        "deleted": False,
        "metrics": {one.key: repr(float(one.value)) for one in told},
        "params": dict(model.params),
    }


if __name__ == "__main__":
    main()
