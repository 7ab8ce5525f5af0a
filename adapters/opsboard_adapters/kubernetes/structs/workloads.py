"""Deployments, StatefulSets and DaemonSets."""

from typing import Any, Final

import msgspec

from opsboard_adapters.kubernetes.structs.base import ApiStruct, V1Condition, V1Object
from opsboard_adapters.kubernetes.structs.pods import V1PodSpec

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


class V1TemplateMeta(ApiStruct, frozen=True):
    """What a template says of the pods that are made of it."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class V1PodTemplateSpec(ApiStruct, frozen=True):
    """A pod template."""

    metadata: V1TemplateMeta = V1TemplateMeta()
    spec: V1PodSpec = V1PodSpec()


class V1WorkloadSpec(ApiStruct, frozen=True):
    """What a Deployment, StatefulSet or DaemonSet is to be."""

    replicas: int = 1
    paused: bool = False
    strategy: dict[str, Any] = {}
    update_strategy: dict[str, Any] = {}
    ordinals: dict[str, Any] = {}
    selector: dict[str, Any] = {}
    template: V1PodTemplateSpec = V1PodTemplateSpec()


class V1WorkloadStatus(ApiStruct, frozen=True):
    """How far it is.

    A StatefulSet tells *available_replicas* even where there are none, since 1.22; a server that
    does not is older. A Deployment leaves its zero out.
    """

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int | None = None
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: tuple[V1Condition, ...] = ()


class V1Workload(V1Object, frozen=True):
    """A Deployment, StatefulSet or DaemonSet."""

    spec: V1WorkloadSpec = V1WorkloadSpec()
    status: V1WorkloadStatus = V1WorkloadStatus()

    @property
    def without_last_applied(self) -> "V1Workload":
        """The same without the copy of itself that ``kubectl apply`` leaves in it."""
        kept = {k: v for k, v in self.metadata.annotations.items() if k != _LAST_APPLIED}
        metadata = msgspec.structs.replace(self.metadata, annotations=kept)
        return msgspec.structs.replace(self, metadata=metadata)
