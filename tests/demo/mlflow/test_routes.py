"""The demo's MLflow API: the habits of the real one that clients stumble over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from opsboard.demo.mlflow import routes
from opsboard.demo.world.seed_data import create_world

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
API = "/mlflow/api/2.0/mlflow"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    world, controllers = create_world(7, NOW)
    with TestClient(Starlette(routes=routes(world, controllers.training))) as client:
        yield client


def _get(client: TestClient, path: str, **query: Any) -> tuple[int, dict[str, Any]]:
    response = client.get(f"{API}/{path}", params=query)
    return response.status_code, response.json()


def test_the_same_seed_and_time_give_the_same_bytes(client: TestClient) -> None:
    world, controllers = create_world(7, NOW)
    with TestClient(Starlette(routes=routes(world, controllers.training))) as other:
        for path in ("registered-models/search", "model-versions/search"):
            assert client.get(f"{API}/{path}").content == other.get(f"{API}/{path}").content


def test_searches_leave_out_aliases_and_empty_lists(client: TestClient) -> None:
    _, versions = _get(client, "model-versions/search")
    assert all("aliases" not in one for one in versions["model_versions"])
    assert all(isinstance(one["version"], str) for one in versions["model_versions"])
    assert _get(client, "registered-models/search", filter="name = 'none'") == (200, {})


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("registered-models/get", {"name": "none"}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("registered-models/get", {}, 400, "INVALID_PARAMETER_VALUE"),
        ("runs/get", {"run_id": "none"}, 404, "RESOURCE_DOES_NOT_EXIST"),
        ("registered-models/search", {"max_results": 5000}, 400, "INVALID_PARAMETER_VALUE"),
        ("registered-models/search", {"page_token": "zzz"}, 400, "INVALID_PARAMETER_VALUE"),
        ("model-versions/search", {"filter": "foo=1"}, 400, "INVALID_PARAMETER_VALUE"),
        ("model-versions/search", {"filter": "name LIKE"}, 400, "INVALID_PARAMETER_VALUE"),
        ("model-versions/search", {"order_by": "foo"}, 400, "INVALID_PARAMETER_VALUE"),
        ("experiments/search", {}, 400, "INVALID_PARAMETER_VALUE"),
    ],
)
def test_errors(
    client: TestClient, path: str, query: dict[str, Any], status: int, code: str
) -> None:
    answered, body = _get(client, path, **query)
    assert (answered, body["error_code"]) == (status, code)


def test_a_missing_alias_is_a_bad_request(client: TestClient) -> None:
    _, body = _get(client, "registered-models/search", max_results=1)
    name = body["registered_models"][0]["name"]
    status, body = _get(client, "registered-models/alias", name=name, alias="none")
    assert (status, body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_runs_are_searched_with_filters_and_order(client: TestClient) -> None:
    _, body = _get(client, "experiments/search", max_results=10)
    ids = [one["experiment_id"] for one in body["experiments"]]
    query = {
        "experiment_ids": ids,
        "filter": "tags.`model_name` LIKE '%' and metrics.psi > 0",
        "order_by": ["metrics.psi DESC"],
    }
    runs = client.post(f"{API}/runs/search", json=query).json()["runs"]
    values = [one["value"] for run in runs for one in run["data"]["metrics"] if one["key"] == "psi"]
    assert len(values) == 6
    assert values == sorted(values, reverse=True)
    assert client.post(f"{API}/runs/search", json={"experiment_ids": []}).json() == {}


def test_an_unknown_path_is_a_page_not_json(client: TestClient) -> None:
    response = client.get(f"{API}/nonsense")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_logged_models_are_made_found_and_told_with_what_was_measured(client: TestClient) -> None:
    def post(path: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = client.post(f"{API}/{path}", json=body).json()
        return answer

    run = post("runs/create", experiment_id="0")["run"]["info"]
    made = post("logged-models", name="model", source_run_id=run["run_id"])["model"]["info"]
    value = {"key": "auc", "value": 0.9, "timestamp": 1, "step": 1, "model_id": made["model_id"]}
    post("runs/log-batch", run_id=run["run_id"], metrics=[value])
    _, told = _get(client, f"logged-models/{made['model_id']}")
    assert told["model"]["info"]["source_run_id"] == run["run_id"]
    assert told["model"]["data"]["metrics"][0]["value"] == 0.9
    wanted = f"model_id IN ('{made['model_id']}', 'm-none')"
    found = post("logged-models/search", experiment_ids=["0"], filter=wanted)
    assert found["models"] == [told["model"]]
    assert _get(client, "logged-models/m-none")[0] == 404


def test_deleted_runs_are_found_by_those_who_ask_for_them(client: TestClient) -> None:
    run = client.post(f"{API}/runs/create", json={"experiment_id": "0"}).json()["run"]["info"]
    client.post(f"{API}/runs/delete", json={"run_id": run["run_id"]})
    query = {"experiment_ids": ["0"], "filter": f"attributes.run_id IN ('{run['run_id']}')"}
    assert client.post(f"{API}/runs/search", json=query).json() == {}
    for view in ("ALL", "DELETED_ONLY"):
        body = client.post(f"{API}/runs/search", json={**query, "run_view_type": view}).json()
        assert body["runs"][0]["info"]["lifecycle_stage"] == "deleted"
