"""HorizontalPodAutoscalers, PodDisruptionBudgets, and the scale subresource."""

from uuid import NAMESPACE_DNS, uuid5

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import Object, new_object, stamp
from opsboard.demo.kubernetes.objects.pod_template import selector
from opsboard.demo.world.clusters import DemoWorkload
from opsboard.demo.world.company import AUTOSCALED, DISRUPTION_BUDGETS


def autoscaler_object(workload: DemoWorkload) -> Object | None:
    """Return the HorizontalPodAutoscaler of *workload*, if it has one."""
    if workload.name not in AUTOSCALED:
        return None
    least, most = AUTOSCALED[workload.name]
    made = _new(resources.AUTOSCALERS, workload)
    reference = {"apiVersion": "apps/v1", "kind": workload.kind.value, "name": workload.name}
    made["spec"] = {"scaleTargetRef": reference, "minReplicas": least, "maxReplicas": most}
    count = sum(1 for _ in workload.live_pods())
    made["status"] = {"currentReplicas": count, "desiredReplicas": workload.replicas}
    return made


def budget_object(workload: DemoWorkload) -> Object | None:
    """Return the PodDisruptionBudget of *workload*, if it has one."""
    if workload.name not in DISRUPTION_BUDGETS:
        return None
    most = DISRUPTION_BUDGETS[workload.name]
    made = _new(resources.BUDGETS, workload)
    made["spec"] = {"maxUnavailable": most, "selector": {"matchLabels": selector(workload)}}
    healthy = sum(pod.ready for pod in workload.live_pods())
    made["status"] = {
        "currentHealthy": healthy,
        "desiredHealthy": workload.replicas - most,
        "disruptionsAllowed": max(healthy - (workload.replicas - most), 0),
        "expectedPods": workload.replicas,
    }
    return made


def _new(resource: resources.FakeApiResource, workload: DemoWorkload) -> Object:
    uid = str(uuid5(NAMESPACE_DNS, f"{workload.uid}.{resource.plural}"))
    return new_object(resource, workload.name, workload.namespace, uid, workload.created_at)


def scale_object(workload: DemoWorkload, version: str) -> Object:
    """Return the scale of *workload*, which is at resource *version*."""
    chosen = ",".join(f"{key}={value}" for key, value in selector(workload).items())
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": workload.name,
            "namespace": workload.namespace,
            "uid": workload.uid,
            "resourceVersion": version,
            "creationTimestamp": stamp(workload.created_at),
        },
        "spec": {"replicas": workload.replicas},
        "status": {"replicas": sum(1 for _ in workload.live_pods()), "selector": chosen},
    }
