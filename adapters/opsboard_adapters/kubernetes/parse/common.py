"""What all objects have in common."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opsboard.environment_names import UNKNOWN
from opsboard_adapters.kubernetes.shapes import NO_CONDITION, Condition, Thing
from opsboard_adapters.times import in_utc

Object = Mapping[str, Any]
"""An object with all that it has: for what is sent back to the server, or compared."""


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
        """Return an RFC 3339 time as it would be on this machine's clock, in UTC."""
        if not isinstance(text, str) or not text:
            return None
        try:
            at = in_utc(datetime.fromisoformat(text))
            return None if at is None else at - self.skew
        except (ValueError, OverflowError):
            return None

    def environment(self, namespace: str) -> str:
        return self.environment_of(namespace, self.cluster, self.cluster_name)

    def environments(self, namespace: str) -> tuple[str, ...]:
        """Return all that an act there touches: a namespace takes nothing back of its cluster's."""
        return self.environments_of(namespace, self.cluster, self.cluster_name)

    def identity(self, namespace: str, name: str) -> str:
        return f"{self.cluster}/{namespace}/{name}"


def base(place: Place, item: Thing) -> dict[str, Any]:
    """Return the fields that every record of *item* begins with."""
    meta = item.metadata
    return {
        "source": place.source,
        "id": place.identity(meta.namespace, meta.name),
        "name": meta.name,
        "cluster": place.cluster,
        "namespace": meta.namespace,
        "environment": place.environment(meta.namespace),
        "created_at": place.time(meta.creation_timestamp),
    }


def controller(item: Thing) -> tuple[str, str]:
    """Return kind and name of the controller that owns *item*, or two empty strings."""
    for owner in item.metadata.owner_references:
        if owner.controller:
            return owner.kind, owner.name
    return "", ""


def condition(conditions: Iterable[Condition], kind: str) -> Condition:
    """Return the one of that *kind*, or an empty one."""
    return next((found for found in conditions if found.type == kind), NO_CONDITION)


def number(values: Object, key: str, default: int = 0) -> int:
    """Return an integer field; the API leaves zeros out."""
    value = values.get(key)
    return value if isinstance(value, int) else default
