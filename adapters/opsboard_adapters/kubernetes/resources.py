"""The resources that are followed, and how each becomes a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from opsboard.records import AnyRecord, Kind
from opsboard_adapters.kubernetes import shapes
from opsboard_adapters.kubernetes.parse.batch import parse_cron_job, parse_event, parse_job
from opsboard_adapters.kubernetes.parse.common import Place
from opsboard_adapters.kubernetes.parse.pods import parse_pod


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the API. *name* is the API's kind, *kind* that of its records.

    *shape* is what is read of an object, and what *parse* makes a record of.

    Workloads have no *parse*: their records need a look at their pods. Of a resource that has
    no natural bound, the newest *most* are kept.
    """

    name: str
    group: str
    plural: str
    kind: Kind
    shape: type[shapes.Object]
    parse: Callable[[Place, Any], AnyRecord] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    most: int = 0

    @property
    def full_name(self) -> str:
        """The name by which a role permits it, for instance ``deployments.apps``."""
        return f"{self.plural}.{self.api_group}" if self.api_group else self.plural

    @property
    def api_group(self) -> str:
        """The name of the API group, empty for the core."""
        return "" if self.group == "/api/v1" else self.group.split("/")[2]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of the collection, in one namespace or all, or of one object."""
        within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
        one = f"/{quote(name, safe='')}" if name else ""
        return f"{self.group}{within}/{self.plural}{one}"


_APPS: Final = "/apis/apps/v1"
_BATCH: Final = "/apis/batch/v1"
_CORE: Final = "/api/v1"

DEPLOYMENTS: Final = Resource("Deployment", _APPS, "deployments", Kind.DEPLOYMENT, shapes.Workload)
STATEFUL_SETS: Final = Resource(
    "StatefulSet", _APPS, "statefulsets", Kind.DEPLOYMENT, shapes.Workload
)
DAEMON_SETS: Final = Resource("DaemonSet", _APPS, "daemonsets", Kind.DEPLOYMENT, shapes.Workload)
PODS: Final = Resource("Pod", _CORE, "pods", Kind.POD, shapes.Pod, parse_pod)
JOBS: Final = Resource("Job", _BATCH, "jobs", Kind.JOB, shapes.Job, parse_job)
CRON_JOBS: Final = Resource(
    "CronJob", _BATCH, "cronjobs", Kind.CRON_JOB, shapes.CronJob, parse_cron_job
)
WARNINGS: Final = Resource(
    "Event",
    _CORE,
    "events",
    Kind.EVENT,
    shapes.Event,
    parse_event,
    {"fieldSelector": "type!=Normal"},
    most=1_000,
)

FOLLOWED: Final = (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, PODS, JOBS, CRON_JOBS, WARNINGS)
WORKLOADS: Final = {
    resource.name: resource for resource in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)
}
BY_KIND: Final = {
    resource.kind: resource for resource in FOLLOWED if resource.kind is not Kind.DEPLOYMENT
}
