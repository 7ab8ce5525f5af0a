"""Whether the ConfigMaps and Secrets that a revision needs are there, with the keys it reads.

The values of a Secret are never asked for: its keys are known by the names of the fields that the
server keeps in ``metadata.managedFields``. Where it keeps none, the keys could not be told.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from opsboard.adapter import (
    NotFound,
    SourceError,
    StartFinding,
    StartReport,
    not_told,
)
from opsboard.adapter.actions.findings import listed
from opsboard.adapter.actions.start_checks import why_not_told
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.resources import api_path
from opsboard_adapters.kubernetes.starting.found import blocking, fine, is_missing
from opsboard_adapters.kubernetes.starting.references import ConfigNeed, config_needs

MAX_CONFIGS: Final = 40
"""ConfigMaps and Secrets that are looked up for one plan."""

METADATA_ONLY: Final = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
"""Asks for the metadata alone: values are never transferred."""

_DATA: Final = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData")}


async def check_configs(
    connection: ClusterConnection, namespace: str, spec: ApiObject
) -> StartReport:
    """Return what is missing of what pods of *spec* read in *namespace*."""
    needs = config_needs(spec)
    wanted = needs[:MAX_CONFIGS]
    found = await asyncio.gather(*(_check(connection, namespace, one) for one in wanted))
    findings = [one for each in found for one in each]
    if len(needs) > len(wanted):
        about = f"{len(needs) - len(wanted)} more config maps and secrets"
        findings.append(not_told(about, f"only {MAX_CONFIGS} are looked up"))
    if wanted and not findings:
        count = sum(len(one.keys) for one in wanted)
        keys = f", with the {count} keys that it reads" if count else ""
        findings.append(fine(f"{listed(map(str, wanted))}: there{keys}", _subjects(wanted)))
    return StartReport(findings)


def _subjects(needs: Iterable[ConfigNeed]) -> str:
    return listed(dict.fromkeys(f"{one.kind}s" for one in needs))


async def _check(
    connection: ClusterConnection, namespace: str, need: ConfigNeed
) -> list[StartFinding]:
    subject = f"{need.kind} {namespace}/{need.name}"
    try:
        keys = await _keys(connection, namespace, need)
    except SourceError as error:
        if isinstance(error, NotFound) and is_missing(error, need.name):
            return [blocking(f"{need} is needed by it, and not there", subject)]
        return [not_told(f"whether {need} is there", why_not_told(error), subject=subject)]
    if not need.keys:
        return []
    if keys is None:
        names = listed(sorted(need.keys))
        why = "the server keeps no names of its fields"
        return [not_told(f"whether {need} has {names}", why, subject=subject)]
    missing = sorted(need.keys - keys)
    if not missing:
        return []
    word = "key" if len(missing) == 1 else "keys"
    text = f"{need} has no {word} {listed(missing)}, which it reads"
    return [blocking(text, subject)]


async def _keys(
    connection: ClusterConnection, namespace: str, need: ConfigNeed
) -> frozenset[str] | None:
    """Return the names of the keys that the object has; ``None`` where they are not known."""
    path = api_path("/api/v1", f"{need.kind.lower()}s", namespace, need.name)
    if need.kind == "ConfigMap" and need.keys:
        item = await connection.get(path)
        return frozenset(key for field in _DATA[need.kind] for key in item.get(field) or ())
    item = await connection.get(path, headers=METADATA_ONLY)
    return _named_keys(item, need.kind)


def _named_keys(item: ApiObject, kind: str) -> frozenset[str] | None:
    """Return the keys by the fields that managers own of an object, read as metadata alone."""
    found: set[str] = set()
    is_tracked = False
    for entry in (item.get("metadata") or {}).get("managedFields") or ():
        fields: Any = entry.get("fieldsV1") or {}
        for data in _DATA[kind]:
            if isinstance(owned := fields.get(f"f:{data}"), dict):
                is_tracked = True
                found.update(key.removeprefix("f:") for key in owned if key != ".")
    return frozenset(found) if is_tracked else None
