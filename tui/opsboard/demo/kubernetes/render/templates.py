"""Pod templates."""

from copy import deepcopy

from opsboard.demo.kubernetes.render.meta import Object
from opsboard.demo.world.clusters import Revision, Workload
from opsboard.demo.world.company import WorkloadKind

APP = "app.kubernetes.io/name"
TEAM = "app.kubernetes.io/part-of"
MODEL_VARIABLE = "MODEL_URI"


def selector(workload: Workload) -> dict[str, str]:
    """Return the labels that all pods of *workload* have."""
    return {APP: workload.name}


def hash_label(workload: Workload, revision: Revision) -> dict[str, str]:
    """Return the label by which the pods of *revision* are told apart."""
    if workload.kind is WorkloadKind.DEPLOYMENT:
        return {"pod-template-hash": revision.digest}
    return {"controller-revision-hash": f"{workload.name}-{revision.digest}"}


def template(workload: Workload, revision: Revision) -> Object:
    """Return the template of the pods of *revision*."""
    if revision.template is not None:
        return deepcopy(revision.template)
    labels = {**selector(workload), TEAM: workload.service.team}
    metadata: Object = {"creationTimestamp": None, "labels": labels}
    if revision.annotations:
        metadata["annotations"] = dict(revision.annotations)
    return {"metadata": metadata, "spec": pod_spec(workload, revision)}


def pod_spec(workload: Workload, revision: Revision) -> Object:
    """Return the specification of a pod of *revision*."""
    if revision.template is not None:
        return deepcopy(revision.template["spec"])
    return {
        "containers": [_container(workload, revision)],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": workload.name,
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }


def _container(workload: Workload, revision: Revision) -> Object:
    variables = [{"name": "LOG_LEVEL", "value": "info"}]
    if revision.model:
        variables.append({"name": MODEL_VARIABLE, "value": f"models:/{revision.model}"})
    return {
        "name": workload.name,
        "image": revision.image,
        "ports": [{"name": "http", "containerPort": workload.service.port, "protocol": "TCP"}],
        "env": variables,
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}},
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
