"""The temporary folder of a running demo, with the config and kubeconfig that show its world."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pydantic_core import to_json

from opsboard.demo.detection import (
    FOLDER_PREFIX,
    GITHUB_PATH,
    MLFLOW_PATH,
    REGISTRY_PATH,
    STATES_PATH,
    TOKEN,
)
from opsboard.demo.terraform.plan_document import plan_document
from opsboard.demo.world.company import GIT_HOST, OWNER, REGISTRY
from opsboard.demo.world.seed_data import CLUSTER_SUFFIX
from opsboard.demo.world.world import DemoWorld
from opsboard.system.temporary_folders import remove_abandoned, temporary_folder

PLAN_SUFFIX: Final = ".tfplan.json"


@contextmanager
def demo_folder() -> Iterator[Path]:
    """Create a folder while the context lasts; remove those of demos that were killed."""
    remove_stale_folders()
    with temporary_folder(FOLDER_PREFIX) as folder:
        yield folder


def remove_stale_folders() -> None:
    """Remove this user's folders whose demo does not run any more."""
    remove_abandoned(FOLDER_PREFIX)


def write_config(folder: Path, url: str, world: DemoWorld) -> Path:
    """Write a kubeconfig, plans and a config into *folder*; return the config."""
    kubeconfig = folder / "kubeconfig.json"
    kubeconfig.write_bytes(to_json(_kubeconfig(url, world), indent=2))
    for name, state in world.states.items():
        plan = folder / f"{name}{PLAN_SUFFIX}"
        plan.write_bytes(to_json(plan_document(state, world.now)))
    config = folder / "opsboard.toml"
    config.write_text(_config(url, world, folder), encoding="utf-8")
    config.chmod(0o600)  # it holds a token
    return config


def _config(url: str, world: DemoWorld, folder: Path) -> str:
    runs = max(len(repository.runs) for repository in world.repositories.values()) + 50
    return f"""\
[sources.github]
adapter = "github"
host = {_quoted(GIT_HOST)}
api_url = {_quoted(f"{url}{GITHUB_PATH}")}
organisations = [{_quoted(OWNER)}]
token = {_quoted(TOKEN)}
runs_per_repository = {min(max(runs, 30), 5_000) if world.scale.builds else 30}

[sources.clusters]
adapter = "kubernetes"
kubeconfig = {_quoted(str(folder / "kubeconfig.json"))}
contexts = [{_listed(world.clusters)}]

[sources.mlflow]
adapter = "mlflow"
tracking_uri = {_quoted(f"{url}{MLFLOW_PATH}")}

[sources.registry]
adapter = "registry"
url = {_quoted(f"{url}{REGISTRY_PATH}")}
registry_name = {_quoted(REGISTRY)}

[sources.infra]
adapter = "terraform"
address = {_quoted(f"{url}{STATES_PATH}")}
lock_address = {_quoted(f"{url}{STATES_PATH}/lock")}
workspaces = [{_listed(world.states)}]
cluster = {_quoted(f"{url}/clusters/{{workspace}}{CLUSTER_SUFFIX}")}
plan = {_quoted(str(folder / f"{{workspace}}{PLAN_SUFFIX}"))}
"""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))


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
