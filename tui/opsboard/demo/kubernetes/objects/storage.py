"""PersistentVolumeClaims of StatefulSets."""

from collections.abc import Iterator
from uuid import NAMESPACE_DNS, uuid5

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import Object, new_object
from opsboard.demo.kubernetes.objects.pod_template import selector
from opsboard.demo.world.clusters import DemoWorkload
from opsboard.demo.world.company import DemoWorkloadKind


def claim_objects(workload: DemoWorkload) -> Iterator[Object]:
    """Yield the claim of each replica of *workload*, if it is a StatefulSet."""
    if workload.kind is not DemoWorkloadKind.STATEFUL_SET:
        return
    for number in range(workload.replicas):
        name = f"data-{workload.name}-{number}"
        uid = str(uuid5(NAMESPACE_DNS, f"{workload.uid}.{name}"))
        made = new_object(
            resources.CLAIMS,
            name,
            workload.namespace,
            uid,
            workload.created_at,
            labels=selector(workload),
        )
        made["spec"] = {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast",
            "volumeMode": "Filesystem",
            "volumeName": f"pvc-{uid}",
        }
        made["status"] = {"phase": "Bound", "capacity": {"storage": "20Gi"}}
        yield made
