"""Events, namespaces and nodes."""

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import Object, condition, new_object, stamp
from opsboard.demo.world.clusters import DemoCluster, DemoEvent, DemoJob, DemoPod, DemoWorkload


def event_object(notice: DemoEvent) -> Object:
    """Return the Event of *notice*."""
    made = new_object(resources.EVENTS, notice.name, notice.namespace, notice.uid, notice.first_at)
    kind, api_version = _identity(notice.subject)
    return {
        **made,
        "involvedObject": {
            "kind": kind,
            "namespace": notice.namespace,
            "name": notice.subject.name,
            "uid": notice.subject.uid,
            "apiVersion": api_version,
        },
        "reason": notice.reason,
        "message": notice.message,
        "source": {"component": notice.component},
        "firstTimestamp": stamp(notice.first_at),
        "lastTimestamp": stamp(notice.last_at),
        "count": notice.count,
        "type": "Warning" if notice.warning else "Normal",
        "eventTime": None,
        "reportingComponent": notice.component,
        "reportingInstance": "",
    }


def _identity(about: DemoWorkload | DemoPod | DemoJob) -> tuple[str, str]:
    if isinstance(about, DemoPod):
        return "Pod", "v1"
    if isinstance(about, DemoJob):
        return "Job", "batch/v1"
    return about.kind.value, "apps/v1"


def namespace_object(cluster: DemoCluster, name: str, uid: str) -> Object:
    """Return the Namespace *name*."""
    made = new_object(
        resources.NAMESPACES,
        name,
        "",
        uid,
        cluster.created_at,
        labels={"kubernetes.io/metadata.name": name},
    )
    return {**made, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}


def account_object(workload: DemoWorkload) -> Object:
    """Return the ServiceAccount that the pods of *workload* run as."""
    return new_object(
        resources.ACCOUNTS, workload.name, workload.namespace, workload.uid, workload.created_at
    )


def node_object(cluster: DemoCluster, name: str) -> Object:
    """Return the Node *name*."""
    made = new_object(
        resources.NODES, name, "", f"{cluster.uid[:-2]}{name[-1:]:0>2}", cluster.created_at
    )
    return {
        **made,
        "spec": {},
        "status": {
            "capacity": {"cpu": "8", "memory": "32Gi", "pods": "250"},
            "allocatable": {"cpu": "7600m", "memory": "30Gi", "pods": "250"},
            "conditions": [
                condition("Ready", holds=True, at=cluster.created_at, reason="KubeletReady")
            ],
            "addresses": [{"type": "InternalIP", "address": f"10.0.0.{name.rpartition('-')[2]}"}],
            "nodeInfo": {
                "kubeletVersion": cluster.version,
                "osImage": "Debian GNU/Linux 13 (trixie)",
            },
        },
    }
