"""Deployments, StatefulSets, DaemonSets, and their revisions."""

from math import ceil

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import (
    Object,
    condition,
    new_object,
    owner_reference,
    stamp,
)
from opsboard.demo.kubernetes.objects.pod_template import hash_label, selector, template
from opsboard.demo.kubernetes.resources import FakeApiResource
from opsboard.demo.world.clusters import DemoRevision, DemoWorkload
from opsboard.demo.world.company import DemoWorkloadKind
from opsboard.demo.world.rollouts import PROGRESS_DEADLINE

RESOURCE_OF = {
    DemoWorkloadKind.DEPLOYMENT: resources.DEPLOYMENTS,
    DemoWorkloadKind.STATEFUL_SET: resources.STATEFUL_SETS,
    DemoWorkloadKind.DAEMON_SET: resources.DAEMON_SETS,
}
CHANGE_CAUSE = "kubernetes.io/change-cause"
REVISION = "deployment.kubernetes.io/revision"
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def workload_object(workload: DemoWorkload) -> Object:
    """Return the object of *workload* itself."""
    annotations = dict(workload.annotations)
    if workload.wanted_revision.cause:
        annotations[CHANGE_CAUSE] = workload.wanted_revision.cause
    if workload.kind is DemoWorkloadKind.DEPLOYMENT:
        annotations[REVISION] = str(workload.wanted_revision.number)
    if workload.kind is DemoWorkloadKind.DAEMON_SET:
        annotations[TEMPLATE_GENERATION] = str(workload.wanted_revision.number)
    made = new_object(
        RESOURCE_OF[workload.kind],
        workload.name,
        workload.namespace,
        workload.uid,
        workload.created_at,
        labels={**selector(workload), **workload.labels},
        annotations=annotations,
        generation=workload.generation,
    )
    made["metadata"]["managedFields"] = [_templated(workload)]
    if workload.scale_manager:
        made["metadata"]["managedFields"].append(_scaled(workload.scale_manager))
    fill = {
        DemoWorkloadKind.DEPLOYMENT: _deployment,
        DemoWorkloadKind.STATEFUL_SET: _stateful_set,
        DemoWorkloadKind.DAEMON_SET: _daemon_set,
    }[workload.kind]
    fill(workload, made)
    return made


def _templated(workload: DemoWorkload) -> Object:
    """Return the ``managedFields`` entry of who has set the pod template."""
    return {
        "manager": workload.template_manager,
        "operation": "Update",
        "apiVersion": "apps/v1",
        "time": stamp(workload.progressed_at or workload.created_at),
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {}}}}},
    }


def _scaled(manager: str) -> Object:
    """Return the ``managedFields`` entry of who has set the number of replicas."""
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:replicas": {}}},
        "subresource": "scale",
    }


def revision_objects(workload: DemoWorkload) -> list[tuple[FakeApiResource, Object]]:
    """Return the ReplicaSets or ControllerRevisions of *workload*."""
    if workload.kind is DemoWorkloadKind.DEPLOYMENT:
        return [
            (resources.REPLICA_SETS, _replica_set(workload, revision))
            for revision in workload.revisions
        ]
    return [
        (resources.CONTROLLER_REVISIONS, _controller_revision(workload, revision))
        for revision in workload.revisions
    ]


def reference_to(workload: DemoWorkload) -> Object:
    """Return the owner reference to *workload*."""
    return owner_reference("apps/v1", workload.kind.value, workload.name, workload.uid)


def _counts(workload: DemoWorkload) -> tuple[int, int, int]:
    """Return how many pods there are, how many of them are updated, and how many ready."""
    pods = list(workload.live_pods())
    updated = sum(pod.revision is workload.wanted_revision for pod in pods)
    return len(pods), updated, sum(pod.ready for pod in pods)


def _deployment(workload: DemoWorkload, made: Object) -> None:
    total, updated, ready = _counts(workload)
    made["spec"] = {
        "replicas": workload.replicas,
        "selector": {"matchLabels": selector(workload)},
        "template": template(workload, workload.wanted_revision),
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
        },
        "revisionHistoryLimit": 8,
        "progressDeadlineSeconds": int(PROGRESS_DEADLINE.total_seconds()),
        **({"paused": True} if workload.paused else {}),
    }
    counts = {
        "replicas": total,
        "updatedReplicas": updated,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": max(workload.replicas + _surge(workload, total) - ready, 0),
    }
    made["status"] = {
        "observedGeneration": workload.generation,
        **{name: count for name, count in counts.items() if count},
        "conditions": [_available(workload, ready), _progressing(workload)],
    }


def _surge(workload: DemoWorkload, total: int) -> int:
    return max(total - workload.replicas, 0)


def _available(workload: DemoWorkload, ready: int) -> Object:
    if ready >= workload.replicas - workload.replicas // 4:
        return condition(
            "Available",
            holds=True,
            at=workload.created_at,
            reason="MinimumReplicasAvailable",
            message="Deployment has minimum availability.",
        )
    return condition(
        "Available",
        holds=False,
        at=workload.progressed_at,
        reason="MinimumReplicasUnavailable",
        message="Deployment does not have minimum availability.",
    )


def _progressing(workload: DemoWorkload) -> Object:
    name = f'ReplicaSet "{workload.name}-{workload.wanted_revision.hash}"'
    if workload.stuck:
        reason, message = "ProgressDeadlineExceeded", f"{name} has timed out progressing."
    elif workload.complete:
        reason, message = "NewReplicaSetAvailable", f"{name} has successfully progressed."
    elif workload.paused:
        reason, message = "DeploymentPaused", "Deployment is paused"
    else:
        reason, message = "ReplicaSetUpdated", f"{name} is progressing."
    at = workload.progressed_at
    made = condition("Progressing", holds=not workload.stuck, at=at, reason=reason, message=message)
    return {**made, "lastUpdateTime": stamp(at)}


def _stateful_set(workload: DemoWorkload, made: Object) -> None:
    total, updated, ready = _counts(workload)
    newest = f"{workload.name}-{workload.wanted_revision.hash}"
    running = newest if workload.complete else _before(workload)
    made["spec"] = {
        "replicas": workload.replicas,
        "selector": {"matchLabels": selector(workload)},
        "template": template(workload, workload.wanted_revision),
        "serviceName": workload.name,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "revisionHistoryLimit": 8,
    }
    made["status"] = {
        "observedGeneration": workload.generation,
        "replicas": total,
        "readyReplicas": ready,
        "availableReplicas": ready,
        "currentReplicas": updated if running == newest else total - updated,
        "updatedReplicas": updated,
        "currentRevision": running,
        "updateRevision": newest,
        "collisionCount": 0,
    }


def _before(workload: DemoWorkload) -> str:
    """Return the name of the revision that the roll-out comes from."""
    old = [pod.revision for pod in workload.pods if pod.revision is not workload.wanted_revision]
    revision = old[0] if old and old[0] is not None else workload.wanted_revision
    return f"{workload.name}-{revision.hash}"


def _daemon_set(workload: DemoWorkload, made: Object) -> None:
    total, updated, ready = _counts(workload)
    desired = len(workload.cluster.nodes)
    made["spec"] = {
        "selector": {"matchLabels": selector(workload)},
        "template": template(workload, workload.wanted_revision),
        "updateStrategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
        },
        "revisionHistoryLimit": 8,
    }
    made["status"] = {
        "currentNumberScheduled": total,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": desired,
        "numberReady": ready,
        "observedGeneration": workload.generation,
        "updatedNumberScheduled": updated,
        "numberAvailable": ready,
        **({"numberUnavailable": desired - ready} if ready < desired else {}),
    }


def _replica_set(workload: DemoWorkload, revision: DemoRevision) -> Object:
    pods = list(workload.live_pods(revision))
    ready = sum(pod.ready for pod in pods)
    labels = {**selector(workload), **hash_label(workload, revision)}
    annotations = {
        **(revision.workload_annotations or workload.annotations),
        "deployment.kubernetes.io/desired-replicas": str(workload.replicas),
        "deployment.kubernetes.io/max-replicas": str(
            workload.replicas + ceil(workload.replicas / 4)
        ),
        REVISION: str(revision.number),
    }
    if revision.cause:
        annotations[CHANGE_CAUSE] = revision.cause
    made = new_object(
        resources.REPLICA_SETS,
        f"{workload.name}-{revision.hash}",
        workload.namespace,
        revision.uid,
        revision.created_at,
        labels=labels,
        annotations=annotations,
        owner=reference_to(workload),
        generation=1,
    )
    pod_template = template(workload, revision)
    pod_template["metadata"]["labels"].update(hash_label(workload, revision))
    made["spec"] = {
        "replicas": len(pods),
        "selector": {"matchLabels": labels},
        "template": pod_template,
    }
    counts = {"fullyLabeledReplicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
    made["status"] = {
        "replicas": len(pods),
        **{name: count for name, count in counts.items() if count},
        "observedGeneration": 1,
    }
    return made


def _controller_revision(workload: DemoWorkload, revision: DemoRevision) -> Object:
    annotations = {CHANGE_CAUSE: revision.cause} if revision.cause else {}
    if workload.kind is DemoWorkloadKind.DAEMON_SET:  # a rollback leaves it as it is
        annotations[TEMPLATE_GENERATION] = str(revision.first_number or revision.number)
    made = new_object(
        resources.CONTROLLER_REVISIONS,
        f"{workload.name}-{revision.hash}",
        workload.namespace,
        revision.uid,
        revision.created_at,
        labels={**selector(workload), **hash_label(workload, revision)},
        annotations=annotations or None,
        owner=reference_to(workload),
    )
    made["metadata"]["managedFields"] = [
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "apiVersion": "apps/v1",
            "time": stamp(revision.numbered_at or revision.created_at),
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {}, "f:revision": {}},
        }
    ]
    made["revision"] = revision.number
    made["data"] = {"spec": {"template": {**template(workload, revision), "$patch": "replace"}}}
    return made
