"""Reading one object on demand."""

import re
from collections.abc import Mapping
from typing import Any, Final

from opsboard.adapter import Unsupported
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes.api import ClusterApi
from opsboard_adapters.kubernetes.resources import BY_KIND, WORKLOADS, Resource

MASK: Final = "•••"
_SECRET_NAME = re.compile(r"pass|secret|token|key|credential|dsn|auth", re.IGNORECASE)
_NOISE: Final = ("managedFields",)
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def locate(ref: Ref) -> tuple[Resource, str, str]:
    """Return resource, namespace and name of *ref*. Raises :exc:`Unsupported`."""
    if ref.kind is Kind.DEPLOYMENT:
        _, namespace, kind, name = ref.id.rsplit("/", 3)
        return WORKLOADS[kind], namespace, name
    if ref.kind not in BY_KIND:
        raise Unsupported(f"a cluster has no {ref.kind}")
    _, namespace, name = ref.id.rsplit("/", 2)
    return BY_KIND[ref.kind], namespace, name


async def read(api: ClusterApi, ref: Ref) -> dict[str, Any]:
    """Return the object behind *ref*."""
    resource, namespace, name = locate(ref)
    return await api.get(resource.path(namespace, name))


async def raw(api: ClusterApi, ref: Ref) -> dict[str, Any]:
    """Return the object behind *ref* for the eye: no noise, and no values that look secret."""
    item = await read(api, ref)
    meta = item.get("metadata") or {}
    for key in _NOISE:
        meta.pop(key, None)
    (meta.get("annotations") or {}).pop(_LAST_APPLIED, None)
    return {key: masked(value) for key, value in item.items()}


def masked(value: Any) -> Any:
    """Return *value* with the plain values of secret-looking environment variables masked."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "value" in value and looks_secret(str(value.get("name", ""))):
        return {**value, "value": MASK}
    return {key: masked(item) for key, item in value.items()}


def looks_secret(name: str) -> bool:
    """Tell whether what is called *name* may hold a secret."""
    return _SECRET_NAME.search(name) is not None
