"""What the tests of acts have in common: a place to act in, workloads, and a quick context."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import uuid4

import httpx

from opsboard.adapter import (
    Permission,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    Request,
    Source,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import EPOCH, FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.actions.pod_template import without_generated
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.patience import PATIENCE

T = TypeVar("T")

NO_CLUSTER = ClusterConnection(
    cast("ClusterClient", None),
    ClusterContext("clusters", "test", "test", timedelta(0), lambda *_: ""),
    lambda: EPOCH,
)
"""The connection of an object of which nothing more is read."""

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
PLURALS = {
    "Deployment": "apis/apps/v1/{}/deployments",
    "StatefulSet": "apis/apps/v1/{}/statefulsets",
    "DaemonSet": "apis/apps/v1/{}/daemonsets",
    "ReplicaSet": "apis/apps/v1/{}/replicasets",
    "ControllerRevision": "apis/apps/v1/{}/controllerrevisions",
    "Pod": "api/v1/{}/pods",
    "Job": "apis/batch/v1/{}/jobs",
    "CronJob": "apis/batch/v1/{}/cronjobs",
}


class QuickContext(FakeContext):
    """A context whose pauses only let others go on: *passing* is what happens meanwhile."""

    def __init__(self, passing: Callable[[float], Awaitable[None]] | None = None) -> None:
        super().__init__("clusters")
        self._passing = passing

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.01)
        if self._passing is not None:
            await self._passing(seconds)


@dataclass(frozen=True)
class Ground:
    """A namespace of a cluster, as its administrator sees it."""

    settings: KubernetesSettings
    client: httpx.AsyncClient
    cluster: str
    namespace: str

    def path(self, kind: str, name: str = "") -> str:
        path = PLURALS[kind].format(f"namespaces/{self.namespace}")
        return f"{path}/{name}" if name else path

    def ref(self, kind: str, name: str) -> Ref:
        kinds = {"Pod": Kind.POD, "Job": Kind.JOB, "CronJob": Kind.CRON_JOB}
        told = name if kind in kinds else f"{kind}/{name}"
        return Ref(
            "clusters", kinds.get(kind, Kind.DEPLOYMENT), f"{self.cluster}/{self.namespace}/{told}"
        )

    async def get(self, kind: str, name: str = "") -> dict[str, Any]:
        return await self._ask("GET", self.path(kind, name))

    async def list(self, kind: str) -> list[dict[str, Any]]:
        return list((await self.get(kind)).get("items") or ())

    async def create(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._ask("POST", self.path(kind), json=body)

    async def patch(
        self, kind: str, name: str, body: Any, content_type: str = MERGE_PATCH
    ) -> dict[str, Any]:
        headers = {"Content-Type": content_type}
        return await self._ask("PATCH", self.path(kind, name), json=body, headers=headers)

    async def template(self, kind: str, name: str, template: Mapping[str, Any]) -> None:
        """Make *template* that of the workload."""
        body = [{"op": "replace", "path": "/spec/template", "value": template}]
        await self.patch(kind, name, body, JSON_PATCH)

    async def put_pods(self, status: Mapping[str, Any], choose: str = "") -> None:
        """Give all pods whose images hold *choose* that *status*."""
        for pod in await self.list("Pod"):
            if any(choose in c["image"] for c in pod["spec"]["containers"]):
                path = f"{self.path('Pod', pod['metadata']['name'])}/status"
                headers = {"Content-Type": STRATEGIC_PATCH}
                await self.client.patch(path, json={"status": status}, headers=headers)

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = await self.client.request(method, path, **more)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def grounds(settings: KubernetesSettings, *namespaces: str) -> AsyncIterator[list[Ground]]:
    """Yield what there is of *namespaces*; new ones are made for empty names."""
    (access,) = usable_clusters(settings, FakeContext().host_environ)
    async with open_cluster_client(access, FakeContext()) as api:
        client = api._client
        made = []
        try:
            for name in namespaces:
                namespace = name or f"opsboard-test-{uuid4().hex[:8]}"
                if not name:
                    await client.post("api/v1/namespaces", json={"metadata": {"name": namespace}})
                    made.append(namespace)
            names = [*filter(None, namespaces), *made]
            yield [Ground(settings, client, access.name, name) for name in names]
        finally:
            for namespace in made:
                await client.delete(f"api/v1/namespaces/{namespace}")


@asynccontextmanager
async def source_of(
    ground: Ground, passing: Callable[[float], Awaitable[None]] | None = None
) -> AsyncIterator[Source]:
    async with Kubernetes.connect(ground.settings, QuickContext(passing)) as source:
        yield source


async def until(look: Callable[[], Awaitable[T]], good: Callable[[T], object]) -> T:
    """Look again and again until what is seen is *good*; return it."""
    seen: Any = None
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                seen = await look()
                if good(seen):
                    return seen  # type: ignore[no-any-return]
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited in vain; last seen: {seen!r}") from None


async def plan(source: Source, action: str, ref: Ref, **values: str) -> Plan:
    return await source.plan(Request(action=action, ref=ref, values=values))


async def execute(source: Source, planned: Plan) -> Receipt:
    return await source.execute(planned, issue_permit(planned))


async def verdict(source: Source, planned: Plan, receipt: Receipt) -> Progress:
    """Follow to the end, and return that."""
    async with asyncio.timeout(PATIENCE):
        told = [progress async for progress in source.observe(planned, receipt)]
    assert [one for one in told if one.verdict] == told[-1:]
    return told[-1]


async def carried_out(source: Source, planned: Plan) -> None:
    """Carry *planned* out, and follow it to its success."""
    assert not planned.blockers, planned.blockers
    assert planned.permission is Permission.ALLOWED
    assert planned.dry_run == "accepted by the server"
    ended = await verdict(source, planned, await execute(source, planned))
    assert ended.verdict is Verdict.SUCCEEDED, ended
    assert (await source.reconcile(planned)).outcome is ReconcileOutcome.DONE


async def kubectl(settings: KubernetesSettings, namespace: str, *words: str) -> str:
    """Return what kubectl says; it has to be there."""
    found = shutil.which("kubectl")
    assert found, "kubectl has to be in PATH"
    process = await asyncio.create_subprocess_exec(
        *(found, "--kubeconfig", str(settings.kubeconfig), "-n", namespace, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, output.decode()
    return output.decode()


# --- workloads -----------------------------------------------------------------------------------


def template(number: int, **container: Any) -> dict[str, Any]:
    """Return a pod template; each *number* differs from the others in many ways."""
    env: list[dict[str, Any]] = [{"name": "LOG_LEVEL", "value": "info" if number % 2 else "debug"}]
    if number > 1:
        reference = {"secretKeyRef": {"name": "db", "key": "password"}}
        env.append({"name": "DB_PASSWORD", "valueFrom": reference})
    if number > 2:
        env = [{"name": "API_TOKEN", "value": f"canary-{number}"}, *env]
    main = {
        "name": "main",
        "image": f"registry.example/web:{number}",
        "env": env,
        "args": [f"--level={number}"],
        "resources": {"limits": {"memory": f"{number * 64}Mi"}},
        **container,
    }
    metadata: dict[str, Any] = {"labels": {"app": "web", f"only-{number}": "yes"}}
    if number == 2:
        main["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 8080}}
        metadata["annotations"] = {"example/note": "two"}
    spec: dict[str, Any] = {"containers": [main]}
    if number == 3:
        spec["containers"] = [main, {"name": "proxy", "image": "registry.example/proxy:3"}]
        spec["volumes"] = [{"name": "config", "configMap": {"name": "web"}}]
    return {"metadata": metadata, "spec": spec}


def workload(kind: str, **spec: Any) -> dict[str, Any]:
    """Return a workload ``web`` of template 1."""
    made: dict[str, Any] = {
        "metadata": {"name": "web", "annotations": {"kubernetes.io/change-cause": "release 1"}},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template(1), **spec},
    }
    if kind != "DaemonSet":
        made["spec"].setdefault("replicas", 2)
    if kind == "StatefulSet":
        made["spec"].update(serviceName="web", podManagementPolicy="Parallel")
    return made


async def revisions(ground: Ground, kind: str, name: str = "web") -> dict[int, dict[str, Any]]:
    """Return the pod templates of the revisions of a workload, by their number."""
    keeps = "ReplicaSet" if kind == "Deployment" else "ControllerRevision"
    found = {}
    for one in await ground.list(keeps):
        owners = [(it["kind"], it["name"]) for it in one["metadata"].get("ownerReferences") or ()]
        if owners == [(kind, name)]:
            found[_number(one)] = without_generated((one.get("data") or one)["spec"]["template"])
    return dict(sorted(found.items()))


def _number(one: Mapping[str, Any]) -> int:
    key = "deployment.kubernetes.io/revision"
    return int(one.get("revision") or (one["metadata"].get("annotations") or {}).get(key, 0))


async def released(ground: Ground, kind: str, count: int) -> None:
    """Make ``web`` with *count* revisions."""
    await ground.create(kind, workload(kind))
    for number in range(1, count + 1):
        if number > 1:
            await release(ground, kind, template(number), f"release {number}")
        await observed(ground, kind, list(range(1, number + 1)))


async def release(ground: Ground, kind: str, made: Mapping[str, Any], cause: str) -> None:
    """Make *made* the template of ``web``, and *cause* its reason.

    All at once: a controller gives a cause that comes first to the revision before.
    """
    body = [
        {"op": "add", "path": "/metadata/annotations/kubernetes.io~1change-cause", "value": cause},
        {"op": "replace", "path": "/spec/template", "value": made},
    ]
    await ground.patch(kind, "web", body, JSON_PATCH)


async def observed(ground: Ground, kind: str, numbers: list[int]) -> None:
    """Wait until there are revisions of just these *numbers*, and the controller rests."""
    await until(lambda: revisions(ground, kind), lambda seen: list(seen) == numbers)
    await at_rest(ground, kind, "web")


async def at_rest(ground: Ground, kind: str, name: str) -> None:
    """Wait until the controller has taken note of the last change of a workload.

    Its status is written once more for that: a plan made before may conflict, and read twice.
    """
    await until(lambda: ground.get(kind, name), _is_observed)


def _is_observed(item: Mapping[str, Any]) -> bool:
    generation: int = item["metadata"]["generation"]
    return bool(generation == (item.get("status") or {}).get("observedGeneration"))
