"""Reading one object on demand."""

from collections.abc import Mapping
from typing import Any, Final

from opsboard.adapter import Unsupported
from opsboard.masking import MASK, mask_structure, mask_text
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.resources import BY_RECORD_KIND, WORKLOADS, ApiResource

_NOISE: Final = ("managedFields",)
LAST_APPLIED_ANNOTATION: Final = "kubectl.kubernetes.io/last-applied-configuration"
_OF_A_SECRET: Final = ("data", "stringData")


def locate(ref: Ref) -> tuple[ApiResource, str, str]:
    """Return resource, namespace and name of *ref*. Raises :exc:`Unsupported`."""
    if ref.kind is Kind.DEPLOYMENT:
        _, namespace, kind, name = ref.id.rsplit("/", 3)
        return WORKLOADS[kind], namespace, name
    if ref.kind not in BY_RECORD_KIND:
        raise Unsupported(f"a cluster has no {ref.kind}")
    _, namespace, name = ref.id.rsplit("/", 2)
    return BY_RECORD_KIND[ref.kind], namespace, name


async def read(client: ClusterClient, ref: Ref) -> dict[str, Any]:
    """Return the object behind *ref*."""
    resource, namespace, name = locate(ref)
    return await client.get(resource.path(namespace, name))


async def raw(client: ClusterClient, ref: Ref) -> dict[str, Any]:
    """Return the object behind *ref* for the eye: no noise, and no values that look secret."""
    item = await read(client, ref)
    meta = item.get("metadata") or {}
    for key in _NOISE:
        meta.pop(key, None)
    shown: dict[str, Any] = masked(item)
    return shown


def masked(item: Any) -> Any:
    """Return *item*, an object or a part of one, without values that may be secret.

    Of a Secret, no value is shown. What was applied last is a whole object as text, and left out.
    """
    return mask_structure(_bare(item), mask_text)


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    hidden = _OF_A_SECRET if value.get("kind") == "Secret" else ()
    return {
        key: dict.fromkeys(held, MASK)
        if key in hidden and isinstance(held, Mapping)
        else _bare(held)
        for key, held in value.items()
        if key != LAST_APPLIED_ANNOTATION
    }
