"""The cluster in which an object was found, and what the records of all kinds have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from opsboard.environments.names import UNKNOWN
from opsboard.records import Claim, Status, stated
from opsboard.records.identity import cluster as cluster_claim
from opsboard.records.identity import workload
from opsboard_adapters.kubernetes.config_hashes import HashKey
from opsboard_adapters.kubernetes.structs import V1Object
from opsboard_adapters.times import as_utc


@dataclass(frozen=True, slots=True)
class ClusterContext:
    """A cluster of a source: *name* is the kubeconfig context, *cluster_name* its cluster entry.

    *clock_skew* is how far the server's clock is ahead of this machine's: times are shifted by it,
    so that ages are right. *server* is the address of the API server, and *model_env* names further
    variables of containers that hold the URI of a model. With *hash_key*, values of ConfigMaps and
    Secrets are hashed.
    """

    source: str
    name: str
    cluster_name: str
    clock_skew: timedelta
    environment_of: Callable[..., str]
    environments_of: Callable[..., tuple[str, ...]] = lambda *_: (UNKNOWN,)
    server: str = ""
    model_env: tuple[str, ...] = ()
    hash_key: HashKey | None = None

    def time(self, text: object) -> datetime | None:
        """Return an RFC 3339 time as UTC on this machine's clock, or ``None`` if it is no time."""
        if not isinstance(text, str) or not text:
            return None
        try:
            at = as_utc(datetime.fromisoformat(text))
            return None if at is None else at - self.clock_skew
        except (ValueError, OverflowError):
            return None

    def environment(self, namespace: str) -> str:
        """Return the environment of *namespace*, by its name and those of the cluster."""
        return self.environment_of(namespace, self.name, self.cluster_name)

    def environments(self, namespace: str) -> tuple[str, ...]:
        """Return all environments that an action in *namespace* touches.

        What the name of the cluster says counts even where the name of the namespace says less.
        """
        return self.environments_of(namespace, self.name, self.cluster_name)

    def workload(self, namespace: str, owner: str, rule: str) -> tuple[Claim, ...]:
        """Return the claim of the workload *owner* (``Kind/name``) of this cluster, if it is one.

        Those of the pods of one workload are the same object.
        """
        return _workload(self.server, namespace, owner, rule)

    def place(self) -> tuple[Claim, ...]:
        """Return the claim of the cluster itself; what runs in it shares one object."""
        return _place(self.server)

    def record_id(self, namespace: str, name: str) -> str:
        """Return the id of a record: ``CONTEXT/NAMESPACE/NAME``."""
        return f"{self.name}/{namespace}/{name}"


@lru_cache(16_384)
def _workload(server: str, namespace: str, owner: str, rule: str) -> tuple[Claim, ...]:
    kind, _, name = owner.partition("/")
    return stated(workload(server, namespace, kind, name, rule) if name else None)


@lru_cache(256)
def _place(server: str) -> tuple[Claim, ...]:
    return stated(cluster_claim(server, "kubeconfig: server"))


def common_fields(cluster: ClusterContext, item: V1Object) -> dict[str, Any]:
    """Return the fields that the records of all kinds take from an object's metadata."""
    meta = item.metadata
    return {
        "source": cluster.source,
        "id": cluster.record_id(meta.namespace, meta.name),
        "name": meta.name,
        "cluster": cluster.name,
        "namespace": meta.namespace,
        "environment": cluster.environment(meta.namespace),
        "created_at": cluster.time(meta.creation_timestamp),
    }


class Diagnosis(NamedTuple):
    """How an object is doing: *reason* is one word, *message* a sentence or ``""``."""

    status: Status
    reason: str
    message: str

    @property
    def is_problem(self) -> bool:
        """Whether the status is a warning or worse."""
        return self.status.severity >= Status.WARNING.severity

    @property
    def text(self) -> str:
        """The reason with its message: ``CrashLoopBackOff (container app: Error, exit code 1)``."""
        return f"{self.reason} ({self.message})" if self.message else self.reason
