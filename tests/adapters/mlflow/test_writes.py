"""What changes the registry is answered by the demo's server as by real ones."""

from typing import Any

import httpx
import pytest

from tests.adapters.mlflow.acts import make_model
from tests.adapters.mlflow.seeding import Writer
from tests.patience import PATIENCE

ALIAS = "registered-models/alias"
TAG = "registered-models/set-tag"
STAGE = "model-versions/transition-stage"


def _send(ground: Writer, method: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
    response = httpx.request(
        method, f"{ground.url}/api/2.0/mlflow/{path}", json=body, timeout=PATIENCE
    )
    return response.status_code, str(response.json().get("error_code", ""))


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", ALIAS, {"alias": "a", "version": "1"}, (200, "")),
        ("POST", ALIAS, {"alias": "a", "version": "9"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", ALIAS, {"alias": "a", "version": 1}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", ALIAS, {"alias": "a"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", ALIAS, {"alias": "v1", "version": "1"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", ALIAS, {"alias": "latest", "version": "1"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", ALIAS, {"alias": "a:b", "version": "1"}, (400, "INVALID_PARAMETER_VALUE")),
        ("DELETE", ALIAS, {"alias": "none"}, (200, "")),
        ("POST", TAG, {"key": "k", "value": "v"}, (200, "")),
        ("POST", TAG, {"value": "v"}, (400, "INVALID_PARAMETER_VALUE")),
        ("DELETE", "registered-models/delete-tag", {"key": "k"}, (200, "")),
        ("POST", "model-versions/set-tag", {"version": "1", "key": "k", "value": ""}, (200, "")),
        ("POST", STAGE, {"version": "1", "stage": "production"}, (200, "")),
        ("POST", STAGE, {"version": "1", "stage": "Shop"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", STAGE, {"version": "9", "stage": "Staging"}, (404, "RESOURCE_DOES_NOT_EXIST")),
    ],
)
def test_answers(
    ground: Writer, method: str, path: str, body: dict[str, Any], answer: tuple[int, str]
) -> None:
    model = make_model(ground, 1)
    assert _send(ground, method, path, {"name": model, **body}) == answer
    status, _ = _send(ground, method, path, {"name": "no-such-model", **body})
    assert status in {400, 404}


def test_what_is_set_is_there_and_what_is_deleted_is_not(ground: Writer) -> None:
    model = make_model(ground, 2, champion=2)
    ground.tag(model, "k", "v")
    ground.alias(model, "shadow", "1")
    assert ground.aliases(model) == {"champion": "2", "shadow": "1"}
    assert ground.tags(model)["k"] == "v"
    ground.call(ALIAS, {"name": model, "alias": "shadow"}, "DELETE")
    ground.call("registered-models/delete-tag", {"name": model, "key": "k"}, "DELETE")
    assert ground.aliases(model) == {"champion": "2"}
    assert "k" not in ground.tags(model)
