"""What the Kubernetes API answers: of each kind, the fields that are used here."""

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

from opsboard_adapters.http.decoding import convert
from opsboard_adapters.kubernetes.structs.base import (
    NO_CONDITION,
    ApiStruct,
    Rfc3339,
    V1Condition,
    V1Object,
    V1ObjectMeta,
    V1ObjectReference,
)
from opsboard_adapters.kubernetes.structs.batch import (
    V1CronJob,
    V1CronJobSpec,
    V1CronJobStatus,
    V1Event,
    V1EventSeries,
    V1EventSource,
    V1Job,
    V1JobSpec,
    V1JobStatus,
)
from opsboard_adapters.kubernetes.structs.lists import (
    Bookmark,
    BookmarkMeta,
    V1List,
    V1ListMeta,
    V1Status,
    V1WatchEvent,
)
from opsboard_adapters.kubernetes.structs.pods import (
    V1Container,
    V1ContainerState,
    V1ContainerStateDetails,
    V1ContainerStatus,
    V1Pod,
    V1PodReadinessGate,
    V1PodSpec,
    V1PodStatus,
)
from opsboard_adapters.kubernetes.structs.workloads import (
    V1PodTemplateSpec,
    V1TemplateMeta,
    V1Workload,
    V1WorkloadSpec,
    V1WorkloadStatus,
)

__all__ = [
    "NO_CONDITION",
    "ApiStruct",
    "Bookmark",
    "BookmarkMeta",
    "Rfc3339",
    "V1Condition",
    "V1Container",
    "V1ContainerState",
    "V1ContainerStateDetails",
    "V1ContainerStatus",
    "V1CronJob",
    "V1CronJobSpec",
    "V1CronJobStatus",
    "V1Event",
    "V1EventSeries",
    "V1EventSource",
    "V1Job",
    "V1JobSpec",
    "V1JobStatus",
    "V1List",
    "V1ListMeta",
    "V1Object",
    "V1ObjectMeta",
    "V1ObjectReference",
    "V1Pod",
    "V1PodReadinessGate",
    "V1PodSpec",
    "V1PodStatus",
    "V1PodTemplateSpec",
    "V1Status",
    "V1TemplateMeta",
    "V1WatchEvent",
    "V1Workload",
    "V1WorkloadSpec",
    "V1WorkloadStatus",
    "WatchedObject",
    "object_name",
    "to_struct",
]

T = TypeVar("T")

WatchedObject: TypeAlias = V1Pod | V1Workload | V1Job | V1CronJob | V1Event


def object_name(kind: str, values: Any) -> str:
    """Return what an object is called, of its plain values: ``Pod shop/checkout-1``."""
    metadata = values["metadata"]
    name = str(metadata["name"])
    return f"{kind} {'/'.join(filter(None, (str(metadata.get('namespace') or ''), name)))}"


def to_struct(values: Mapping[str, Any], shape: type[T]) -> T:
    """Return an object that was read as plain values as a *shape*. Raises :exc:`Malformed`."""
    return convert(values, shape, f"the {shape.__name__}")
