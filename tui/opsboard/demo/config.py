"""The config that shows the world through the unmodified adapters."""

from pathlib import Path
from typing import Any

from pydantic_core import to_json

from opsboard.demo.detection import GITHUB_PATH, MLFLOW_PATH, TOKEN
from opsboard.demo.world.company import OWNER
from opsboard.demo.world.world import DemoWorld


def write_config(folder: Path, url: str, world: DemoWorld) -> Path:
    """Write a kubeconfig and a config into *folder*; return the config."""
    kubeconfig = folder / "kubeconfig.json"
    kubeconfig.write_bytes(to_json(_kubeconfig(url, world), indent=2))
    config = folder / "opsboard.toml"
    config.write_text(_config(url, world, kubeconfig), encoding="utf-8")
    config.chmod(0o600)  # as the docs ask of a file that holds a token
    return config


def _config(url: str, world: DemoWorld, kubeconfig: Path) -> str:
    runs = max(len(repository.runs) for repository in world.repositories.values()) + 50
    return f"""\
[sources.github]
adapter = "github"
host = {_quoted(url.partition("//")[2])}
api_url = {_quoted(f"{url}{GITHUB_PATH}")}
organisations = [{_quoted(OWNER)}]
token = {_quoted(TOKEN)}
runs_per_repository = {min(max(runs, 30), 5_000) if world.scale.builds else 30}

[sources.clusters]
adapter = "kubernetes"
kubeconfig = {_quoted(str(kubeconfig))}
contexts = [{", ".join(_quoted(name) for name in world.clusters)}]

[sources.mlflow]
adapter = "mlflow"
tracking_uri = {_quoted(f"{url}{MLFLOW_PATH}")}
"""


def _quoted(text: str) -> str:
    return to_json(text).decode()  # a JSON string is a basic string of TOML too


def _kubeconfig(url: str, world: DemoWorld) -> dict[str, Any]:
    names = list(world.clusters)
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": names[0],
        "clusters": [
            {"name": name, "cluster": {"server": f"{url}/clusters/{name}"}} for name in names
        ],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": "demo"}} for name in names
        ],
        "users": [{"name": "demo", "user": {}}],  # no login is sent over plain HTTP
    }
