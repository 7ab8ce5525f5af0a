"""The model that a workload serves, by its variables, arguments and labels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.records import Claim, Strength
from opsboard_adapters.kubernetes.parse.served_models import (
    model_of_uri,
    served_models,
    tracking_server,
)
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct
from tests.adapters.kubernetes.test_pod_images import HERE

RUN = "0123456789abcdef" * 2
MLFLOW = {"name": "MLFLOW_TRACKING_URI", "value": "https://ada:hunter2@mlflow.example:443/"}
SERVER = "https://mlflow.example"


def workload(*env: dict[str, Any], **more: Any) -> V1Workload:
    labels = more.pop("labels", {})
    container = {"name": "web", "image": "web:1", "env": list(env), **more}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return to_struct({"metadata": {"name": "web"}, "spec": {"template": template}}, V1Workload)


def env(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value}


def served(*args: Any, **more: Any) -> list[Claim]:
    variables = more.pop("variables", ())
    return list(served_models(workload(*args, **more), variables))


@pytest.mark.parametrize("name", ["MODEL_URI", "MLFLOW_MODEL_URI", "STORAGE_URI"])
@pytest.mark.parametrize(
    ("uri", "kind", "value", "strength"),
    [
        ("models:/fraud/5", "model-version", "fraud/5", Strength.LABEL),
        ("models:///fraud/5", "model-version", "fraud/5", Strength.LABEL),
        ("models:/main.risk.fraud/12", "model-version", "main.risk.fraud/12", Strength.LABEL),
        ("models:/a%20b/5", "model-version", "a b/5", Strength.LABEL),
        ("models:/fraud@champion", "model-alias", "fraud@champion", Strength.CANDIDATE),
        ("models:/fraud/Production", "model-alias", "fraud@Production", Strength.CANDIDATE),
        ("models:/fraud/latest", "model-alias", "fraud@latest", Strength.CANDIDATE),
        (f"models:/m-{RUN}", "logged-model", f"m-{RUN}", Strength.LABEL),
        (f"s3://b/1/models/m-{RUN}/artifacts/", "logged-model", f"m-{RUN}", Strength.LABEL),
        (f"runs:/{RUN}/model", "run", RUN, Strength.LABEL),
        (f"mlflow-artifacts:/1/{RUN}/artifacts/model", "run", RUN, Strength.LABEL),
        (f"s3://bucket/deep/1/{RUN}/artifacts/model", "run", RUN, Strength.LABEL),
        (f"gs://bucket/{RUN}/artifacts", "run", RUN, Strength.LABEL),
    ],
)
def test_a_variable_names_the_model(
    name: str, uri: str, kind: str, value: str, strength: Strength
) -> None:
    (claim,) = served(env(name, uri), MLFLOW)
    assert (claim.type, claim.scope, claim.value, claim.strength) == (kind, SERVER, value, strength)
    assert claim.rule.startswith(f"env {name}")
    (without,) = served(env(name, uri))
    assert (without.scope, without.identity.value) == ("", value)


@pytest.mark.parametrize(
    "uri",
    ["", "fraud", "models:/", "models:/fraud", "models:/fraud/", "models:/@x", "runs:/abc/model",
     f"s3://bucket/{RUN}/model", "https://host/x", "models:/$(NOT_THERE)/1", "models:/m@$(A)"],
)  # fmt: skip
def test_what_names_no_model_states_none(uri: str) -> None:
    assert served(env("MODEL_URI", uri)) == []


def test_name_and_version_are_two_variables() -> None:
    (claim,) = served(env("MODEL_NAME", "fraud"), env("MODEL_VERSION", "5"))
    assert (claim.value, claim.rule) == ("fraud/5", "env MODEL_NAME and MODEL_VERSION")
    assert served(env("MODEL_NAME", "fraud"), env("MODEL_VERSION", "latest")) == []


def test_a_value_from_a_secret_or_a_config_map_is_not_known() -> None:
    hidden = {"name": "MODEL_URI", "valueFrom": {"secretKeyRef": {"name": "m", "key": "uri"}}}
    assert served(hidden) == []
    assert served(hidden, env("STORAGE_URI", "models:/$(MODEL_URI)/3")) == []


def test_references_are_replaced_as_the_kubelet_does() -> None:
    (claim,) = served(
        env("M", "fraud"), env("V", "7"), env("MODEL_URI", "models:/$(M)/$(V)"),
    )  # fmt: skip
    assert claim.value == "fraud/7"
    assert served(env("MODEL_URI", "models:/$(M)/7"), env("M", "fraud")) == []


@pytest.mark.parametrize(
    "more",
    [
        {"args": ["--model-uri", "models:/fraud/5"]},
        {"args": ["--model_uri=models:/fraud/5"]},
        {"command": ["mlflow", "models", "serve", "-m", "models:/fraud/5", "-p", "80"]},
        {"command": ["sh", "-c", "exec mlflow models serve -m 'models:/fraud/5' -p 80"]},
        {"args": ["--model-uri=models:/$(NAME)/5"], "env": [env("NAME", "fraud")]},
    ],
)
def test_an_argument_names_the_model(more: dict[str, Any]) -> None:
    (claim,) = served_models(workload(*more.pop("env", ()), **more))
    assert claim.value == "fraud/5"
    assert claim.rule.startswith("argument -")


@pytest.mark.parametrize(
    "args", [["--base-model", "models:/x/1"], ["models:/x/1"], ["--model", "resnet"]]
)
def test_another_argument_does_not(args: list[str]) -> None:
    assert served(args=args) == []


@pytest.mark.parametrize("text", ["fraud/5", "fraud.5", "fraud.v5", "models:/fraud/5"])
def test_a_label_names_the_model(text: str) -> None:
    (claim,) = served(labels={"opsboard.dev/model": text})
    assert (claim.value, claim.rule) == ("fraud/5", "label opsboard.dev/model")


def test_a_variable_of_the_settings_names_the_model() -> None:
    item = env("SCORER", "models:/fraud/5")
    assert served(item) == []
    (claim,) = served(item, variables=("SCORER",))
    assert claim.rule == "env SCORER"


def test_two_models_are_both_stated() -> None:
    found = served(env("MODEL_URI", "models:/a/1"), env("STORAGE_URI", "models:/b/2"))
    assert [claim.value for claim in found] == ["a/1", "b/2"]


def test_no_login_is_in_what_is_stated() -> None:
    record = parse_workload(
        HERE,
        "Deployment",
        workload(
            MLFLOW,
            env("MODEL_URI", "models:/fraud/5"),
            env("STORAGE_URI", f"s3://key:hunter2@bucket/1/{RUN}/artifacts/m"),
        ),
    )
    assert "hunter2" not in repr(record)


@given(st.text(max_size=80), st.sampled_from(["models:/", "runs:/", "s3://", ""]))
def test_no_text_is_an_error_nor_a_model_without_a_name(text: str, scheme: str) -> None:
    claim = model_of_uri(scheme + text, "", "env MODEL_URI")
    assert claim is None or (
        all((claim.value, claim.rule)) and not claim.value.startswith(("/", "@"))
    )


@pytest.mark.parametrize(
    "server",
    [
        "http://localhost:5000", "http://127.0.0.1:5000/", "http://[::1]:5000", "http://127.9.9.9",
        "http://u:p@LocalHost.:5000", "http://mlflow.localhost:5000",
    ],
)  # fmt: skip
def test_a_loopback_address_within_a_pod_names_no_server(server: str) -> None:
    assert tracking_server({"MLFLOW_TRACKING_URI": server}) == ""


@pytest.mark.parametrize(
    "server", ["", "http://mlflow:5000", "https://localhost.example", "databricks", "http://[bad"]
)
def test_any_other_address_is_as_it_is(server: str) -> None:
    assert tracking_server({"MLFLOW_TRACKING_URI": server}) == server
