"""Scenes for acts: the same on the demo's clusters, whose time is ours, and on a real one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsboard.adapter import RETRAIN, Request, Source
from opsboard.demo.app import build_app
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.seed_data import create_world
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.parse.workloads import rollout_status
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import V1Workload, to_struct
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.test_verdicts import READY, waiting
from tests.adapters.kubernetes.workload_setup import (
    Ground,
    grounds,
    observed,
    release,
    released,
    source_of,
    template,
    until,
    workload,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BAD = "registry.example/bad:1"
KINDS = ("Deployment", "StatefulSet", "DaemonSet")
VIEWER = "opsboard-test-viewer"
CHAMPION = Ref("mlflow", Kind.MODEL, "fraud-detector")


@dataclass
class Scene:
    """A cluster, time that passes in it, and what is called how there."""

    settings: KubernetesSettings
    ground: Ground
    namespaces: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    real: bool = False
    hands: list[timedelta] = field(default_factory=list)

    async def workload(self, kind: str) -> tuple[Ground, str]:
        """Return where a workload of *kind* with several healthy revisions is, and its name."""
        if self.real:
            await released(self.ground, kind, 3)
            await self._serve(kind)
        return self._at(kind), self.names.get(kind, "web")

    async def stuck(self) -> tuple[Ground, str]:
        """Return a Deployment whose last release does not become ready."""
        if self.real:
            await self.ground.create("Deployment", workload("Deployment", replicas=4))
            await observed(self.ground, "Deployment", [1])
            await release(self.ground, "Deployment", template(2), "release 2")
            await observed(self.ground, "Deployment", [1, 2])
            await self._serve("Deployment")
            await release(self.ground, "Deployment", template(4, image=BAD), "bad one")
            await observed(self.ground, "Deployment", [1, 2, 3])
        return self._at("Deployment"), self.names.get("stuck", "web")

    async def cron_job(self) -> tuple[Ground, str]:
        if self.real:
            await self.ground.create("CronJob", cron_job())
        return self._at("CronJob"), self.names.get("CronJob", "train")

    async def pass_time(self, seconds: float) -> None:
        """Let time pass: the demo's by as much, a real one until its pods have what they need."""
        if self.real:
            await self.ground.put_pods(READY, "registry.example/web")
            await self.ground.put_pods({"phase": "Succeeded"}, "registry.example/train")
            await self.ground.put_pods(waiting("ImagePullBackOff"), BAD)
        else:
            self.hands.append(timedelta(seconds=max(seconds, 1)))

    async def _serve(self, kind: str) -> None:
        """Wait until the newest revision has replaced the others, and all is quiet."""

        async def look() -> dict[str, Any]:
            await self.pass_time(1)
            return await self.ground.get(kind, "web")

        await until(look, lambda seen: rollout_status(kind, to_struct(seen, V1Workload)).done)

    def _at(self, kind: str) -> Ground:
        namespace = self.namespaces.get(kind, self.ground.namespace)
        return Ground(self.settings, self.ground.client, self.ground.cluster, namespace)

    @asynccontextmanager
    async def source(self, settings: KubernetesSettings | None = None) -> AsyncIterator[Source]:
        ground = self.ground
        if settings is not None:
            ground = Ground(settings, ground.client, ground.cluster, ground.namespace)
        async with source_of(ground, self.pass_time) as source:
            yield source


@asynccontextmanager
async def demo_scene(folder: Path) -> AsyncIterator[Scene]:
    world, controllers = create_world(7, AT)
    hands: list[timedelta] = []
    app = build_app(world, controllers, lambda: AT + sum(hands, timedelta(0)))
    with serve_in_thread(app) as url:
        file = write_kubeconfig(folder, f"{url}/clusters/production-eu")
        settings = KubernetesSettings(kubeconfig=file)
        async with grounds(settings, "shop") as (ground,):
            yield Scene(
                settings,
                ground,
                {"StatefulSet": "payments", "DaemonSet": "platform", "CronJob": "ml"},
                {
                    "Deployment": "cart",
                    "StatefulSet": "ledger",
                    "DaemonSet": "log-agent",
                    "stuck": "checkout",
                    "CronJob": "drift-monitor",
                },
                hands=hands,
            )


@asynccontextmanager
async def real_scene() -> AsyncIterator[Scene]:
    settings = KubernetesSettings(kubeconfig=Path(REAL))
    async with grounds(settings, "") as (ground,):
        yield Scene(settings, ground, real=True)


def cron_job() -> dict[str, Any]:
    """Return a CronJob that trains, and never runs by itself."""
    env = [
        {"name": "WINDOW_DAYS", "value": "7"},
        {"name": "REPORT", "value": "full"},
        {"name": "API_TOKEN", "value": "canary-token"},
    ]
    container = {"name": "train", "image": "registry.example/train:1", "env": env}
    pod = {"restartPolicy": "Never", "containers": [container]}
    job = {"metadata": {"labels": {"app": "train"}}, "spec": {"template": {"spec": pod}}}
    return {
        "metadata": {"name": "train"},
        "spec": {"schedule": "0 0 1 1 *", "jobTemplate": job},
    }


def retraining(ground: Ground, recipe: dict[str, str], **values: str) -> Request:
    """Return a request to retrain a model by *recipe*."""
    told = {"namespace": ground.namespace, **recipe}
    return Request(action=RETRAIN, ref=CHAMPION, values=values, recipe=told)


async def some_pod(scene: Scene) -> tuple[Ground, str]:
    """Return where a pod of a Deployment is, and its name."""
    ground, name = await scene.workload("Deployment")
    pods = await until(lambda: ground.list("Pod"), lambda seen: seen)
    names = [pod["metadata"]["name"] for pod in pods]
    return ground, next(pod for pod in names if pod.startswith(f"{name}-"))


async def as_viewer(scene: Scene, folder: Path) -> KubernetesSettings:
    """Return the settings of somebody who may read everything of the scene, and change nothing."""
    (access,) = usable_clusters(scene.settings, FakeContext().host_environ)
    if scene.real:
        await _permit_reading(scene.ground)
    config = {
        "current-context": access.name,
        "clusters": [{"name": "c", "cluster": {**access.cluster, "server": access.server}}],
        "contexts": [{"name": access.name, "context": {"cluster": "c", "user": "viewer"}}],
        "users": [{"name": "viewer", "user": {**access.user, "as": VIEWER}}],
    }
    file = folder / "viewer"
    file.write_text(json.dumps(config))
    return KubernetesSettings(kubeconfig=file)


async def _permit_reading(ground: Ground) -> None:
    root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{ground.namespace}"
    groups = ["", "apps", "batch"]
    rule = {"apiGroups": groups, "resources": ["*"], "verbs": ["get", "list", "watch"]}
    role = {"metadata": {"name": "viewer"}, "rules": [rule]}
    group = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": "viewer"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "viewer"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": VIEWER}],
    }
    for path, body in (("roles", role), ("rolebindings", binding)):
        answer = await ground.client.post(f"{root}/{path}", json=body)
        assert answer.status_code == 201, answer.text
    who = {"Impersonate-User": VIEWER}

    async def look() -> int:  # a role takes a while to be known
        return (await ground.client.get(ground.path("CronJob"), headers=who)).status_code

    await until(look, lambda seen: seen == 200)


async def noted(scene: Scene, ref: Ref) -> dict[str, str]:
    """Return the values by which an edit gives *ref* an annotation of its own."""
    async with scene.source() as source:
        form = await source.form(Request(action="edit", ref=ref))
    head, _, rest = form.inputs[0].default.partition("metadata:\n")
    before = "  annotations:\n" if "  annotations:\n" in rest else ""
    edited = rest.replace(before, "  annotations:\n    note: hi\n", 1)
    return {"document": f"{head}metadata:\n{edited}"}
