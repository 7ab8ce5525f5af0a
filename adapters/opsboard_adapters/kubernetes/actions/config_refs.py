"""The ConfigMaps and Secrets that a pod template reads: they are not rolled back with it."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from opsboard.adapter import Finding, NotFound, SourceError
from opsboard_adapters.kubernetes.actions.findings import note, warning
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.cluster_context import ApiObject

MAX_REFERENCES: Final = 20
"""References that are looked for."""

_KINDS: Final = {
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "configMap": "ConfigMap",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
    "secret": "Secret",
}
_METADATA: Final = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
"""Asks for the metadata alone: what is in a Secret never comes over the wire."""


class ConfigReference(NamedTuple):
    """A ConfigMap or Secret that is read; the pod starts without an *optional* one."""

    kind: str
    name: str
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def not_rolled_back(template: ApiObject) -> tuple[Finding, ...]:
    """Return that what *template* reads is not rolled back with it."""
    names = ", ".join(_names(template))
    return (note(f"not rolled back, but read as it is now: {names}"),) if names else ()


def read_by_new_pods(template: ApiObject) -> tuple[Finding, ...]:
    """Return what new pods of *template* read as it is now."""
    names = ", ".join(_names(template))
    return (note(f"read by new pods as it is now: {names}"),) if names else ()


async def missing_references(
    site: ClusterConnection, namespace: str, template: ApiObject
) -> list[Finding]:
    """Return what *template* cannot do without, and is not there any more."""
    needed = {one for one in _references(template.get("spec") or {}) if not one.optional}
    wanted = sorted(needed)[:MAX_REFERENCES]
    there = await asyncio.gather(*(_is_there(site, namespace, one) for one in wanted))
    gone = [str(one) for one, found in zip(wanted, there, strict=True) if not found]
    if not gone:
        return []
    return [warning(f"{', '.join(gone)}: needed by it, and not there: its pods will not start")]


async def _is_there(site: ClusterConnection, namespace: str, one: ConfigReference) -> bool:
    """Tell whether it exists; what may not be asked counts as there."""
    path = f"/api/v1/namespaces/{namespace}/{one.kind.lower()}s/{one.name}"
    try:
        await site.client.get(path, headers=_METADATA)
    except NotFound:
        return False
    except SourceError:
        return True
    return True


def _names(template: ApiObject) -> list[str]:
    return sorted({str(one) for one in _references(template.get("spec") or {})})


def _references(value: Any) -> Iterator[ConfigReference]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _KINDS and isinstance(item, dict):
                name = item.get("name") or item.get("secretName")
                yield ConfigReference(_KINDS[key], str(name), bool(item.get("optional")))
            yield from _references(item)
