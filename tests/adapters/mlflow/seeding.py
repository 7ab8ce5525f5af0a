"""Writes to a real MLflow server: single things, or a whole demo world."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any

import httpx

from opsboard.demo.mlflow import serialize
from opsboard.demo.world.models import DemoRegisteredModel, DemoTrainingRun
from opsboard.demo.world.world import DemoWorld
from tests.patience import PATIENCE


class Writer:
    """Speaks to the server at *url* as a training or monitoring job would."""

    def __init__(self, url: str, auth: tuple[str, str] | None = None) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=f"{url}/api/2.0/mlflow/", auth=auth, timeout=PATIENCE, trust_env=False
        )

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def call(self, path: str, body: Mapping[str, Any], method: str = "POST") -> dict[str, Any]:
        """Return what the server answers."""
        response = self._client.request(method, path, json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def run(
        self,
        *,
        experiment: str = "0",
        at: int = 1,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        metrics: Sequence[Mapping[str, Any]] = (),
        status: str = "FINISHED",
        user: str = "",
    ) -> str:
        """Make a run; return its id."""
        made = self.call(
            "runs/create",
            {
                "experiment_id": experiment,
                "start_time": at,
                "user_id": user,
                "tags": serialize.pairs(tags or {}),
            },
        )
        run_id = str(made["run"]["info"]["run_id"])
        self.log(run_id, metrics, params or {})
        if status != "RUNNING":
            self.call("runs/update", {"run_id": run_id, "status": status, "end_time": at + 1})
        return run_id

    def log(
        self,
        run_id: str,
        metrics: Sequence[Mapping[str, Any]],
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Log values to a run."""
        body = {"run_id": run_id, "metrics": list(metrics), "params": serialize.pairs(params or {})}
        self.call("runs/log-batch", body)

    def artifact(self, run_id: str, path: str, data: bytes) -> None:
        """Put an artifact of a run, through the server."""
        run = self._client.get("runs/get", params={"run_id": run_id}).json()["run"]
        root = run["info"]["artifact_uri"].removeprefix("mlflow-artifacts:/")
        url = f"{self.url}/api/2.0/mlflow-artifacts/artifacts/{root}/{path}"
        response = self._client.put(url, content=data)
        assert response.status_code == 200, response.text

    def model(self, name: str, tags: Mapping[str, str] | None = None, text: str = "") -> None:
        """Register a model without versions."""
        body = {"name": name, "tags": serialize.pairs(tags or {}), "description": text}
        self.call("registered-models/create", body)

    def prompt(self, name: str, *texts: str, kind: str = "text") -> None:
        """Register a prompt with a version of each text, as a client does."""
        mark = {"mlflow.prompt.is_prompt": "true"}
        self.model(name, mark)
        for number, text in enumerate(texts, 1):
            tags = {**mark, "_mlflow_prompt_type": kind, "mlflow.prompt.text": text}
            body = {"name": name, "source": "dummy-source", "description": f"change {number}"}
            self.call("model-versions/create", {**body, "tags": serialize.pairs(tags)})

    def trace(self, *spans: Mapping[str, Any], status: str = "OK", took: int = 1500) -> str:
        """Log a trace with *spans* as a client of MLflow 2 does; return its id."""
        began = time.time_ns() // 1_000_000
        noted = serialize.pairs({"mlflow.traceInputs": '{"q": "hello"}'})
        tags = serialize.pairs({"mlflow.traceName": "chat"})
        body = {"experiment_id": "0", "timestamp_ms": began, "request_metadata": noted}
        trace = self.call("traces", {**body, "tags": tags})["trace_info"]
        if spans:
            told = {one["key"]: one["value"] for one in trace["tags"]}
            root = told["mlflow.artifactLocation"].removeprefix("mlflow-artifacts:/").lstrip("/")
            url = f"{self.url}/api/2.0/mlflow-artifacts/artifacts/{root}/traces.json"
            response = self._client.put(url, content=json.dumps({"spans": spans}).encode())
            assert response.status_code == 200, response.text
        ended = {"timestamp_ms": began + took, "status": status, "request_metadata": [], "tags": []}
        self.call(f"traces/{trace['request_id']}", ended, "PATCH")
        return str(trace["request_id"])

    def version(self, model: str, run_id: str = "", tags: Mapping[str, str] | None = None) -> str:
        """Register a version that *run_id* made, or an empty run; return its number."""
        run_id = run_id or self.run()
        answer = self._client.get("runs/get", params={"run_id": run_id}).json()
        body = {
            "name": model,
            "source": f"{answer['run']['info']['artifact_uri']}/model",  # no other is allowed
            "run_id": run_id,
            "tags": serialize.pairs(tags or {}),
        }
        made = self.call("model-versions/create", body)
        return str(made["model_version"]["version"])

    def logged_model(self, run_id: str, *metrics: Mapping[str, Any]) -> str:
        """Log a model with *metrics* to a run; return its id, ``""`` on servers before 3."""
        body = {"experiment_id": "0", "name": "model", "source_run_id": run_id}
        answer = self._client.post("logged-models", json=body)
        if answer.status_code == httpx.codes.NOT_FOUND:
            self.log(run_id, metrics)
            return ""
        model_id = str(answer.json()["model"]["info"]["model_id"])
        self.log(run_id, [{**one, "model_id": model_id} for one in metrics])
        return model_id

    def version_of(self, model: str, run_id: str, model_id: str) -> str:
        """Register a logged model as a version, or the run where there is none."""
        if not model_id:
            return self.version(model, run_id)
        source = f"models:/{model_id}"
        body = {"name": model, "source": source, "run_id": run_id, "model_id": model_id}
        made = self.call("model-versions/create", body)
        return str(made["model_version"]["version"])

    def alias(self, model: str, alias: str, version: str) -> None:
        body = {"name": model, "alias": alias, "version": version}
        self.call("registered-models/alias", body)

    def aliases(self, model: str) -> dict[str, str]:
        """Return where the aliases of a model point to."""
        answer = self._client.get("registered-models/get", params={"name": model}).json()
        listed = answer["registered_model"].get("aliases", [])
        return {one["alias"]: one["version"] for one in listed}

    def stages(self, model: str) -> dict[str, str]:
        """Return the stage of each version of a model."""
        answer = self._client.get("model-versions/search", params={"filter": f"name='{model}'"})
        listed = answer.json()["model_versions"]
        return {one["version"]: one["current_stage"] for one in listed}

    def tags(self, model: str) -> dict[str, str]:
        """Return the tags of a model."""
        answer = self._client.get("registered-models/get", params={"name": model}).json()
        return {one["key"]: one["value"] for one in answer["registered_model"].get("tags", [])}

    def tag(self, model: str, key: str, value: str) -> None:
        self.call("registered-models/set-tag", {"name": model, "key": key, "value": value})

    def stage(self, model: str, version: str, stage: str) -> None:
        body = {
            "name": model,
            "version": version,
            "stage": stage,
            "archive_existing_versions": False,
        }
        self.call("model-versions/transition-stage", body)


def measured(key: str, value: float | str, at: int = 1, step: int = 0) -> dict[str, Any]:
    """Return a value of a metric as it is logged."""
    return {"key": key, "value": value, "timestamp": at, "step": step}


def copy_world(world: DemoWorld, writer: Writer) -> None:
    """Write all models of *world*, with their runs, to a server."""
    experiments = {
        one.id: str(writer.call("experiments/create", {"name": one.name})["experiment_id"])
        for one in world.experiments.values()
    }
    runs = {
        run.id: _copy_run(run, experiments[run.experiment.id], writer)
        for run in world.training_runs.values()
    }
    for model in world.models.values():
        _copy_model(model, runs, writer)


def _copy_run(run: DemoTrainingRun, experiment: str, writer: Writer) -> str:
    metrics = [
        serialize.measure(name, one) for name, values in run.metrics.items() for one in values
    ]
    made = writer.run(
        experiment=experiment,
        at=_millis(run.started_at),
        tags=serialize.tags(run),
        params=serialize.params(run),
        metrics=metrics[:1000],
        status="RUNNING",
        user=run.user,
    )
    if run.datasets:
        inputs = serialize.run(run)["inputs"]["dataset_inputs"]
        writer.call("runs/log-inputs", {"run_id": made, "datasets": inputs})
    if run.finished_at is not None:
        body = {
            "run_id": made,
            "status": serialize.status(run),
            "end_time": _millis(run.finished_at),
        }
        writer.call("runs/update", body)
    return made


def _copy_model(model: DemoRegisteredModel, runs: Mapping[str, str], writer: Writer) -> None:
    writer.model(model.name, model.tags, model.description)
    for version in model.versions:
        number = writer.version(model.name, runs[version.run.id], version.tags)
        if version.stage != "None":
            writer.stage(model.name, number, version.stage)
    for alias, to in model.aliases.items():
        writer.alias(model.name, alias, str(to))


def _millis(at: datetime) -> int:
    return serialize.millis(at)
