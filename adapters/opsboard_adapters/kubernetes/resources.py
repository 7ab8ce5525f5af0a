"""The resources that are followed, and how each becomes a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from opsboard.records import AnyRecord, Kind
from opsboard_adapters.kubernetes.parse.batch import parse_cron_job, parse_event, parse_job
from opsboard_adapters.kubernetes.parse.common import Object, Place
from opsboard_adapters.kubernetes.parse.pods import parse_pod


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the API. *name* is the API's kind, *kind* that of its records.

    Workloads have no *parse*: their records need a look at their pods. Of a resource that has
    no natural bound, the newest *most* are kept.
    """

    name: str
    group: str
    plural: str
    kind: Kind
    parse: Callable[[Place, Object], AnyRecord] | None = None
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
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"{self.group}{within}/{self.plural}" + (f"/{name}" if name else "")


DEPLOYMENTS: Final = Resource("Deployment", "/apis/apps/v1", "deployments", Kind.DEPLOYMENT)
STATEFUL_SETS: Final = Resource("StatefulSet", "/apis/apps/v1", "statefulsets", Kind.DEPLOYMENT)
DAEMON_SETS: Final = Resource("DaemonSet", "/apis/apps/v1", "daemonsets", Kind.DEPLOYMENT)
PODS: Final = Resource("Pod", "/api/v1", "pods", Kind.POD, parse_pod)
JOBS: Final = Resource("Job", "/apis/batch/v1", "jobs", Kind.JOB, parse_job)
CRON_JOBS: Final = Resource("CronJob", "/apis/batch/v1", "cronjobs", Kind.CRON_JOB, parse_cron_job)
WARNINGS: Final = Resource(
    "Event",
    "/api/v1",
    "events",
    Kind.EVENT,
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
