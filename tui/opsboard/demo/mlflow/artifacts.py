"""Artifacts of the fake MLflow: those of the world's training runs, and what is uploaded."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from opsboard.demo.mlflow import serialize
from opsboard.demo.mlflow.reader import FakeMlflowReader
from opsboard.demo.mlflow.requests import FakeMlflowError, MlflowParams, required
from opsboard.demo.world.models import DemoTrainingRun

_PNG: Final = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
_SIGNATURE: Final = json.dumps(
    [
        {"type": "string", "name": "customer", "required": True},
        {"type": "double", "name": "basket_value", "required": True},
    ]
)
_OUTPUTS: Final = json.dumps([{"type": "double", "required": True}])


class FakeMlflowArtifacts:
    """Finds runs and versions by *reader*."""

    def __init__(self, reader: FakeMlflowReader) -> None:
        self._reader = reader
        self._uploaded: dict[str, bytes] = {}

    def listed(self, query: MlflowParams) -> Mapping[str, Any]:
        run = self._reader.known_run(query)
        folder = str(query.get("path") or "").strip("/")
        inside = {path: data for path, data in self._files(run).items() if _is_in(path, folder)}
        start = len(folder) + 1 if folder else 0
        found: dict[str, dict[str, Any]] = {}
        for path, data in sorted(inside.items()):
            name, _, rest = path[start:].partition("/")
            own = f"{folder}/{name}" if folder else name
            entry = {"path": own, "is_dir": True} if rest else _file(own, data)
            found[own] = entry
        body: dict[str, Any] = {"root_uri": serialize.artifacts(run)}
        return {**body, "files": list(found.values())} if found else body

    async def of_run(self, request: Request) -> Response:
        """Answer ``/get-artifact``."""
        query = dict(request.query_params)
        run_id = query.get("run_id") or query.get("run_uuid")
        return self._answer({**query, "run_id": run_id}, "")

    async def of_version(self, request: Request) -> Response:
        """Answer ``/model-versions/get-artifact``."""
        query = dict(request.query_params)
        try:
            _, version = self._reader.numbered(required(query, "name"), required(query, "version"))
        except FakeMlflowError as error:
            return error.response()
        return self._answer({**query, "run_id": version.run.id}, "model/")

    async def upload(self, request: Request) -> Response:
        """Take what is put below ``/api/2.0/mlflow-artifacts/artifacts``."""
        self._uploaded[request.path_params["path"]] = await request.body()
        return JSONResponse({})

    def uploaded(self, path: str) -> bytes | None:
        """Return what was put at *path*."""
        return self._uploaded.get(path)

    def _answer(self, query: MlflowParams, prefix: str) -> Response:
        try:
            data = self._files(self._reader.known_run(query)).get(prefix + required(query, "path"))
        except FakeMlflowError as error:
            return error.response()
        if data is None:
            return PlainTextResponse("No such artifact", 404)
        return Response(data, media_type="application/octet-stream")

    def _files(self, run: DemoTrainingRun) -> Mapping[str, bytes]:
        root = f"{run.experiment.id}/{run.id}/artifacts/"
        uploaded = {
            path.removeprefix(root): data
            for path, data in self._uploaded.items()
            if path.startswith(root)
        }
        logs = run.model and not run.monitored_version and run.finished_at and not run.failed
        return {**(_logged(run) if logs else {}), **uploaded}


def _is_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _file(path: str, data: bytes) -> dict[str, Any]:
    return {"path": path, "is_dir": False, "file_size": len(data)}


def _logged(run: DemoTrainingRun) -> Mapping[str, bytes]:
    """Return what a training run of the world has logged beside its metrics."""
    return {
        "history.csv": _history(run).encode(),
        "params.json": json.dumps(run.params).encode(),
        "roc.png": _PNG,
        "model/MLmodel": _mlmodel(run).encode(),
        "model/requirements.txt": b"mlflow\nscikit-learn\n",
    }


def _history(run: DemoTrainingRun) -> str:
    names = sorted(run.metrics)
    steps = sorted({one.step for values in run.metrics.values() for one in values})
    values = {(name, one.step): one.value for name in names for one in run.metrics[name]}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["step", *names])
    for step in steps:
        row = [values.get((name, step)) for name in names]
        table.writerow([step, *("" if one is None else f"{one:.5g}" for one in row)])
    return text.getvalue()


def _mlmodel(run: DemoTrainingRun) -> str:
    return (
        "artifact_path: model\n"
        "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
        f"run_id: {run.id}\n"
        f"signature:\n  inputs: '{_SIGNATURE}'\n  outputs: '{_OUTPUTS}'\n  params: null\n"
    )
