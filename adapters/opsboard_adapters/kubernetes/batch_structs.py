"""Jobs, CronJobs and events of the Kubernetes API as msgspec structs; see :mod:`.structs`."""

from typing import Any

import msgspec

from opsboard_adapters.kubernetes.structs import (
    ApiStruct,
    Rfc3339,
    V1Condition,
    V1Object,
    V1ObjectReference,
    V1PodTemplateSpec,
    V1WorkloadSpec,
)

# --- Jobs and CronJobs (batch/v1) ----------------------------------------------------------------


class V1JobSpec(ApiStruct, frozen=True):
    """The desired state of a Job."""

    completions: int | None = None
    parallelism: int = 1
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    suspend: bool = False
    selector: dict[str, Any] = {}


class V1JobStatus(ApiStruct, frozen=True):
    """The observed state of a Job."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    failed_indexes: str = ""
    start_time: Rfc3339 = None
    completion_time: Rfc3339 = None
    conditions: tuple[V1Condition, ...] = ()


class V1Job(V1Object, frozen=True):
    """A Job."""

    spec: V1JobSpec = V1JobSpec()
    status: V1JobStatus = V1JobStatus()


class V1JobTemplateSpec(ApiStruct, frozen=True):
    """What Jobs are made of: of their spec, the pod template alone."""

    spec: V1WorkloadSpec = V1WorkloadSpec()


class V1CronJobSpec(ApiStruct, frozen=True):
    """The desired state of a CronJob."""

    schedule: str = ""
    time_zone: str = ""
    concurrency_policy: str = ""
    suspend: bool = False
    job_template: V1JobTemplateSpec = V1JobTemplateSpec()

    @property
    def template(self) -> V1PodTemplateSpec:
        """The template of the pods."""
        return self.job_template.spec.template

    @property
    def without_template(self) -> "V1CronJobSpec":
        """The same without it: it is large, and may hold secrets."""
        return msgspec.structs.replace(self, job_template=V1JobTemplateSpec())


class V1CronJobStatus(ApiStruct, frozen=True):
    """The observed state of a CronJob; *active* are the Jobs that run now."""

    active: tuple[V1ObjectReference, ...] = ()
    last_schedule_time: Rfc3339 = None
    last_successful_time: Rfc3339 = None


class V1CronJob(V1Object, frozen=True):
    """A CronJob."""

    spec: V1CronJobSpec = V1CronJobSpec()
    status: V1CronJobStatus = V1CronJobStatus()


# --- events (core/v1) ----------------------------------------------------------------------------


class V1EventSeries(ApiStruct, frozen=True):
    """How often an event has been repeated."""

    count: int = 0
    last_observed_time: Rfc3339 = None


class V1EventSource(ApiStruct, frozen=True):
    """The component that reports an event."""

    component: str = ""


class V1Event(V1Object, frozen=True):
    """An Event of core/v1."""

    involved_object: V1ObjectReference = V1ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    series: V1EventSeries | None = None
    first_timestamp: Rfc3339 = None
    last_timestamp: Rfc3339 = None
    event_time: Rfc3339 = None
    source: V1EventSource = V1EventSource()
    reporting_component: str = ""
