"""Workloads with their pods, and what the board is to say of each roll-out."""

from dataclasses import dataclass, field
from typing import Any

from opsboard.records import Status
from tests.adapters.kubernetes.pod_states import READY, STARTED, end, ended, pod, up, waits

Object = dict[str, Any]

SERVES = pod("Running", up(), on=READY)
STARTS = pod("Pending", waits("ContainerCreating"), on=STARTED)
CRASHES = pod("Running", waits("CrashLoopBackOff", restarts=3, last=end()), on=STARTED)
EVICTED = pod("Failed", reason="Evicted", message="The node was low on resource: memory.")
SHUT_DOWN = pod("Failed", reason="Terminated", message="Pod was terminated")
FAILED = pod("Failed", ended(1, "Error"))
DONE = pod("Succeeded", ended(0, "Completed"))

OLD, NEW = "web-111", "web-222"
NAMED = f'ReplicaSet "{NEW}" is progressing.'


@dataclass(frozen=True)
class Scene:
    """A workload with its pods: each is made of a template, and in a state."""

    expected: tuple[Status, str]
    pods: tuple[tuple[str, Object], ...]
    kind: str = "Deployment"
    spec: Object = field(default_factory=dict)
    status: Object = field(default_factory=dict)
    message: str = ""
    deleted: bool = False

    def workload(self) -> Object:
        """Return the workload; by default 1 of 2 pods is updated."""
        told: Object = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1}
        told |= {"readyReplicas": 2, "availableReplicas": 2, "updateRevision": NEW}
        told |= {"desiredNumberScheduled": 3, "updatedNumberScheduled": 1, "numberAvailable": 2}
        progressing = {"type": "Progressing", "status": "True", "message": self.message}
        strategy = {} if self.kind == "Deployment" else {"updateStrategy": ROLLING}
        return {
            "metadata": {
                "name": "web",
                "namespace": "shop",
                "generation": 2,
                "annotations": {"deprecated.daemonset.template.generation": NEW},
            },
            "spec": {"replicas": 2, **strategy, **self.spec},
            "status": {**told, "conditions": [progressing], **self.status},
        }

    def objects(self) -> list[Object]:
        """Return the pods."""
        return [self._pod(f"web-{n}", *told) for n, told in enumerate(self.pods)]

    def _pod(self, name: str, template: str, status: Object) -> Object:
        kind = "ReplicaSet" if self.kind == "Deployment" else self.kind
        owner = {"kind": kind, "name": template if kind == "ReplicaSet" else "web"}
        return {
            "metadata": {
                "name": name,
                "namespace": "shop",
                "creationTimestamp": "2026-11-01T00:00:00Z",
                "labels": {
                    "pod-template-hash": template.removeprefix("web-"),
                    "controller-revision-hash": template,
                    "pod-template-generation": template,
                },
                "ownerReferences": [{**owner, "controller": True}],
                **({"deletionTimestamp": "2026-11-26T00:00:00Z"} if self.deleted else {}),
            },
            "spec": {"containers": [{"name": "app"}]},
            "status": status,
        }


ROLLING: Object = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
BY_HAND: Object = {"updateStrategy": {"type": "OnDelete"}}
PROGRESSING = (Status.RUNNING, "Progressing")
FINE = (Status.OK, "")
COMPLETE: Object = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
NONE_UP: Object = {"readyReplicas": 0, "availableReplicas": 0}
LATE: Object = {
    "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
}

SCENES = {
    # a healthy Deployment, and who stayed behind
    "evicted long ago": Scene(
        FINE, ((NEW, SERVES), (NEW, SERVES), (NEW, EVICTED), (OLD, EVICTED)), status=COMPLETE
    ),
    "its node was shut down": Scene(
        FINE, ((NEW, SERVES), (NEW, SERVES), (NEW, SHUT_DOWN)), status=COMPLETE
    ),
    "ended and failed": Scene(
        FINE, ((NEW, SERVES), (NEW, SERVES), (NEW, FAILED), (NEW, DONE)), status=COMPLETE
    ),
    "one that lives crashes": Scene(
        (Status.WARNING, "CrashLoopBackOff"), ((NEW, SERVES), (NEW, CRASHES)), status=COMPLETE
    ),
    "one that ends crashes": Scene(
        FINE, ((NEW, CRASHES), (NEW, CRASHES)), status=COMPLETE, deleted=True
    ),
    # a roll-out under way, and what it replaces
    "the evicted of yore": Scene(
        PROGRESSING, ((OLD, SERVES), (OLD, SERVES), (NEW, STARTS), ("web-000", EVICTED))
    ),
    "the old ones crash": Scene(
        PROGRESSING, ((OLD, CRASHES), (OLD, CRASHES), (NEW, STARTS)), status=NONE_UP
    ),
    "one of the old ones crashes, as is named": Scene(
        PROGRESSING,
        ((OLD, CRASHES), (NEW, STARTS)),
        spec={"replicas": 1},
        status={"replicas": 2, **NONE_UP},
        message=NAMED,
    ),
    "the new one crashes": Scene(
        (Status.WARNING, "CrashLoopBackOff"), ((OLD, SERVES), (OLD, SERVES), (NEW, CRASHES))
    ),
    "the new one crashes, as is named": Scene(
        (Status.WARNING, "CrashLoopBackOff"), ((OLD, SERVES), (NEW, CRASHES)), message=NAMED
    ),
    "both crash": Scene(
        (Status.FAILED, "CrashLoopBackOff"),
        ((OLD, CRASHES), (OLD, CRASHES), (NEW, CRASHES)),
        status=NONE_UP,
    ),
    "the new one was evicted": Scene(
        PROGRESSING, ((OLD, SERVES), (OLD, SERVES), (NEW, STARTS), (NEW, EVICTED))
    ),
    "nothing new yet": Scene(
        PROGRESSING, ((OLD, CRASHES), (OLD, CRASHES)), status={"updatedReplicas": 0, **NONE_UP}
    ),
    "recreated": Scene(
        PROGRESSING,
        ((NEW, STARTS), ("web-000", EVICTED)),
        spec={"replicas": 1, "strategy": {"type": "Recreate"}},
        status={"replicas": 1, **NONE_UP},
    ),
    "late, and the old ones crash": Scene(
        (Status.FAILED, "ProgressDeadlineExceeded"),
        ((OLD, CRASHES), (OLD, CRASHES), (NEW, STARTS)),
        status=LATE,
    ),
    "late, for the new one crashes": Scene(
        (Status.FAILED, "CrashLoopBackOff"),
        ((OLD, SERVES), (OLD, SERVES), (NEW, CRASHES)),
        status=LATE,
    ),
    "paused, and what serves crashes": Scene(
        (Status.FAILED, "CrashLoopBackOff"),
        ((OLD, CRASHES), (OLD, CRASHES)),
        spec={"paused": True},
        status={"updatedReplicas": 0, **NONE_UP},
    ),
    # StatefulSets and DaemonSets
    "a set's old pod crashes": Scene(
        PROGRESSING, ((NEW, SERVES), (OLD, CRASHES)), "StatefulSet", status={"readyReplicas": 1}
    ),
    "a set's new pod crashes": Scene(
        (Status.WARNING, "CrashLoopBackOff"),
        ((OLD, SERVES), (NEW, CRASHES)),
        "StatefulSet",
        status={"readyReplicas": 1},
    ),
    "a set of old servers names no revision": Scene(
        (Status.WARNING, "CrashLoopBackOff"),
        ((OLD, SERVES), (OLD, CRASHES)),
        "StatefulSet",
        status={"readyReplicas": 1, "updateRevision": ""},
    ),
    "a set of old servers does not tell what is available": Scene(
        (Status.WARNING, "CrashLoopBackOff"),
        ((NEW, SERVES), (NEW, CRASHES)),
        "StatefulSet",
        status={"readyReplicas": 1, "availableReplicas": None},
    ),
    "a set that tells that none is available": Scene(
        (Status.FAILED, "CrashLoopBackOff"),
        ((NEW, SERVES), (NEW, CRASHES)),
        "StatefulSet",
        status={"readyReplicas": 1, "availableReplicas": 0},
    ),
    "an old pod below the partition crashes": Scene(
        (Status.WARNING, "CrashLoopBackOff"),
        ((OLD, CRASHES), (NEW, SERVES)),
        "StatefulSet",
        {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}},
        {"readyReplicas": 1},
    ),
    "an old pod above the partition crashes": Scene(
        PROGRESSING,
        ((OLD, SERVES), (OLD, CRASHES)),
        "StatefulSet",
        {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}},
        {"readyReplicas": 1, "updatedReplicas": 0},
    ),
    "nobody replaces what crashes": Scene(
        (Status.WARNING, "CrashLoopBackOff"),
        ((OLD, SERVES), (OLD, CRASHES)),
        "StatefulSet",
        BY_HAND,
        {"readyReplicas": 1},
    ),
    "a set's evicted pod": Scene(
        FINE, ((NEW, SERVES), (NEW, EVICTED)), "StatefulSet", BY_HAND, {"readyReplicas": 2}
    ),
    "an agent's old pod crashes": Scene(PROGRESSING, ((OLD, CRASHES), (NEW, SERVES)), "DaemonSet"),
    "an agent's new pod crashes": Scene(
        (Status.WARNING, "CrashLoopBackOff"), ((OLD, SERVES), (NEW, CRASHES)), "DaemonSet"
    ),
}
