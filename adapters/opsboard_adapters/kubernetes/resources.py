"""The resources that are followed, and how each becomes a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from opsboard.records import AnyRecord, Kind
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.batch import parse_cron_job, parse_event, parse_job
from opsboard_adapters.kubernetes.parse.pods import parse_pod


@dataclass(frozen=True, slots=True)
class ApiResource:
    """A resource of the API. *name* is the API's kind, *kind* that of its records.

    *shape* is what is read of an object, and what *parse* makes a record of.

    Workloads have no *parse*: their records need a look at their pods. Of a resource that has
    no natural bound, the newest *most* are kept.
    """

    kind: str
    group_path: str
    plural: str
    record_kind: Kind
    struct: type[structs.WatchedObject]
    parse: Callable[[ClusterContext, Any], AnyRecord] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    max_records: int = 0

    @property
    def full_name(self) -> str:
        """The name by which a role permits it, for instance ``deployments.apps``."""
        return f"{self.plural}.{self.api_group}" if self.api_group else self.plural

    @property
    def api_group(self) -> str:
        """The name of the API group, empty for the core."""
        return "" if self.group_path == "/api/v1" else self.group_path.split("/")[2]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of the collection, in one namespace or all, or of one object."""
        within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
        one = f"/{quote(name, safe='')}" if name else ""
        return f"{self.group_path}{within}/{self.plural}{one}"


_APPS: Final = "/apis/apps/v1"
_BATCH: Final = "/apis/batch/v1"
_CORE: Final = "/api/v1"

DEPLOYMENTS: Final = ApiResource(
    "Deployment", _APPS, "deployments", Kind.DEPLOYMENT, structs.V1Workload
)
STATEFUL_SETS: Final = ApiResource(
    "StatefulSet", _APPS, "statefulsets", Kind.DEPLOYMENT, structs.V1Workload
)
DAEMON_SETS: Final = ApiResource(
    "DaemonSet", _APPS, "daemonsets", Kind.DEPLOYMENT, structs.V1Workload
)
PODS: Final = ApiResource("Pod", _CORE, "pods", Kind.POD, structs.V1Pod, parse_pod)
JOBS: Final = ApiResource("Job", _BATCH, "jobs", Kind.JOB, structs.V1Job, parse_job)
CRON_JOBS: Final = ApiResource(
    "CronJob", _BATCH, "cronjobs", Kind.CRON_JOB, structs.V1CronJob, parse_cron_job
)
WARNING_EVENTS: Final = ApiResource(
    "Event",
    _CORE,
    "events",
    Kind.EVENT,
    structs.V1Event,
    parse_event,
    {"fieldSelector": "type!=Normal"},
    max_records=1_000,
)

WATCHED: Final = (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, PODS, JOBS, CRON_JOBS, WARNING_EVENTS)
WORKLOADS: Final = {
    resource.kind: resource for resource in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)
}
BY_RECORD_KIND: Final = {
    resource.record_kind: resource
    for resource in WATCHED
    if resource.record_kind is not Kind.DEPLOYMENT
}
