"""Seeded worlds for the checks of whether a revision will start: sound ones, and each fault."""

import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

from opsboard.adapter import NotFound, StartReport
from opsboard_adapters.kubernetes.actions.pod_template import template_digest
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.resources import DEPLOYMENTS
from opsboard_adapters.kubernetes.revisions import WorkloadRevision
from opsboard_adapters.kubernetes.starting.checks import revision_checks
from tests.adapters.kubernetes.workload_setup import NO_CLUSTER

Object = dict[str, Any]
NAMESPACE = "shop"
CORE = f"/api/v1/namespaces/{NAMESPACE}"
LABELS = {"app": "web"}


@dataclass
class World:
    """The objects of a cluster by their paths, and the pod spec of an old revision."""

    objects: dict[str, Object] = field(default_factory=dict)
    lists: dict[str, list[Object]] = field(default_factory=dict)
    spec: Object = field(default_factory=dict)
    replicas: int = 3
    annotations: dict[str, str] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)

    async def get(self, path: str, **_: Any) -> Object:
        if path in self.failing:
            raise self.failing[path]
        if path not in self.objects:
            kind, name = path.rsplit("/", 2)[1:]
            raise NotFound(f'GET {path}: {kind} "{name}" not found')
        return self.objects[path]

    async def list_all(self, path: str, selector: Object | None = None) -> list[Object]:
        if path in self.failing:
            raise self.failing[path]
        return self.lists.get(path, [])

    @property
    def cluster(self) -> Any:
        return NO_CLUSTER.cluster

    def put(self, plural: str, name: str, **content: Any) -> None:
        self.objects[f"{CORE}/{plural}/{name}"] = {"metadata": {"name": name}, **content}

    async def reports(self) -> Sequence[StartReport]:
        """Return what all checks find of the old revision."""
        meta = {"labels": LABELS, "annotations": self.annotations}
        template = {"metadata": meta, "spec": self.spec}
        found = {"metadata": {"name": "web-1"}, "spec": {"template": template}}
        revision = WorkloadRevision(1, found, template_digest(template))
        return [await one.look() for one in revision_checks(self.target(), revision)]

    def target(self, more: Object | None = None) -> TargetObject:
        """Return the Deployment as it runs now, with *more* in its spec."""
        now = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web"}]}}
        item = {
            "metadata": {"name": "web", "namespace": NAMESPACE, "uid": "1"},
            "spec": {"replicas": self.replicas, "selector": {"matchLabels": LABELS},
                     "template": now, **(more or {})},
        }  # fmt: skip
        return TargetObject(cast("ClusterConnection", self), DEPLOYMENTS, item)


def secret(*keys: str) -> Object:
    """Return a Secret as it is read: its metadata alone, with the names of its fields."""
    owned: Object = {"f:data": {".": {}, **{f"f:{key}": {} for key in keys}}}
    return {"metadata": {"managedFields": [{"manager": "kubectl", "fieldsV1": owned}]}}


def node(name: str, **more: Any) -> Object:
    """Return a node that takes pods."""
    return {
        "metadata": {"name": name, "labels": {"disk": "ssd", **more.pop("labels", {})}},
        "spec": {"taints": more.pop("taints", []), **more},
        "status": {
            "allocatable": {"cpu": "4", "memory": "16Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def sound(seed: int) -> World:
    """Return a world in which the old revision starts."""
    rng = random.Random(seed)
    world = World(replicas=rng.randint(1, 6))
    keys = [f"KEY_{at}" for at in range(rng.randint(1, 4))]
    world.put("configmaps", "settings", data=dict.fromkeys(keys, "1"))
    world.objects[f"{CORE}/secrets/db"] = secret("password", "user")
    world.put("serviceaccounts", "web", imagePullSecrets=[{"name": "pull"}])
    world.put("secrets", "pull")
    world.put("persistentvolumeclaims", "data", status={"phase": "Bound"})
    world.objects["/apis/scheduling.k8s.io/v1/priorityclasses/high"] = {"metadata": {}}
    world.spec = {
        "serviceAccountName": "web",
        "containers": [_container(rng, keys)],
        "volumes": _volumes(rng),
    }
    if rng.random() < 0.5:
        world.spec["priorityClassName"] = "high"
    if rng.random() < 0.5:
        world.spec["initContainers"] = [{"name": "migrate", "image": "r.example/shop/web:1",
                                         "resources": {"requests": {"cpu": "100m",
                                                                    "memory": "64Mi"},
                                                       "limits": {"memory": "64Mi"}}}]  # fmt: skip
    if rng.random() < 0.5:
        world.spec["nodeSelector"] = {"disk": "ssd"}
    if rng.random() < 0.5:
        world.spec["tolerations"] = [{"key": "gpu", "operator": "Exists"}]
    taints = [{"key": "gpu", "value": "true", "effect": "NoSchedule"}]
    world.lists["/api/v1/nodes"] = [
        node("a"),
        node("b", taints=taints),
        node("c", unschedulable=True),
    ]
    if rng.random() < 0.6:
        hard = {"requests.cpu": "20", "requests.memory": "64Gi", "pods": "40"}
        used = {"requests.cpu": "4", "requests.memory": "8Gi", "pods": "12"}
        world.lists[f"{CORE}/resourcequotas"] = [quota(hard, used)]
    if rng.random() < 0.5:
        limits = [{"type": "Container", "max": {"memory": "8Gi"}, "min": {"cpu": "10m"}}]
        world.lists[f"{CORE}/limitranges"] = [{"metadata": {"name": "lim"},
                                               "spec": {"limits": limits}}]  # fmt: skip
    return world


def _container(rng: random.Random, keys: Sequence[str]) -> Object:
    reference = {"name": "settings", "key": rng.choice(keys)}
    gone = {"name": "nowhere", "key": "x", "optional": True}
    return {
        "name": "web",
        "image": "r.example/shop/web:1",
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
        "env": [
            {"name": "A", "valueFrom": {"configMapKeyRef": reference}},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
            {"name": "C", "valueFrom": {"configMapKeyRef": gone}},
        ],
        "envFrom": [{"configMapRef": {"name": "settings"}},
                    {"secretRef": {"name": "gone-too", "optional": True}}],
    }  # fmt: skip


def _volumes(rng: random.Random) -> list[Object]:
    items = [{"key": "user", "path": "user"}]
    projected = {"sources": [{"secret": {"name": "db", "items": items}}]}
    volumes: list[Object] = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "both", "projected": projected},
        {"name": "maybe", "configMap": {"name": "absent", "optional": True}},
    ]
    return rng.sample(volumes, rng.randint(1, 3))


def quota(hard: Object, used: Object, **spec: Any) -> Object:
    """Return a quota with what is used of it."""
    status = {"hard": hard, "used": used}
    return {"metadata": {"name": "team"}, "spec": {"hard": hard, **spec}, "status": status}


# --- faults --------------------------------------------------------------------------------------


def _drop(*paths: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        for path in paths:
            del world.objects[path]

    return change


def _key_gone(world: World) -> None:
    world.objects[f"{CORE}/configmaps/settings"]["data"] = {"OTHER": "1"}


def _secret_key_gone(world: World) -> None:
    world.objects[f"{CORE}/secrets/db"] = secret("user")


def _claim(phase: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.spec["volumes"] = [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
        if phase:
            world.put("persistentvolumeclaims", "data", status={"phase": phase})
        else:
            del world.objects[f"{CORE}/persistentvolumeclaims/data"]

    return change


def _priority_gone(world: World) -> None:
    world.spec["priorityClassName"] = "highest"


def _no_quota_left(world: World) -> None:
    hard, used = {"requests.cpu": "4"}, {"requests.cpu": "4"}
    world.lists[f"{CORE}/resourcequotas"] = [quota(hard, used)]


def _quota_wants_limits(world: World) -> None:
    hard, used = {"limits.cpu": "40"}, {"limits.cpu": "0"}
    world.lists[f"{CORE}/resourcequotas"] = [quota(hard, used)]


def _limited(world: World) -> None:
    limits = [{"type": "Container", "max": {"memory": "512Mi"}}]
    world.lists[f"{CORE}/limitranges"] = [{"metadata": {"name": "lim"}, "spec": {"limits": limits}}]


def _too_large(world: World) -> None:
    world.lists.pop(f"{CORE}/limitranges", None)
    world.lists.pop(f"{CORE}/resourcequotas", None)
    world.spec["containers"][0]["resources"] = {"requests": {"memory": "64Gi"}}


def _elsewhere(world: World) -> None:
    world.spec["nodeSelector"] = {"disk": "nvme"}


def _all_tainted(world: World) -> None:
    world.spec["tolerations"] = []
    taints = [{"key": "drain", "effect": "NoExecute"}]
    world.lists["/api/v1/nodes"] = [node("a", taints=taints), node("b", taints=taints)]


FAULTS: dict[str, tuple[str, Callable[[World], None]]] = {
    "config map gone": ("ConfigMap settings is needed", _drop(f"{CORE}/configmaps/settings")),
    "secret gone": ("Secret db is needed", _drop(f"{CORE}/secrets/db")),
    "key gone": ("ConfigMap settings has no key", _key_gone),
    "secret key gone": ("Secret db has no key password", _secret_key_gone),
    "account gone": ("ServiceAccount web is needed", _drop(f"{CORE}/serviceaccounts/web")),
    "claim gone": ("PersistentVolumeClaim data is needed", _claim("")),
    "claim lost": ("PersistentVolumeClaim data has lost", _claim("Lost")),
    "priority gone": ("PriorityClass highest is needed", _priority_gone),
    "quota": ("quota team does not admit", _no_quota_left),
    "quota wants limits": ("quota team wants limits.cpu", _quota_wants_limits),
    "limit range": ("limit range lim refuses", _limited),
    "too large": ("no node can take its pods", _too_large),
    "elsewhere": ("without disk=nvme", _elsewhere),
    "tainted": ("tainted drain:NoExecute", _all_tainted),
}


def broken(seed: int) -> tuple[str, World]:
    """Return a world with one fault, and what has to be said of it."""
    names = sorted(FAULTS)
    expected, fault = FAULTS[names[seed % len(names)]]
    world = deepcopy(sound(seed))
    fault(world)
    return expected, world
