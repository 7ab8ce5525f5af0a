"""Whether the other objects that a pod names are there: account, classes, claims, pull secrets.

Without its service account, priority class or runtime class no pod is created at all; without its
volume claims it is not scheduled. Without a pull secret the kubelet pulls as nobody, which may do.
"""

import asyncio
from collections.abc import Iterator
from typing import Final, NamedTuple

from opsboard.adapter import NotFound, SourceError, StartFinding, StartReport, not_told
from opsboard.adapter.actions.findings import listed
from opsboard.adapter.actions.start_checks import why_not_told
from opsboard_adapters.kubernetes.actions.target import ClusterConnection
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.resources import api_path
from opsboard_adapters.kubernetes.starting.configs import METADATA_ONLY
from opsboard_adapters.kubernetes.starting.found import blocking, doubtful, fine, is_missing

_BUILT_IN: Final = "system-"
"""How the priority classes begin that each cluster has."""


class NamedObject(NamedTuple):
    """An object that a pod names: *kind* of *group*, ``""`` where it is in no *namespace*."""

    kind: str
    group: str
    plural: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def subject(self) -> str:
        """The object as findings name it."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else str(self)


def named_objects(spec: ApiObject, namespace: str) -> Iterator[NamedObject]:
    """Yield what a pod of *spec* names, but for ConfigMaps and Secrets that it reads."""
    account = spec.get("serviceAccountName") or "default"
    yield NamedObject("ServiceAccount", "/api/v1", "serviceaccounts", account, namespace)
    priority = spec.get("priorityClassName") or ""
    if priority and not priority.startswith(_BUILT_IN):
        group = "/apis/scheduling.k8s.io/v1"
        yield NamedObject("PriorityClass", group, "priorityclasses", priority)
    if runtime := spec.get("runtimeClassName"):
        yield NamedObject("RuntimeClass", "/apis/node.k8s.io/v1", "runtimeclasses", runtime)
    for volume in spec.get("volumes") or ():
        if name := (volume.get("persistentVolumeClaim") or {}).get("claimName"):
            kind, plural = "PersistentVolumeClaim", "persistentvolumeclaims"
            yield NamedObject(kind, "/api/v1", plural, name, namespace)


async def check_named_objects(
    connection: ClusterConnection, namespace: str, spec: ApiObject
) -> StartReport:
    """Return which of the objects that a pod names are missing, or unusable."""
    wanted = list(dict.fromkeys(named_objects(spec, namespace)))
    found = await asyncio.gather(*(_check(connection, one) for one in wanted))
    findings = [one for each in found for one in each]
    if not findings:
        findings.append(fine(f"{listed(map(str, wanted))}: there"))
    return StartReport(findings)


async def check_pull_secrets(
    connection: ClusterConnection, namespace: str, spec: ApiObject
) -> StartReport:
    """Return whether the pull secrets are there, of the pod or else of its service account.

    What is in them is never read, so whether they still open the registry is not known.
    """
    given = spec.get("imagePullSecrets")
    if not given:
        account = spec.get("serviceAccountName") or "default"
        path = api_path("/api/v1", "serviceaccounts", namespace, account)
        try:
            given = (await connection.get(path)).get("imagePullSecrets")
        except NotFound:  # told by another check
            return StartReport()
    names = [str(one.get("name")) for one in given or () if one.get("name")]
    found = await asyncio.gather(*(_pull_secret(connection, namespace, one) for one in names))
    findings = [one for each in found for one in each]
    if names and not findings:
        text = f"pull secret {listed(names)}: there; whether the registry takes it is not known"
        findings.append(fine(text, f"Secret {namespace}/{names[0]}"))
    return StartReport(findings)


async def _pull_secret(
    connection: ClusterConnection, namespace: str, name: str
) -> list[StartFinding]:
    secret = NamedObject("Secret", "/api/v1", "secrets", name, namespace)
    item = await _read(connection, secret)
    if isinstance(item, StartFinding):
        return [item]
    if item is None:
        return [doubtful(f"pull secret {name} is not there: images are pulled without it",
                         secret.subject)]  # fmt: skip
    return []


async def _check(connection: ClusterConnection, one: NamedObject) -> list[StartFinding]:
    item = await _read(connection, one, whole=one.kind == "PersistentVolumeClaim")
    if isinstance(item, StartFinding):
        return [item]
    if item is None:
        return [blocking(f"{one} is needed by it, and not there", one.subject)]
    phase = (item.get("status") or {}).get("phase")
    if phase == "Lost":
        return [blocking(f"{one} has lost its volume", one.subject)]
    if phase == "Pending":
        return [doubtful(f"{one} has no volume yet (Pending)", one.subject)]
    return []


async def _read(
    connection: ClusterConnection, one: NamedObject, *, whole: bool = False
) -> ApiObject | StartFinding | None:
    """Return the object, ``None`` where it is not there, or that it could not be told."""
    path = api_path(one.group, one.plural, one.namespace, one.name)
    try:
        if whole or one.kind == "ServiceAccount":  # the other check reads that whole
            return await connection.get(path)
        return await connection.get(path, headers=METADATA_ONLY)
    except SourceError as error:
        if isinstance(error, NotFound) and is_missing(error, one.name):
            return None
        return not_told(f"whether {one} is there", why_not_told(error), subject=one.subject)
