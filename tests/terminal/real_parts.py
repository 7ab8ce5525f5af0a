"""One release on real parts: an image in a registry, a workload on a cluster, a model in MLflow.

All three hold the same commit, each in its own way; no part knows of another.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import yaml

from tests.adapters.mlflow.environments import RELEASES
from tests.adapters.mlflow.seeding import Writer, measured
from tests.adapters.mlflow.servers import running
from tests.adapters.registry.servers import PROGRAM as REGISTRY
from tests.adapters.registry.servers import running as running_registry
from tests.patience import PATIENCE

COMMIT: Final = "fa2dec5d1c0b4f7e9a8b6c5d4e3f2a1b0c9d8e7f"
REPOSITORY: Final = "https://github.com/acme/fraud-detector"
MODEL: Final = "fraud-detector"


@dataclass(frozen=True, slots=True)
class RealParts:
    """Where everything is."""

    config: Path
    namespace: str
    digest: str


@contextmanager
def real_parts(folder: Path, kubeconfig: Path) -> Iterator[RealParts]:
    """Make a release on real parts; yield where it is, with a config that shows them all."""
    release = RELEASES["mlflow3"]
    with running_registry(folder) as registry, running(release, folder) as tracking:
        host = registry.removeprefix("http://")
        digest = push_image(folder, f"{host}/shop/{MODEL}:v5")
        register_model(tracking)
        image = f"{host}/shop/{MODEL}"
        with workload(kubeconfig, image, digest, tracking) as namespace:
            config = folder / "opsboard.toml"
            config.write_text(
                f'[environments]\nproduction = ["{namespace}"]\n'
                '[sources.registry]\nadapter = "registry"\n'
                f'url = "http://{host}"\nrepositories = ["shop/{MODEL}"]\n'
                '[sources.clusters]\nadapter = "kubernetes"\n'
                f'kubeconfig = "{kubeconfig}"\nnamespaces = ["{namespace}"]\n'
                f'[sources.mlflow]\nadapter = "mlflow"\ntracking_uri = "{tracking}"\n'
            )
            yield RealParts(config, namespace, digest)


# --- the registry --------------------------------------------------------------------------------


def push_image(folder: Path, reference: str) -> str:
    """Push an image whose label holds the commit; return its digest."""
    layout = folder / "layout"
    labels = {
        "org.opencontainers.image.revision": COMMIT,
        "org.opencontainers.image.source": REPOSITORY,
    }
    _run("umoci", "init", "--layout", str(layout))
    _run("umoci", "new", "--image", f"{layout}:v5")
    words = [word for pair in labels.items() for word in ("--config.label", "=".join(pair))]
    _run("umoci", "config", "--image", f"{layout}:v5", *words)
    target = f"docker://{reference}"
    _run("skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"oci:{layout}:v5", target)
    found = json.loads(_run("skopeo", "inspect", "--tls-verify=false", target))
    return str(found["Digest"])


# --- the model -----------------------------------------------------------------------------------


def register_model(tracking: str) -> None:
    """Register a version that is trained from the commit, serve it, and measure its drift."""
    now = int(time.time() * 1000)
    tags = {"mlflow.source.git.commit": COMMIT, "mlflow.source.git.repoURL": f"{REPOSITORY}.git"}
    with Writer(tracking) as writer:
        run = writer.run(at=now, tags=tags, metrics=[measured("f1", 0.93, now)])
        writer.model(MODEL)
        writer.version(MODEL, run)
        writer.alias(MODEL, "champion", "1")
        writer.log(run, [measured("drift_psi", 0.41, now + 1000)])


# --- the workload --------------------------------------------------------------------------------


@contextmanager
def workload(kubeconfig: Path, image: str, digest: str, tracking: str) -> Iterator[str]:
    """Roll out *image* on the cluster and say that its pod runs it; yield the namespace."""
    namespace = f"opsboard-test-{uuid4().hex[:8]}"
    with _cluster(kubeconfig) as api:
        _ask(api, "POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        try:
            path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
            _ask(api, "POST", path, _deployment(f"{image}:v5", tracking))
            pods = f"/api/v1/namespaces/{namespace}/pods"
            pod = _until_listed(api, pods)
            status = _running_status(f"{image}:v5", f"{image}@{digest}")
            _ask(api, "PATCH", f"{pods}/{pod}/status", {"status": status})
            yield namespace
        finally:
            api.delete(f"/api/v1/namespaces/{namespace}")


def _deployment(image: str, tracking: str) -> dict[str, Any]:
    labels = {"app": MODEL}
    env = {"MODEL_URI": f"models:/{MODEL}/1", "MLFLOW_TRACKING_URI": tracking}
    container = {
        "name": "server",
        "image": image,
        "env": [{"name": name, "value": value} for name, value in env.items()],
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": MODEL, "labels": {"app.kubernetes.io/name": MODEL}}, "spec": spec}


def _running_status(image: str, image_id: str) -> dict[str, Any]:
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    container = {
        "name": "server",
        "image": image,
        "imageID": image_id,
        "containerID": "containerd://1",
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": started}},
    }
    conditions = [
        {"type": name, "status": "True", "lastTransitionTime": started}
        for name in ("Ready", "ContainersReady")
    ]
    return {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}


@contextmanager
def _cluster(kubeconfig: Path) -> Iterator[httpx.Client]:
    """Yield a client of the API server that *kubeconfig* names, by its token."""
    content = yaml.safe_load(kubeconfig.read_text())
    server = content["clusters"][0]["cluster"]["server"]
    token = content["users"][0]["user"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=server,
        headers=headers,
        verify=False,  # noqa: S501 - a test cluster signs its own certificate
        timeout=PATIENCE,
        trust_env=False,
    ) as api:
        yield api


def _ask(api: httpx.Client, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    kind = "application/strategic-merge-patch+json" if method == "PATCH" else "application/json"
    answer = api.request(method, path, json=body, headers={"Content-Type": kind})
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _until_listed(api: httpx.Client, path: str) -> str:
    """Wait for the first object at *path*; return its name."""
    deadline = time.monotonic() + PATIENCE
    while not (items := api.get(path).json().get("items")):
        assert time.monotonic() < deadline, f"nothing came to {path}"
        time.sleep(0.1)
    return str(items[0]["metadata"]["name"])


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def missing_parts() -> str:
    """Return what has to be there and is not; empty where all is."""
    if not os.environ.get("OPSBOARD_TEST_KUBECONFIG"):
        return "OPSBOARD_TEST_KUBECONFIG names no cluster"
    tools = (REGISTRY, "skopeo", "umoci")
    return ", ".join(f"{tool} is not installed" for tool in tools if shutil.which(tool) is None)
