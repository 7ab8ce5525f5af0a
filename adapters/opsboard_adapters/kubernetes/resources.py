"""The API resources that the board watches, their paths, and how each becomes a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from opsboard.adapter import Unsupported
from opsboard.records import AnyRecord, Kind, Ref
from opsboard_adapters.kubernetes.batch_structs import V1CronJob, V1Event, V1Job
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.batch import parse_cron_job, parse_event, parse_job
from opsboard_adapters.kubernetes.parse.configs import (
    HELM_RELEASES,
    NOT_LISTED,
    SECRETS_NOT_LISTED,
    V1ConfigMetadata,
    V1ConfigObject,
    V1SecretObject,
    is_heartbeat,
    parse_config_map,
    parse_secret,
)
from opsboard_adapters.kubernetes.parse.inference_services import (
    KIND as KSERVE_KIND,
)
from opsboard_adapters.kubernetes.parse.inference_services import (
    V1beta1InferenceService,
    parse_inference_service,
)
from opsboard_adapters.kubernetes.parse.pods import parse_pod
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload

WatchedObject: TypeAlias = (
    V1Pod | V1Workload | V1Job | V1CronJob | V1Event | V1ConfigMetadata | V1beta1InferenceService
)


@dataclass(frozen=True, slots=True)
class ApiResource:
    """A resource of the API: *kind* is the API's, *record_kind* that of the board's records.

    *struct* is what an object is decoded into, and *parse* makes its record; workloads have no
    *parse*, because their records depend on their pods too. *parameters* go with each list and
    watch. Only the newest *max_records* are kept of a resource that has no natural bound. One that
    is *metadata_only* is asked for as ``PartialObjectMetadata``. Where an *optional* one is
    forbidden, the board does without. Objects that *skip* tells are left out. A list is asked for
    in pages of *page_size*.
    """

    kind: str
    group_path: str
    plural: str
    record_kind: Kind
    struct: type[WatchedObject]
    parse: Callable[[ClusterContext, Any], AnyRecord] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    max_records: int = 0
    metadata_only: bool = False
    optional: bool = False
    skip: Callable[[Any], bool] | None = None
    page_size: int = PAGE_SIZE

    @property
    def full_name(self) -> str:
        """The name as RBAC and kubectl spell it: ``deployments.apps``, ``pods``."""
        return f"{self.plural}.{self.api_group}" if self.api_group else self.plural

    @property
    def api_group(self) -> str:
        """The API group, ``""`` for the core group."""
        return "" if self.group_path == "/api/v1" else self.group_path.split("/")[2]

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of the collection, in one namespace or in all, or of one object."""
        return api_path(self.group_path, self.plural, namespace, name)


def api_path(group_path: str, plural: str, namespace: str = "", name: str = "") -> str:
    """Return the path of a collection, in one namespace or in all, or of one object."""
    within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    one = f"/{quote(name, safe='')}" if name else ""
    return f"{group_path}{within}/{plural}{one}"


APPS: Final = "/apis/apps/v1"
_BATCH: Final = "/apis/batch/v1"
_CORE: Final = "/api/v1"

DEPLOYMENTS: Final = ApiResource("Deployment", APPS, "deployments", Kind.DEPLOYMENT, V1Workload)
STATEFUL_SETS: Final = ApiResource("StatefulSet", APPS, "statefulsets", Kind.DEPLOYMENT, V1Workload)
DAEMON_SETS: Final = ApiResource("DaemonSet", APPS, "daemonsets", Kind.DEPLOYMENT, V1Workload)
PODS: Final = ApiResource("Pod", _CORE, "pods", Kind.POD, V1Pod, parse_pod)
JOBS: Final = ApiResource("Job", _BATCH, "jobs", Kind.JOB, V1Job, parse_job)
CRON_JOBS: Final = ApiResource(
    "CronJob", _BATCH, "cronjobs", Kind.CRON_JOB, V1CronJob, parse_cron_job
)
WARNING_EVENTS: Final = ApiResource(
    "Event",
    _CORE,
    "events",
    Kind.EVENT,
    V1Event,
    parse_event,
    {"fieldSelector": "type!=Normal"},
    max_records=1_000,
)

MAX_CONFIGS: Final = 5_000
CONFIG_MAPS: Final = ApiResource(
    "ConfigMap",
    _CORE,
    "configmaps",
    Kind.CONFIG,
    V1ConfigMetadata,
    parse_config_map,
    {"fieldSelector": NOT_LISTED, "labelSelector": HELM_RELEASES},
    max_records=MAX_CONFIGS,
    metadata_only=True,
    optional=True,
    skip=is_heartbeat,
)
SECRETS: Final = ApiResource(
    "Secret",
    _CORE,
    "secrets",
    Kind.CONFIG,
    V1ConfigMetadata,
    parse_secret,
    {"fieldSelector": SECRETS_NOT_LISTED, "labelSelector": HELM_RELEASES},
    max_records=MAX_CONFIGS,
    metadata_only=True,
    optional=True,
    skip=is_heartbeat,
)
CONFIGS: Final = (CONFIG_MAPS, SECRETS)

LARGE_OBJECTS: Final = 12
"""Objects of a page that fits the limit even where each is as large as etcd takes (1.5 MiB)."""

HASHED_CONFIGS: Final = (
    replace(CONFIG_MAPS, struct=V1ConfigObject, metadata_only=False, page_size=LARGE_OBJECTS),
    replace(SECRETS, struct=V1SecretObject, metadata_only=False, page_size=LARGE_OBJECTS),
)
"""The same, read whole: their values become hashes."""
INFERENCE_SERVICES: Final = ApiResource(
    KSERVE_KIND,
    "/apis/serving.kserve.io/v1beta1",
    "inferenceservices",
    Kind.DEPLOYMENT,
    V1beta1InferenceService,
    parse_inference_service,
    optional=True,
)
"""A resource that a cluster has only where KServe is installed."""

WATCHED: Final = (
    DEPLOYMENTS,
    STATEFUL_SETS,
    DAEMON_SETS,
    PODS,
    JOBS,
    CRON_JOBS,
    WARNING_EVENTS,
)
BY_API_KIND: Final = {resource.kind: resource for resource in WATCHED}
WORKLOADS: Final = {one.kind: one for one in (DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS)}
BY_RECORD_KIND: Final = {
    one.record_kind: one for one in WATCHED if one.record_kind is not Kind.DEPLOYMENT
}
_NAMED_IN_IDS: Final = (*WORKLOADS.values(), *CONFIGS, INFERENCE_SERVICES)
_BY_KIND_IN_ID: Final = {one.kind: one for one in _NAMED_IN_IDS}
KINDS_IN_IDS: Final = frozenset({Kind.DEPLOYMENT, Kind.CONFIG})
"""The kinds of record whose ids have the API's kind in them: ``CONTEXT/NAMESPACE/KIND/NAME``."""


def watched_resources(settings: KubernetesSettings) -> tuple[ApiResource, ...]:
    """Return the resources that are watched with these *settings*."""
    configs = {"off": (), "metadata": CONFIGS, "hash": HASHED_CONFIGS}
    return (*WATCHED, *configs[settings.config_changes])


def locate(ref: Ref) -> tuple[ApiResource, str, str]:
    """Return resource, namespace and name of the object behind *ref*.

    Raises :exc:`Unsupported` for a kind of record that no cluster has.
    """
    if ref.kind in KINDS_IN_IDS:
        _, namespace, kind, name = ref.id.rsplit("/", 3)
        return _BY_KIND_IN_ID[kind], namespace, name
    if ref.kind not in BY_RECORD_KIND:
        raise Unsupported(f"a cluster has no {ref.kind}")
    _, namespace, name = ref.id.rsplit("/", 2)
    return BY_RECORD_KIND[ref.kind], namespace, name
