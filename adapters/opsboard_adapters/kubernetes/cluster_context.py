"""What all objects have in common."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opsboard.environments.names import UNKNOWN
from opsboard_adapters.kubernetes.structs import NO_CONDITION, V1Condition, V1Object
from opsboard_adapters.times import as_utc

ApiObject = Mapping[str, Any]
"""An object with all that it has: for what is sent back to the server, or compared."""


@dataclass(frozen=True, slots=True)
class ClusterContext:
    """Where an object was found, and how to read it.

    *skew* is how far the server's clock is ahead: its times are shifted to this machine's, so
    that ages are right.
    """

    source: str
    name: str
    cluster_name: str
    clock_skew: timedelta
    environment_of: Callable[..., str]
    environments_of: Callable[..., tuple[str, ...]] = lambda *_: (UNKNOWN,)

    def time(self, text: object) -> datetime | None:
        """Return an RFC 3339 time as it would be on this machine's clock, in UTC."""
        if not isinstance(text, str) or not text:
            return None
        try:
            at = as_utc(datetime.fromisoformat(text))
            return None if at is None else at - self.clock_skew
        except (ValueError, OverflowError):
            return None

    def environment(self, namespace: str) -> str:
        return self.environment_of(namespace, self.name, self.cluster_name)

    def environments(self, namespace: str) -> tuple[str, ...]:
        """Return all that an act there touches: a namespace takes nothing back of its cluster's."""
        return self.environments_of(namespace, self.name, self.cluster_name)

    def record_id(self, namespace: str, name: str) -> str:
        return f"{self.name}/{namespace}/{name}"


def common_fields(cluster: ClusterContext, item: V1Object) -> dict[str, Any]:
    """Return the fields that every record of *item* begins with."""
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


def controller_of(item: V1Object) -> tuple[str, str]:
    """Return kind and name of the controller that owns *item*, or two empty strings."""
    for owner in item.metadata.owner_references:
        if owner.controller:
            return owner.kind, owner.name
    return "", ""


def find_condition(conditions: Iterable[V1Condition], kind: str) -> V1Condition:
    """Return the one of that *kind*, or an empty one."""
    return next((found for found in conditions if found.type == kind), NO_CONDITION)


def integer(values: ApiObject, key: str, default: int = 0) -> int:
    """Return an integer field; the API leaves zeros out."""
    value = values.get(key)
    return value if isinstance(value, int) else default
