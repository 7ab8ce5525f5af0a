"""Pod templates."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Final

from opsboard.demo.kubernetes.objects.metadata import Object
from opsboard.demo.world.clusters import SIDECARS, DemoRevision, DemoWorkload
from opsboard.demo.world.company import SERVICES, TEAMS, DemoWorkloadKind

APP = "app.kubernetes.io/name"
TEAM = "app.kubernetes.io/part-of"
MODEL_VARIABLE = "MODEL_URI"
INIT: Final[Mapping[str, tuple[str, ...]]] = {"ledger": ("migrate",)}
"""Init containers of workloads, by their names: each runs the image of the first container."""


def selector(workload: DemoWorkload) -> dict[str, str]:
    """Return the labels that all pods of *workload* have."""
    return {APP: workload.name}


def hash_label(workload: DemoWorkload, revision: DemoRevision) -> dict[str, str]:
    """Return the label that distinguishes the pods of *revision*."""
    if workload.kind is DemoWorkloadKind.DEPLOYMENT:
        return {"pod-template-hash": revision.hash}
    return {"controller-revision-hash": f"{workload.name}-{revision.hash}"}


def template(workload: DemoWorkload, revision: DemoRevision) -> Object:
    """Return the template of the pods of *revision*."""
    if revision.template is not None:
        return deepcopy(revision.template)
    labels = {**selector(workload), TEAM: workload.service.team}
    metadata: Object = {"creationTimestamp": None, "labels": labels}
    if revision.annotations:
        metadata["annotations"] = dict(revision.annotations)
    return {"metadata": metadata, "spec": pod_spec(workload, revision)}


def pod_spec(workload: DemoWorkload, revision: DemoRevision) -> Object:
    """Return the spec of a pod of *revision*."""
    if revision.template is not None:
        return deepcopy(revision.template["spec"])
    own = _container(workload, revision)
    beside = [_beside(own, name) for name in SIDECARS.get(workload.name, ())]
    before = [_beside(own, name) for name in INIT.get(workload.name, ())]
    return {
        **({"initContainers": before} if before else {}),
        "containers": [own, *beside],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": workload.name,
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }


def _beside(own: Object, name: str) -> Object:
    """Return a container called *name* of the image of *own*, whose ports it does not open."""
    kept = ("image", "imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy")
    return {"name": name, "args": [name], "resources": {}, **{key: own[key] for key in kept}}


def _variable(service: str) -> str:
    return f"{service.upper().replace('-', '_')}_URL"


def _port(service: str) -> int:
    return next(one.port for one in SERVICES if one.name == service)


def _container(workload: DemoWorkload, revision: DemoRevision) -> Object:
    variables = [{"name": "LOG_LEVEL", "value": "info"}]
    if revision.model:
        variables.append({"name": MODEL_VARIABLE, "value": f"models:/{revision.model}"})
    variables += [
        {"name": _variable(name), "value": f"http://{name}.{namespace}.svc:{_port(name)}"}
        for namespace, _, name in (one.partition("/") for one in workload.service.calls)
    ]
    config = {"configMapRef": {"name": f"{workload.name}-config"}}
    return {
        "name": workload.name,
        "image": revision.image,
        **({"envFrom": [config]} if workload.service.team in TEAMS else {}),
        "ports": [{"name": "http", "containerPort": workload.service.port, "protocol": "TCP"}],
        "env": variables,
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}},
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
