"""Bad rollbacks and good ones on a true API server, with a true registry: which are found out.

Each is a Deployment of two revisions, of which the first is what is asked for.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import Ground, grounds, revisions, until
from tests.adapters.registry.servers import PROGRAM
from tests.adapters.registry.servers import running as running_registry
from tests.patience import PATIENCE
from tests.terminal.real_parts import push_image

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio,
    pytest.mark.skipif(not REAL, reason="OPSBOARD_TEST_KUBECONFIG names no cluster"),
    pytest.mark.skipif(not shutil.which(PROGRAM), reason="docker-registry is not here"),
]

Object = dict[str, Any]
LABEL: Final = "opsboard-test/disk"
GONE: Final = f"sha256:{'0' * 64}"


def _env(reference: str, name: str, key: str, **more: Any) -> Object:
    selected = {"name": name, "key": key, **more}
    return {"env": [{"name": "VALUE", "valueFrom": {reference: selected}}]}


def _volume(**source: Any) -> Object:
    return {"volumes": [{"name": "v", **source}]}


def _resources(cpu: str, memory: str) -> Object:
    size = {"cpu": cpu, "memory": memory}
    return {"resources": {"requests": size, "limits": size}}


def _bad(image: str, disk: str) -> dict[str, tuple[Object, Object, str]]:
    """Return of what a container and a pod are made that would not start, and what says why."""
    repository = image.partition("@")[0]
    return {
        "tag-gone": ({"image": f"{repository}:v0"}, {}, ":v0 is gone from registry"),
        "digest-gone": ({"image": f"{repository}@{GONE}"}, {}, "is gone from registry"),
        "config-gone": ({"envFrom": [{"configMapRef": {"name": "old"}}]}, {}, "ConfigMap old"),
        "config-key-gone": (_env("configMapKeyRef", "settings", "old"), {}, "ConfigMap settings"),
        "secret-gone": ({}, _volume(secret={"secretName": "old"}), "Secret old"),
        "secret-key-gone": (_env("secretKeyRef", "db", "old"), {}, "Secret db"),
        "account-gone": ({}, {"serviceAccountName": "old"}, "ServiceAccount old"),
        "claim-gone": (
            {},
            _volume(persistentVolumeClaim={"claimName": "old"}),
            "PersistentVolumeClaim old",
        ),
        "priority-gone": ({}, {"priorityClassName": "old"}, "PriorityClass old"),
        "no-such-node": ({}, {"nodeSelector": {LABEL: f"not-{disk}"}}, "node"),
        "no-room-on-a-node": (_resources("64", "1Gi"), {}, "node"),
        "over-quota": (_resources("3", "64Mi"), {}, "quota"),
        "over-limit": (_resources("1m", "3Gi"), {}, "limit range"),
    }


def _good(image: str, disk: str) -> dict[str, tuple[Object, Object]]:
    """Return of what a container and a pod are made that would start."""
    repository = image.partition("@")[0]
    return {
        "tag": ({"image": f"{repository}:v5"}, {}),
        "digest": ({}, {}),
        "config": ({"envFrom": [{"configMapRef": {"name": "settings"}}]}, {}),
        "config-key": (_env("configMapKeyRef", "settings", "mode"), {}),
        "optional-key": (_env("configMapKeyRef", "settings", "old", optional=True), {}),
        "optional-secret": (_env("secretKeyRef", "old", "old", optional=True), {}),
        "secret": ({}, _volume(secret={"secretName": "db"})),
        "secret-key": (_env("secretKeyRef", "db", "password"), {}),
        "account": ({}, {"serviceAccountName": "app"}),
        "claim": ({}, _volume(persistentVolumeClaim={"claimName": "data"})),
        "priority": ({}, {"priorityClassName": "system-node-critical"}),
        "node": ({}, {"nodeSelector": {LABEL: disk}}),
        "quota": (_resources("100m", "64Mi"), {}),
    }


async def test_bad_rollbacks_are_found_out_and_good_ones_are_not_blocked(tmp_path: Path) -> None:
    settings, disk = KubernetesSettings(kubeconfig=Path(REAL)), uuid4().hex[:8]
    with running_registry(tmp_path) as registry:
        host = registry.removeprefix("http://")
        digest = push_image(tmp_path, f"{host}/shop/fraud-detector:v5")
        image = f"{host}/shop/fraud-detector@{digest}"
        async with grounds(settings, "") as (ground,), _node(ground, disk):
            bad, good = _bad(image, disk), _good(image, disk)
            await _fill(ground)
            made = {name: (one, pod) for name, (one, pod, _) in bad.items()} | good
            for name, (container, pod) in made.items():
                await _release_twice(ground, name, image, container, pod)
            plans = _planned(tmp_path, ground.namespace, host, [*bad, *good])
    blockers = {
        name: [one["text"] for one in plan["start_findings"] if one["severity"] == "blocker"]
        for name, plan in plans.items()
    }
    unknown = {
        name: [one["text"] for one in plan["start_findings"] if not one["known"]]
        for name, plan in plans.items()
    }
    missed = {name: plans[name]["start_findings"] for name in bad if not blockers[name]}
    assert not missed
    assert not {name: blockers[name] for name in good if blockers[name]}
    assert not {name: texts for name, texts in unknown.items() if texts}
    for name, (*_, word) in bad.items():
        assert any(word in text for text in blockers[name]), (name, blockers[name])


# --- what there is -------------------------------------------------------------------------------


@asynccontextmanager
async def _node(ground: Ground, disk: str) -> AsyncIterator[None]:
    """Make a node with a label of its own and 4 CPUs, which could take pods."""
    name = f"node-{disk}"
    labels = {LABEL: disk, "kubernetes.io/hostname": name}
    await _ask(ground, "POST", "nodes", {"metadata": {"name": name, "labels": labels}})
    try:
        size = {"cpu": "4", "memory": "8Gi", "pods": "110"}
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
        status = {"capacity": size, "allocatable": size, "conditions": [ready]}
        await _ask(ground, "PATCH", f"nodes/{name}/status", {"status": status})
        await _ask(ground, "PATCH", f"nodes/{name}", {"spec": {"taints": []}})
        yield
    finally:
        await ground.client.delete(f"api/v1/nodes/{name}")


async def _fill(ground: Ground) -> None:
    """Make what the good ones need, a quota and a limit range."""
    volume = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    most = {"type": "Container", "max": {"memory": "2Gi"}}
    for plural, body in (
        ("configmaps", {"metadata": {"name": "settings"}, "data": {"mode": "fast"}}),
        ("secrets", {"metadata": {"name": "db"}, "stringData": {"password": "canary-word"}}),
        ("serviceaccounts", {"metadata": {"name": "app"}}),
        ("persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": volume}),
        ("resourcequotas", {"metadata": {"name": "cpu"}, "spec": {"hard": {"limits.cpu": "2"}}}),
        ("limitranges", {"metadata": {"name": "memory"}, "spec": {"limits": [most]}}),
    ):
        await _ask(ground, "POST", f"namespaces/{ground.namespace}/{plural}", body)


async def _ask(ground: Ground, method: str, path: str, body: Object) -> None:
    kind = "strategic-merge-patch+json" if method == "PATCH" else "json"
    headers = {"Content-Type": f"application/{kind}"}
    answer = await ground.client.request(
        method, f"api/v1/{path}", content=json.dumps(body), headers=headers
    )
    assert answer.status_code < 300, answer.text


async def _release_twice(
    ground: Ground, name: str, image: str, container: Object, pod: Object
) -> None:
    """Make the Deployment *name*, of such a *container* and *pod*; then one of *image* alone."""
    labels = {"app": name}
    main = {"name": "main", "image": image, **_resources("10m", "16Mi")}
    first = {"metadata": {"labels": labels}, "spec": {"containers": [{**main, **container}], **pod}}
    second: Object = {"metadata": {"labels": labels}, "spec": {"containers": [main]}}
    if first == second:
        first["metadata"]["annotations"] = {"example/note": "the first one"}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": first}
    await ground.create("Deployment", {"metadata": {"name": name}, "spec": spec})
    for number, template in enumerate((first, second), 1):
        if number == 2:
            await ground.template("Deployment", name, template)
        await until(lambda: revisions(ground, "Deployment", name), lambda seen: number in seen)  # noqa: B023 - it is over before the next one


def _planned(
    folder: Path, namespace: str, registry: str, names: list[str]
) -> Mapping[str, Mapping[str, Any]]:
    """Return the plans of rolling *names* back, as ``opsboard act --plan --json`` prints them."""
    config = folder / "opsboard.toml"
    config.write_text(
        f'[sources.registry]\nadapter = "registry"\nurl = "http://{registry}"\n'
        'repositories = ["shop/fraud-detector"]\n'
        f'[sources.clusters]\nadapter = "kubernetes"\nkubeconfig = "{REAL}"\n'
        f'namespaces = ["{namespace}"]\n'
    )
    targets = [f"{namespace}/{name}" for name in names]
    command = [sys.executable, "-m", "opsboard", "act", "rollback", *targets, "--to", "1"]
    ran = subprocess.run(
        [*command, "--plan", "--json", "--config", str(config)],
        env={**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")},
        capture_output=True, check=False, timeout=10 * PATIENCE, text=True,
    )  # fmt: skip
    assert ran.stdout, ran.stderr
    found = {one["name"]: one for one in json.loads(ran.stdout)["plans"]}
    assert set(found) == set(names), ran.stderr
    return found
