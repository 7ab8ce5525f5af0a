"""Jobs, CronJobs and events."""

from typing import Any

from opsboard_adapters.kubernetes.shapes.base import Condition, Owner, Part, Thing, Time


class JobSpec(Part, frozen=True):
    """What a Job is to do."""

    completions: int | None = None
    parallelism: int = 1
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    suspend: bool = False
    selector: dict[str, Any] = {}


class JobStatus(Part, frozen=True):
    """What it has done."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    failed_indexes: str = ""
    start_time: Time = None
    completion_time: Time = None
    conditions: tuple[Condition, ...] = ()


class Job(Thing, frozen=True):
    """A Job."""

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class CronJobSpec(Part, frozen=True):
    """When a CronJob makes Jobs."""

    schedule: str = ""
    time_zone: str = ""
    concurrency_policy: str = ""
    suspend: bool = False


class CronJobStatus(Part, frozen=True):
    """When it did."""

    active: tuple[Owner, ...] = ()
    last_schedule_time: Time = None
    last_successful_time: Time = None


class CronJob(Thing, frozen=True):
    """A CronJob."""

    spec: CronJobSpec = CronJobSpec()
    status: CronJobStatus = CronJobStatus()


class Series(Part, frozen=True):
    """How often an event has happened."""

    count: int = 0
    last_observed_time: Time = None


class Component(Part, frozen=True):
    """Who reports an event."""

    component: str = ""


class Event(Thing, frozen=True):
    """An event (core/v1)."""

    involved_object: Owner = Owner()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    series: Series | None = None
    first_timestamp: Time = None
    last_timestamp: Time = None
    event_time: Time = None
    source: Component = Component()
    reporting_component: str = ""
