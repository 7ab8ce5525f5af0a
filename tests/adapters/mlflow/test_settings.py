"""Settings, discovery and login: found as MLflow's own client finds them, and never shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from opsboard.adapter import HostEnviron, Misconfigured
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_keys import login_key
from opsboard.testing import FakeContext
from opsboard.testing.login import undeclared_reads
from opsboard_adapters.mlflow import MLflow, MLflowSettings
from opsboard_adapters.mlflow.login import resolve
from tests.adapters.mlflow.rounds import AppHarness

URI = "https://mlflow.example.com/base"


async def _found(tmp_path: Path, **env: str) -> Any:
    return await MLflow.discover(HostEnviron(env=env, home=tmp_path, cwd=tmp_path))


async def test_nothing_is_found_without_the_variable(tmp_path: Path) -> None:
    assert await _found(tmp_path) == ()


async def test_the_server_is_found(tmp_path: Path) -> None:
    (found,) = await _found(
        tmp_path,
        MLFLOW_TRACKING_URI=f"{URI}/",
        MLFLOW_TRACKING_SERVER_CERT_PATH="/etc/ca.pem",
        MLFLOW_TRACKING_INSECURE_TLS="true",
    )
    assert found.because == "MLFLOW_TRACKING_URI"
    assert found.settings.tracking_uri == URI
    assert found.settings.ca_file == Path("/etc/ca.pem")
    assert found.settings.insecure
    assert found.settings.login_from_environment


@pytest.mark.parametrize(
    ("uri", "word"),
    [
        ("sqlite:///mlflow.db", "mlflow server"),
        ("file:///tmp/mlruns", "mlflow server"),
        ("mlruns", "mlflow server"),
        ("databricks://work", "Databricks"),
        ("http://", "no usable URL"),
        ("http://[", "no usable URL"),
    ],
)
async def test_what_is_no_server_is_told(tmp_path: Path, uri: str, word: str) -> None:
    (found,) = await _found(tmp_path, MLFLOW_TRACKING_URI=uri)
    assert found.settings is None
    assert word in found.hint


async def test_a_login_in_the_uri_is_used_and_never_shown(tmp_path: Path) -> None:
    uri = "https://ann:pa%2Fss@mlflow.example.com/base"
    (found,) = await _found(tmp_path, MLFLOW_TRACKING_URI=uri)
    assert "pa/ss" not in repr(found.settings)
    assert "pa%2Fss" not in repr(found.settings)
    stage = AppHarness({"MLFLOW_TRACKING_URI": uri}, tmp_path)
    login = await resolve(found.settings, stage)
    assert (login.username, login.password) == ("ann", "pa/ss")
    assert "pa/ss" not in repr(login)
    assert stage.concealed == ["pa/ss"]


async def test_a_login_in_the_configured_uri_is_taken_out_of_it() -> None:
    settings = MLflowSettings(tracking_uri="http://ann:hunter2@host:5000/")
    assert settings.tracking_uri == "http://host:5000"
    assert "hunter2" not in repr(settings)
    login = await resolve(settings, AppHarness())
    assert login.basic == ("ann", "hunter2")


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        ({"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "p"}, "user 'ann'"),
        ({"MLFLOW_TRACKING_TOKEN": "t"}, "a token"),
        ({"MLFLOW_TRACKING_USERNAME": "ann"}, "no login"),
        ({}, "no login"),
    ],
)
async def test_logins_of_the_environment(env: dict[str, str], kind: str, tmp_path: Path) -> None:
    stage = AppHarness({"MLFLOW_TRACKING_URI": URI, **env}, tmp_path)
    assert (await resolve(MLflowSettings(tracking_uri=URI), stage)).kind == kind


async def test_a_login_for_one_server_is_not_sent_to_another(tmp_path: Path) -> None:
    env = {"MLFLOW_TRACKING_URI": URI, "MLFLOW_TRACKING_TOKEN": "t"}
    other = MLflowSettings(tracking_uri="https://other.example.com")
    assert (await resolve(other, AppHarness(env, tmp_path))).kind == "no login"


async def test_a_token_from_a_command() -> None:
    settings = MLflowSettings.model_validate(
        {"tracking_uri": URI, "token": {"command": ["echo", "secret-token"]}}
    )
    login = await resolve(settings, AppHarness({"PATH": "/bin:/usr/bin"}))
    assert login.headers == {"Authorization": "Bearer secret-token"}


async def test_a_secret_that_cannot_be_had_says_so() -> None:
    settings = MLflowSettings.model_validate({"tracking_uri": URI, "token": {"env": "NONE"}})
    with pytest.raises(Misconfigured, match="NONE is not set"):
        await resolve(settings, AppHarness())


@pytest.mark.parametrize(
    "values",
    [
        {"tracking_uri": "sqlite:///x"},
        {"tracking_uri": "host:5000"},
        {"tracking_uri": URI, "password": "p"},
        {"tracking_uri": URI, "username": "u", "password": "hunter2", "token": "t"},
        {"tracking_uri": URI, "drift": [{"pattern": "x", "direction": "up"}]},
        {"tracking_uri": URI, "max_parallel": 0},
        {"tracking_uri": URI, "nonsense": 1},
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        MLflowSettings.model_validate(values)
    assert "hunter2" not in str(caught.value)


def test_a_bare_pattern_is_a_rule() -> None:
    settings = MLflowSettings.model_validate({"tracking_uri": URI, "drift": ["my_*"]})
    assert settings.drift[0].pattern == "my_*"


def test_the_login_of_the_environment_tells_sources_apart_where_it_counts() -> None:
    here = "http://mlflow.test"

    def key(env: dict[str, str], **settings: object) -> str:
        host_environ = HostEnviron(env=env, home=Path("/nonexistent"), cwd=Path("/nonexistent"))
        chosen = MLflowSettings.model_validate({"tracking_uri": here, **settings})
        return login_key(ResolvedSource("ml", MLflow, chosen), host_environ)

    alice = {"MLFLOW_TRACKING_URI": here, "MLFLOW_TRACKING_TOKEN": "alice"}
    bob = {**alice, "MLFLOW_TRACKING_TOKEN": "bob"}
    elsewhere = {**alice, "MLFLOW_TRACKING_URI": "http://other.test"}
    assert key(alice) != key(bob)
    other = {**elsewhere, "MLFLOW_TRACKING_TOKEN": "bob"}
    assert key(elsewhere) == key(other), "the token is that of another server"
    assert key(alice, login_from_environment=True) != key(bob, login_from_environment=True)
    assert key(alice, token="own") == key(bob, token="own")


@pytest.mark.parametrize("from_environment", [True, False])
@pytest.mark.parametrize("env", [{}, {"MLFLOW_TRACKING_URI": URI}, {"MLFLOW_TRACKING_TOKEN": "t"}])
async def test_all_that_a_login_is_read_from_is_declared(
    tmp_path: Path, env: dict[str, str], from_environment: bool
) -> None:
    settings = MLflowSettings(tracking_uri=URI, login_from_environment=from_environment)
    source = ResolvedSource("ml", MLflow, settings)

    async def log_in(_: ResolvedSource, environ: HostEnviron) -> object:
        return await resolve(settings, FakeContext(env=environ.env, home=environ.home))

    around = HostEnviron(env=env, home=tmp_path, cwd=tmp_path)
    assert await undeclared_reads(source, around, log_in) == []
