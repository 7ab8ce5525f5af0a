"""Pods."""

from datetime import timedelta
from typing import Any, Final

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.batch import job_pod_spec, job_reference
from opsboard.demo.kubernetes.objects.metadata import (
    Object,
    condition,
    new_object,
    owner_reference,
    stamp,
)
from opsboard.demo.kubernetes.objects.pod_template import hash_label, pod_spec, template
from opsboard.demo.kubernetes.objects.workloads import reference_to
from opsboard.demo.world.clusters import DemoJob, DemoPod, DemoPodState
from opsboard.demo.world.company import DemoWorkloadKind

PHASES: Final = {
    DemoPodState.PENDING: "Pending",
    DemoPodState.UNSCHEDULABLE: "Pending",
    DemoPodState.CREATING: "Pending",
    DemoPodState.PULL_FAILED: "Pending",
    DemoPodState.SUCCEEDED: "Succeeded",
    DemoPodState.FAILED: "Failed",
}
_UNPLACED: Final = frozenset({DemoPodState.PENDING, DemoPodState.UNSCHEDULABLE})


def pod_object(pod: DemoPod) -> Object:
    """Return the object of *pod*."""
    made = new_object(
        resources.PODS,
        pod.name,
        pod.namespace,
        pod.uid,
        pod.created_at,
        labels=_labels(pod),
        annotations=_annotations(pod),
        owner=_owner(pod),
    )
    if pod.state is DemoPodState.TERMINATING:
        made["metadata"]["deletionTimestamp"] = stamp(pod.since + timedelta(seconds=30))
        made["metadata"]["deletionGracePeriodSeconds"] = 30
    made["spec"] = _spec(pod)
    if pod.state not in _UNPLACED:
        made["spec"]["nodeName"] = pod.node
    made["status"] = _status(pod)
    return made


def _labels(pod: DemoPod) -> dict[str, str]:
    if isinstance(pod.owner, DemoJob) or pod.revision is None:
        own = {"batch.kubernetes.io/job-name": pod.owner.name, "job-name": pod.owner.name}
        return {**own, "batch.kubernetes.io/controller-uid": pod.owner.uid}
    labels: dict[str, str] = template(pod.owner, pod.revision)["metadata"]["labels"]
    if pod.owner.kind is DemoWorkloadKind.DAEMON_SET:
        labels["pod-template-generation"] = str(pod.revision.number)
    return {**labels, **hash_label(pod.owner, pod.revision)}


def _annotations(pod: DemoPod) -> dict[str, str] | None:
    if isinstance(pod.owner, DemoJob) or pod.revision is None:
        return None
    found: dict[str, str] | None = template(pod.owner, pod.revision)["metadata"].get("annotations")
    return found


def _owner(pod: DemoPod) -> Object:
    if isinstance(pod.owner, DemoJob):
        return job_reference(pod.owner)
    if pod.owner.kind is DemoWorkloadKind.DEPLOYMENT and pod.revision is not None:
        name = f"{pod.owner.name}-{pod.revision.hash}"
        return owner_reference("apps/v1", "ReplicaSet", name, pod.revision.uid)
    return reference_to(pod.owner)


def _spec(pod: DemoPod) -> Object:
    if isinstance(pod.owner, DemoJob) or pod.revision is None:
        return _task_spec(pod)
    return pod_spec(pod.owner, pod.revision)


def _task_spec(pod: DemoPod) -> Object:
    order = pod.owner.request if isinstance(pod.owner, DemoJob) else None
    if order is None:
        return job_pod_spec(pod.owner.name, pod.image)
    return dict(order.spec["template"]["spec"])


def _status(pod: DemoPod) -> Object:
    status: Object = {
        "phase": PHASES.get(pod.state, "Running"),
        "conditions": _conditions(pod),
        "qosClass": "Burstable",
    }
    if pod.state in _UNPLACED:
        return status
    return {
        **status,
        "hostIP": "192.0.2.10",
        "podIP": pod.ip,
        "podIPs": [{"ip": pod.ip}],
        "startTime": stamp(pod.created_at),
        **_container_statuses(pod),
    }


def container_names(pod: DemoPod) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the init containers of *pod*, and of the others: its own one first."""
    spec = _spec(pod)
    init, others = (spec.get(key) or () for key in ("initContainers", "containers"))
    return tuple(one["name"] for one in init), tuple(one["name"] for one in others)


def _container_statuses(pod: DemoPod) -> Object:
    init, (_, *beside) = container_names(pod)
    own = _container(pod)
    statuses: Object = {"containerStatuses": [own, *(_beside(pod, own, one) for one in beside)]}
    if init:
        statuses["initContainerStatuses"] = [_done(pod, own, name) for name in init]
    return statuses


def _beside(pod: DemoPod, own: Object, name: str) -> Object:
    """Return the status of a container that runs beside the *own* one, and does not crash."""
    runs = {"running": {"startedAt": stamp(pod.created_at)}}
    state = own["state"] if pod.state in _UNSTARTED or PHASES.get(pod.state) else runs
    ready = "running" in state
    return {**own, "name": name, "ready": ready, "started": ready, "restartCount": 0,
            "state": state, "lastState": {}}  # fmt: skip


def _done(pod: DemoPod, own: Object, name: str) -> Object:
    """Return the status of an init container, which has done its work where the pod has begun."""
    waits = pod.state is DemoPodState.PULL_FAILED
    end = {**_end(pod, failed=False), "finishedAt": stamp(pod.created_at + timedelta(seconds=2))}
    state = own["state"] if waits else {"terminated": end}
    return {**own, "name": name, "ready": not waits, "started": False, "restartCount": 0,
            "state": state, "lastState": {}}  # fmt: skip


def _conditions(pod: DemoPod) -> list[Object]:
    if pod.state is DemoPodState.PENDING:
        return []
    if pod.state is DemoPodState.UNSCHEDULABLE:
        message = f"0/{len(pod.cluster.nodes)} nodes are available: Insufficient memory."
        return [
            condition(
                "PodScheduled",
                holds=False,
                at=pod.since,
                reason="Unschedulable",
                message=message,
            )
        ]
    unready: dict[str, str] = {} if pod.ready else {"reason": _unready_reason(pod)}
    return [
        condition("Initialized", holds=True, at=pod.created_at),
        condition("Ready", holds=pod.ready, at=pod.ready_at or pod.since, **unready),
        condition("ContainersReady", holds=pod.ready, at=pod.ready_at or pod.since, **unready),
        condition("PodScheduled", holds=True, at=pod.created_at),
    ]


def _unready_reason(pod: DemoPod) -> str:
    return "PodCompleted" if pod.state is DemoPodState.SUCCEEDED else "ContainersNotReady"


def _container(pod: DemoPod) -> Object:
    return {
        "name": _container_name(pod),
        "image": pod.image,
        "imageID": "" if pod.state in _UNSTARTED else f"{pod.image.split(':')[0]}@{pod.digest}",
        "ready": pod.ready,
        "started": pod.state in {DemoPodState.STARTING, DemoPodState.READY},
        "restartCount": pod.restarts,
        "state": _container_state(pod),
        "lastState": {"terminated": _crash(pod)} if pod.restarts else {},
    }


_UNSTARTED: Final = frozenset({DemoPodState.CREATING, DemoPodState.PULL_FAILED})


def _container_name(pod: DemoPod) -> str:
    return "task" if isinstance(pod.owner, DemoJob) else pod.owner.name


def _container_state(pod: DemoPod) -> dict[str, Any]:
    if pod.state is DemoPodState.CREATING:
        return {"waiting": {"reason": "ContainerCreating"}}
    if pod.state is DemoPodState.PULL_FAILED:
        message = f'Back-off pulling image "{pod.image}"'
        return {"waiting": {"reason": "ImagePullBackOff", "message": message}}
    if pod.state is DemoPodState.CRASHED:
        message = f"back-off restarting failed container={_container_name(pod)} pod={pod.name}"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    if pod.state in {DemoPodState.SUCCEEDED, DemoPodState.FAILED}:
        return {"terminated": _end(pod, failed=pod.state is DemoPodState.FAILED)}
    return {"running": {"startedAt": stamp(pod.created_at if not pod.restarts else pod.since)}}


def _end(pod: DemoPod, *, failed: bool) -> Object:
    return {
        "exitCode": 1 if failed else 0,
        "reason": "Error" if failed else "Completed",
        "startedAt": stamp(pod.created_at),
        "finishedAt": stamp(pod.since),
        "containerID": f"containerd://{pod.uid.replace('-', '')}",
    }


def _crash(pod: DemoPod) -> Object:
    return {
        "exitCode": 2,
        "reason": "Error",
        "startedAt": stamp(pod.since - timedelta(seconds=3)),
        "finishedAt": stamp(pod.since),
        "containerID": f"containerd://{pod.uid.replace('-', '')}",
    }
