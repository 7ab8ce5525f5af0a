"""What a record is called where it must not be taken for a namesake.

``deploy #5`` exists in every repository and ``checkout`` in every namespace: whatever names the
target of an action uses this, so that key hint, menu, form and plan all say the same.
"""

from typing import Final

from opsboard.records.builds import Build, BuildJob
from opsboard.records.cluster import Deployment
from opsboard.records.record import Record

_WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""What Kubernetes rolls out; the deployments of a CI server have the server's own word."""


def qualified_name(record: Record) -> str:
    """Return the name of *record*, with the repository or the namespace that it is in.

    ``acme/shop deploy #5``, ``acme/shop production``, ``shop/checkout``, ``fraud-detector v6``.
    """
    if isinstance(record, Build):
        return _within(record.repository, record.name)
    if isinstance(record, BuildJob):
        return _within(record.repository, f"job {record.name}")
    if isinstance(record, Deployment) and record.workload not in _WORKLOADS:
        return _within(record.cluster, record.namespace) if record.cluster else record.name
    namespace = getattr(record, "namespace", "")
    return f"{namespace}/{record.name}" if namespace else record.name


def uniqueness_scope(record: Record) -> str:
    """Return where :func:`qualified_name` is unique: the cluster, or else the source."""
    if isinstance(record, Deployment) and record.workload not in _WORKLOADS:
        return record.source
    return getattr(record, "cluster", "") or record.source


def _within(repository: str, name: str) -> str:
    """Return both, but not the repository twice: some servers have it in the name."""
    return name if not repository or name.startswith(repository) else f"{repository} {name}"
