"""Pods."""

from datetime import timedelta
from typing import Any, Final

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.render.batch import task_reference, task_spec
from opsboard.demo.kubernetes.render.meta import Object, condition, new, owner_reference, stamp
from opsboard.demo.kubernetes.render.templates import hash_label, pod_spec, template
from opsboard.demo.kubernetes.render.workloads import reference_to
from opsboard.demo.world.clusters import Pod, PodState, Task
from opsboard.demo.world.company import WorkloadKind

PHASES: Final = {
    PodState.PENDING: "Pending",
    PodState.UNSCHEDULABLE: "Pending",
    PodState.CREATING: "Pending",
    PodState.PULL_FAILED: "Pending",
    PodState.SUCCEEDED: "Succeeded",
    PodState.FAILED: "Failed",
}
_UNPLACED: Final = frozenset({PodState.PENDING, PodState.UNSCHEDULABLE})


def pod_object(pod: Pod) -> Object:
    """Return the object of *pod*."""
    made = new(
        resources.PODS,
        pod.name,
        pod.namespace,
        pod.uid,
        pod.created_at,
        labels=_labels(pod),
        annotations=_annotations(pod),
        owner=_owner(pod),
    )
    if pod.state is PodState.TERMINATING:
        made["metadata"]["deletionTimestamp"] = stamp(pod.since + timedelta(seconds=30))
        made["metadata"]["deletionGracePeriodSeconds"] = 30
    made["spec"] = _spec(pod)
    if pod.state not in _UNPLACED:
        made["spec"]["nodeName"] = pod.node
    made["status"] = _status(pod)
    return made


def _labels(pod: Pod) -> dict[str, str]:
    if isinstance(pod.owner, Task) or pod.revision is None:
        own = {"batch.kubernetes.io/job-name": pod.owner.name, "job-name": pod.owner.name}
        return {**own, "batch.kubernetes.io/controller-uid": pod.owner.uid}
    labels: dict[str, str] = template(pod.owner, pod.revision)["metadata"]["labels"]
    return {**labels, **hash_label(pod.owner, pod.revision)}


def _annotations(pod: Pod) -> dict[str, str] | None:
    if isinstance(pod.owner, Task) or pod.revision is None:
        return None
    found: dict[str, str] | None = template(pod.owner, pod.revision)["metadata"].get("annotations")
    return found


def _owner(pod: Pod) -> Object:
    if isinstance(pod.owner, Task):
        return task_reference(pod.owner)
    if pod.owner.kind is WorkloadKind.DEPLOYMENT and pod.revision is not None:
        name = f"{pod.owner.name}-{pod.revision.digest}"
        return owner_reference("apps/v1", "ReplicaSet", name, pod.revision.uid)
    return reference_to(pod.owner)


def _spec(pod: Pod) -> Object:
    if isinstance(pod.owner, Task) or pod.revision is None:
        return _task_spec(pod)
    return pod_spec(pod.owner, pod.revision)


def _task_spec(pod: Pod) -> Object:
    order = pod.owner.order if isinstance(pod.owner, Task) else None
    if order is None:
        return task_spec(pod.owner.name, pod.image)
    return dict(order.spec["template"]["spec"])


def _status(pod: Pod) -> Object:
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
        "containerStatuses": [_container(pod)],
    }


def _conditions(pod: Pod) -> list[Object]:
    if pod.state is PodState.PENDING:
        return []
    if pod.state is PodState.UNSCHEDULABLE:
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


def _unready_reason(pod: Pod) -> str:
    return "PodCompleted" if pod.state is PodState.SUCCEEDED else "ContainersNotReady"


def _container(pod: Pod) -> Object:
    return {
        "name": _container_name(pod),
        "image": pod.image,
        "imageID": ""
        if pod.state in _UNSTARTED
        else f"{pod.image.split(':')[0]}@sha256:{'0' * 64}",
        "ready": pod.ready,
        "started": pod.state in {PodState.STARTING, PodState.READY},
        "restartCount": pod.restarts,
        "state": _container_state(pod),
        "lastState": {"terminated": _crash(pod)} if pod.restarts else {},
    }


_UNSTARTED: Final = frozenset({PodState.CREATING, PodState.PULL_FAILED})


def _container_name(pod: Pod) -> str:
    return "task" if isinstance(pod.owner, Task) else pod.owner.name


def _container_state(pod: Pod) -> dict[str, Any]:
    if pod.state is PodState.CREATING:
        return {"waiting": {"reason": "ContainerCreating"}}
    if pod.state is PodState.PULL_FAILED:
        message = f'Back-off pulling image "{pod.image}"'
        return {"waiting": {"reason": "ImagePullBackOff", "message": message}}
    if pod.state is PodState.CRASHED:
        message = f"back-off restarting failed container={_container_name(pod)} pod={pod.name}"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    if pod.state in {PodState.SUCCEEDED, PodState.FAILED}:
        return {"terminated": _end(pod, failed=pod.state is PodState.FAILED)}
    return {"running": {"startedAt": stamp(pod.created_at if not pod.restarts else pod.since)}}


def _end(pod: Pod, *, failed: bool) -> Object:
    return {
        "exitCode": 1 if failed else 0,
        "reason": "Error" if failed else "Completed",
        "startedAt": stamp(pod.created_at),
        "finishedAt": stamp(pod.since),
        "containerID": f"containerd://{pod.uid.replace('-', '')}",
    }


def _crash(pod: Pod) -> Object:
    return {
        "exitCode": 2,
        "reason": "Error",
        "startedAt": stamp(pod.since - timedelta(seconds=3)),
        "finishedAt": stamp(pod.since),
        "containerID": f"containerd://{pod.uid.replace('-', '')}",
    }
