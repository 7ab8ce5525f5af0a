"""Find the MLflow server that the user's environment names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from opsboard.adapter import Discovery, HostEnviron
from opsboard_adapters.mlflow.settings import MLflowSettings, split_login

VARIABLE = "MLFLOW_TRACKING_URI"


def discover(host_environ: HostEnviron) -> Sequence[Discovery]:
    """Return the server in ``MLFLOW_TRACKING_URI``, if there is one."""
    uri = host_environ.env.get(VARIABLE, "").strip()
    if not uri:
        return ()
    scheme = _scheme(uri)
    if scheme not in {"http", "https"}:
        return (_no_server(scheme),)
    try:
        return (Discovery("mlflow", VARIABLE, _settings(uri, host_environ.env)),)
    except (ValidationError, ValueError):
        return (Discovery("mlflow", VARIABLE, None, f"{VARIABLE} is no usable URL: fix it"),)


def _scheme(uri: str) -> str:
    # Not urlsplit: it raises on what only the check of the whole URL should judge, as "http://[".
    scheme, colon, _ = uri.partition(":")
    return scheme.lower() if colon else ""


def _no_server(scheme: str) -> Discovery:
    if scheme.startswith("databricks"):
        hint = "Databricks needs its host as an https URL, with a token: configure the source"
    else:
        what = f"{scheme}: store" if scheme else "folder"
        hint = f"it names a {what}, no server: run `mlflow server` on it and name its http URL"
    return Discovery("mlflow", VARIABLE, None, hint)


def _settings(uri: str, env: Mapping[str, str]) -> MLflowSettings:
    bare, _, _ = split_login(uri)
    registry = env.get("MLFLOW_REGISTRY_URI", "").strip()
    if _scheme(registry) not in {"http", "https"} or registry == uri:
        registry = ""
    ca_file = env.get("MLFLOW_TRACKING_SERVER_CERT_PATH", "").strip()
    return MLflowSettings.model_validate(
        {
            "tracking_uri": bare,
            "registry_uri": registry or None,
            "ca_file": Path(ca_file) if ca_file else None,
            "insecure": truthy(env.get("MLFLOW_TRACKING_INSECURE_TLS", "")),
            "login_from_environment": True,
        }
    )


def truthy(value: str) -> bool:
    """Return whether an environment variable switches something on, by MLflow's own rule."""
    return value.strip().lower() in {"true", "1"}
