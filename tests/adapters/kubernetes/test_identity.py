"""One login never sees the last known board of another: a kubeconfig's source is its login too."""

import json
from pathlib import Path

from opsboard.adapter import HostEnviron
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings


def _identity(folder: Path, token: str) -> str:
    file = folder / f"{token}.yaml"
    config = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "me"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://k.test"}}],
        "users": [{"name": "me", "user": {"token": token}}],
    }
    file.write_text(json.dumps(config))  # JSON is YAML
    here = HostEnviron(env={"KUBECONFIG": str(file)}, home=folder, cwd=folder)
    return Kubernetes.identity(KubernetesSettings(), here)


def test_another_token_under_the_same_name_is_another_login(tmp_path: Path) -> None:
    assert _identity(tmp_path, "alice") != _identity(tmp_path, "bob")
    assert _identity(tmp_path, "alice") == _identity(tmp_path, "alice")
