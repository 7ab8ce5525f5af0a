"""What all objects have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opsboard.environment_names import UNKNOWN

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object was found, and how to read it.

    *skew* is how far the server's clock is ahead: its times are shifted to this machine's, so
    that ages are right.
    """

    source: str
    cluster: str
    cluster_name: str
    skew: timedelta
    environment_of: Callable[..., str]
    environments_of: Callable[..., tuple[str, ...]] = lambda *_: (UNKNOWN,)

    def time(self, text: object) -> datetime | None:
        """Return an RFC 3339 time as it would be on this machine's clock."""
        if not isinstance(text, str) or not text:
            return None
        try:
            return datetime.fromisoformat(text) - self.skew
        except ValueError:
            return None

    def environment(self, namespace: str) -> str:
        return self.environment_of(namespace, self.cluster, self.cluster_name)

    def environments(self, namespace: str) -> tuple[str, ...]:
        """Return all that an act there touches: a namespace takes nothing back of its cluster's."""
        return self.environments_of(namespace, self.cluster, self.cluster_name)

    def identity(self, namespace: str, name: str) -> str:
        return f"{self.cluster}/{namespace}/{name}"


def base(place: Place, item: Object) -> dict[str, Any]:
    """Return the fields that every record of *item* begins with."""
    meta = item.get("metadata") or {}
    namespace = str(meta.get("namespace") or "")
    name = str(meta.get("name") or "")
    return {
        "source": place.source,
        "id": place.identity(namespace, name),
        "name": name,
        "cluster": place.cluster,
        "namespace": namespace,
        "environment": place.environment(namespace),
        "created_at": place.time(meta.get("creationTimestamp")),
    }


def controller(item: Object) -> tuple[str, str]:
    """Return kind and name of the controller that owns *item*, or two empty strings."""
    for owner in (item.get("metadata") or {}).get("ownerReferences") or ():
        if owner.get("controller"):
            return str(owner.get("kind") or ""), str(owner.get("name") or "")
    return "", ""


def condition(item: Object, kind: str) -> Object:
    """Return the status condition of that *kind*, or an empty one."""
    found: Object
    for found in (item.get("status") or {}).get("conditions") or ():
        if found.get("type") == kind:
            return found
    return {}


def number(values: Object, key: str, default: int = 0) -> int:
    """Return an integer field; the API leaves zeros out."""
    value = values.get(key)
    return value if isinstance(value, int) else default
