"""The resources that the clusters of the demo serve."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FakeApiResource:
    """A resource as API discovery lists it."""

    group: str
    version: str
    plural: str
    kind: str
    short: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: tuple[str, ...] = ("create", "delete", "get", "list", "patch", "watch")

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def list_kind(self) -> str:
        return f"{self.kind}List"


NAMESPACES: Final = FakeApiResource("", "v1", "namespaces", "Namespace", ("ns",), namespaced=False)
NODES: Final = FakeApiResource("", "v1", "nodes", "Node", ("no",), namespaced=False)
PODS: Final = FakeApiResource("", "v1", "pods", "Pod", ("po",))
EVENTS: Final = FakeApiResource("", "v1", "events", "Event", ("ev",))
CONFIG_MAPS: Final = FakeApiResource("", "v1", "configmaps", "ConfigMap", ("cm",))
SECRETS: Final = FakeApiResource("", "v1", "secrets", "Secret")
DEPLOYMENTS: Final = FakeApiResource("apps", "v1", "deployments", "Deployment", ("deploy",))
REPLICA_SETS: Final = FakeApiResource("apps", "v1", "replicasets", "ReplicaSet", ("rs",))
STATEFUL_SETS: Final = FakeApiResource("apps", "v1", "statefulsets", "StatefulSet", ("sts",))
DAEMON_SETS: Final = FakeApiResource("apps", "v1", "daemonsets", "DaemonSet", ("ds",))
CONTROLLER_REVISIONS: Final = FakeApiResource(
    "apps", "v1", "controllerrevisions", "ControllerRevision"
)
JOBS: Final = FakeApiResource("batch", "v1", "jobs", "Job")
CRON_JOBS: Final = FakeApiResource("batch", "v1", "cronjobs", "CronJob", ("cj",))
AUTOSCALERS: Final = FakeApiResource(
    "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", ("hpa",)
)
BUDGETS: Final = FakeApiResource(
    "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", ("pdb",)
)

SERVICES: Final = FakeApiResource("", "v1", "services", "Service", ("svc",))
CLAIMS: Final = FakeApiResource(
    "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", ("pvc",)
)
INGRESSES: Final = FakeApiResource("networking.k8s.io", "v1", "ingresses", "Ingress", ("ing",))
DEFINITIONS: Final = FakeApiResource(
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    ("crd", "crds"),
    namespaced=False,
)
CERTIFICATES: Final = FakeApiResource(
    "cert-manager.io", "v1", "certificates", "Certificate", ("cert", "certs")
)

NODE_METRICS: Final = FakeApiResource(
    "metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", namespaced=False, verbs=("get", "list")
)
POD_METRICS: Final = FakeApiResource(
    "metrics.k8s.io", "v1beta1", "pods", "PodMetrics", verbs=("get", "list")
)

RESOURCES: Final = (
    NAMESPACES,
    NODES,
    PODS,
    EVENTS,
    CONFIG_MAPS,
    SECRETS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    DAEMON_SETS,
    CONTROLLER_REVISIONS,
    JOBS,
    CRON_JOBS,
    AUTOSCALERS,
    BUDGETS,
    SERVICES,
    CLAIMS,
    INGRESSES,
    DEFINITIONS,
    CERTIFICATES,
)
"""What is kept as objects."""
SERVED: Final = (*RESOURCES, NODE_METRICS, POD_METRICS)
"""All that discovery tells of; metrics are made up as they are asked for."""


ACCOUNTS: Final = FakeApiResource("", "v1", "serviceaccounts", "ServiceAccount", ("sa",))
QUOTAS: Final = FakeApiResource("", "v1", "resourcequotas", "ResourceQuota", ("quota",))
LIMIT_RANGES: Final = FakeApiResource("", "v1", "limitranges", "LimitRange", ("limits",))
PRIORITY_CLASSES: Final = FakeApiResource(
    "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", ("pc",), namespaced=False
)
UNLISTED: Final = (ACCOUNTS, QUOTAS, LIMIT_RANGES, PRIORITY_CLASSES)
"""What is served where it is asked for by name, and is not told by discovery."""


def find(group: str, version: str, plural: str) -> FakeApiResource | None:
    """Return the resource of that name, if it is served."""
    for resource in (*RESOURCES, *UNLISTED):
        if (resource.group, resource.version, resource.plural) == (group, version, plural):
            return resource
    return None
