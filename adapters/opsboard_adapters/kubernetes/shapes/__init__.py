"""What the Kubernetes API answers: of each kind, the fields that are used here."""

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

from opsboard_adapters.http.decoding import convert
from opsboard_adapters.kubernetes.shapes.base import (
    NO_CONDITION,
    Condition,
    Metadata,
    Owner,
    Part,
    Thing,
    Time,
)
from opsboard_adapters.kubernetes.shapes.batch import (
    Component,
    CronJob,
    CronJobSpec,
    CronJobStatus,
    Event,
    Job,
    JobSpec,
    JobStatus,
    Series,
)
from opsboard_adapters.kubernetes.shapes.lists import (
    List,
    ListMetadata,
    Status,
    Version,
    Versioned,
    WatchEvent,
)
from opsboard_adapters.kubernetes.shapes.pods import (
    Container,
    ContainerStatus,
    Phase,
    Pod,
    PodSpec,
    PodStatus,
    ReadinessGate,
    State,
)
from opsboard_adapters.kubernetes.shapes.workloads import (
    Marks,
    Template,
    Workload,
    WorkloadSpec,
    WorkloadStatus,
)

__all__ = [
    "NO_CONDITION",
    "Component",
    "Condition",
    "Container",
    "ContainerStatus",
    "CronJob",
    "CronJobSpec",
    "CronJobStatus",
    "Event",
    "Job",
    "JobSpec",
    "JobStatus",
    "List",
    "ListMetadata",
    "Marks",
    "Metadata",
    "Object",
    "Owner",
    "Part",
    "Phase",
    "Pod",
    "PodSpec",
    "PodStatus",
    "ReadinessGate",
    "Series",
    "State",
    "Status",
    "Template",
    "Thing",
    "Time",
    "Version",
    "Versioned",
    "WatchEvent",
    "Workload",
    "WorkloadSpec",
    "WorkloadStatus",
    "named",
    "typed",
]

T = TypeVar("T")

Object: TypeAlias = Pod | Workload | Job | CronJob | Event


def named(kind: str, values: Any) -> str:
    """Return what an object is called, of its plain values: ``Pod shop/checkout-1``."""
    metadata = values["metadata"]
    name = str(metadata["name"])
    return f"{kind} {'/'.join(filter(None, (str(metadata.get('namespace') or ''), name)))}"


def typed(values: Mapping[str, Any], shape: type[T]) -> T:
    """Return an object that was read as plain values as a *shape*. Raises :exc:`Malformed`."""
    return convert(values, shape, f"the {shape.__name__}")
