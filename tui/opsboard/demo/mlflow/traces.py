"""Traces of the fake MLflow: started, ended, searched for, and read with their spans."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from opsboard.demo.mlflow import serialize
from opsboard.demo.mlflow.artifacts import FakeMlflowArtifacts
from opsboard.demo.mlflow.filters import parse
from opsboard.demo.mlflow.requests import (
    FakeMlflowError,
    FakeMlflowNotFound,
    MlflowParams,
    page,
    page_size,
    required,
)
from opsboard.demo.mlflow.sample_traces import sample_traces
from opsboard.demo.world.world import DemoWorld

_KEYS: Final = ("request_id", "timestamp_ms", "status", "name")


class FakeMlflowTraces:
    """The traces of *world*'s applications, by the older of the two interfaces, which both have."""

    def __init__(self, world: DemoWorld, artifacts: FakeMlflowArtifacts) -> None:
        self._world = world
        self._artifacts = artifacts
        self._traces: dict[str, dict[str, Any]] = {}
        self._spans: dict[str, list[dict[str, Any]]] = {}
        for trace, spans in sample_traces(world):
            self._traces[trace["request_id"]] = trace
            self._spans[trace["request_id"]] = spans

    def start(self, query: MlflowParams) -> Mapping[str, Any]:
        identity, experiment = f"tr-{self._world.rng.hex(32)}", required(query, "experiment_id")
        place = f"{serialize.ARTIFACTS}{experiment}/traces/{identity}/artifacts"
        trace = {
            "request_id": identity,
            "experiment_id": experiment,
            "timestamp_ms": int(query.get("timestamp_ms") or 0),
            "status": "IN_PROGRESS",
            "request_metadata": list(query.get("request_metadata") or ()),
            "tags": [
                *(query.get("tags") or ()),
                {"key": "mlflow.artifactLocation", "value": place},
            ],
        }
        self._traces[str(trace["request_id"])] = trace
        return {"trace_info": trace}

    def end(self, query: MlflowParams) -> Mapping[str, Any]:
        trace = self._known(query)
        took = int(query.get("timestamp_ms") or 0) - trace["timestamp_ms"]
        trace |= {"status": str(query.get("status") or "OK"), "execution_time_ms": took}
        return {"trace_info": trace}

    def info(self, query: MlflowParams) -> Mapping[str, Any]:
        return {"trace_info": self._known(query)}

    def _known(self, query: MlflowParams) -> dict[str, Any]:
        trace = self._traces.get(required(query, "request_id"))
        if trace is None:
            raise FakeMlflowNotFound(f"Trace with ID '{query['request_id']}' not found.")
        return trace

    async def spans(self, request: Request) -> Response:
        """Answer ``get-trace-artifact``: the file that the client has put, or spans of its own."""
        try:
            trace = self._known(request.query_params)
        except FakeMlflowError as error:
            return error.response()
        identity = trace["request_id"]
        if identity in self._spans:
            return JSONResponse({"spans": self._spans[identity]})
        path = f"{trace['experiment_id']}/traces/{identity}/artifacts/traces.json"
        data = self._artifacts.uploaded(path)
        if data is None:
            return FakeMlflowNotFound(f"Trace data not found for path={path}").response()
        return Response(data, media_type="text/plain")

    def search(self, query: MlflowParams) -> Mapping[str, Any]:
        within = query.get("experiment_ids") or ()
        if not within:
            raise FakeMlflowError("At least one experiment ID must be specified")
        conditions = parse(str(query.get("filter") or ""), _KEYS)
        found = [
            trace
            for trace in self._traces.values()
            if trace["experiment_id"] in within
            and all(one.holds({key: trace.get(key, "") for key in _KEYS}) for one in conditions)
        ]
        found.sort(key=lambda trace: -int(trace["timestamp_ms"]))
        size = page_size(query.get("max_results"), default=100, most=500)
        return page("traces", found, size, str(query.get("page_token") or ""))
