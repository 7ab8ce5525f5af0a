"""What to know before a workload is changed: who will fight it, and what it does not bring back.

The ConfigMaps and Secrets that a pod template reads: they are not rolled back with it.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from opsboard.adapter import Finding, Forbidden, NotFound, Severity, SourceError
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject, integer, selector_matches
from opsboard_adapters.kubernetes.pager import list_all

HPA: Final = "horizontalpodautoscalers"
PDB: Final = "poddisruptionbudgets"

_MANAGERS: Final = (
    ("argocd.argoproj.io/tracking-id", "Argo CD"),
    ("argocd.argoproj.io/instance", "Argo CD"),
    ("kustomize.toolkit.fluxcd.io/name", "Flux"),
    ("helm.toolkit.fluxcd.io/name", "Flux (Helm)"),
    ("meta.helm.sh/release-name", "Helm"),
)
"""Labels and annotations that what manages an object leaves on it."""

_FIELD_MANAGERS: Final = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux (Helm)",
}


def note(text: str) -> Finding:
    return Finding(severity=Severity.NOTE, text=text)


def warning(text: str) -> Finding:
    return Finding(severity=Severity.WARNING, text=text)


def blocker(text: str) -> Finding:
    return Finding(severity=Severity.BLOCKER, text=text)


def managed_by(target: TargetObject) -> Iterator[Finding]:
    """Yield who is likely to revert what is changed by hand."""
    for name, told in _managers(target):
        if name == "Helm":
            yield warning(f"managed by Helm{told}: the next upgrade will overwrite this")
        else:
            yield warning(f"managed by {name}{told}, which is likely to revert this")
    for owner in target.meta.get("ownerReferences") or ():
        if owner.get("controller"):
            yield warning(
                f"owned by {owner.get('kind')}/{owner.get('name')}, which may revert this"
            )


def _managers(target: TargetObject) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    values = {**(target.meta.get("labels") or {}), **(target.meta.get("annotations") or {})}
    if values.get("app.kubernetes.io/managed-by") == "Helm":
        values.setdefault("meta.helm.sh/release-name", "")
    fields = (f.get("manager") for f in target.meta.get("managedFields") or ())
    told = [(name, values[key]) for key, name in _MANAGERS if key in values]
    told += [(_FIELD_MANAGERS[field], "") for field in fields if field in _FIELD_MANAGERS]
    for name, value in told:
        if name not in seen:
            seen.add(name)
            yield name, f" ({value})" if value else ""


async def autoscalers(
    site: ClusterConnection, target: TargetObject, *, scaling: bool
) -> list[Finding]:
    """Return which autoscaler sets the replicas of *target*; *scaling* is what it would undo."""
    path = f"/apis/autoscaling/v2/namespaces/{target.namespace}/{HPA}"
    found = await _listed(site, path, HPA)
    if isinstance(found, Finding):
        return [found]
    mine = [hpa for hpa in found if _scales(hpa, target)]
    return [_autoscaler(hpa, scaling=scaling) for hpa in mine]


def _scales(hpa: ApiObject, target: TargetObject) -> bool:
    reference = (hpa.get("spec") or {}).get("scaleTargetRef") or {}
    return (reference.get("kind"), reference.get("name")) == (target.resource.kind, target.name)


def _autoscaler(hpa: ApiObject, *, scaling: bool) -> Finding:
    spec = hpa.get("spec") or {}
    name = f"HorizontalPodAutoscaler {hpa['metadata']['name']}"
    between = f"{integer(spec, 'minReplicas', 1)} to {integer(spec, 'maxReplicas')} replicas"
    if scaling:
        return warning(f"{name} keeps {between} and will set the number again")
    return note(f"{name} keeps {between}: their number is its own")


async def disruption_budgets(
    site: ClusterConnection, target: TargetObject, labels: dict[str, str]
) -> list[Finding]:
    """Return the disruption budgets of pods with *labels*, which what we do does not ask."""
    path = f"/apis/policy/v1/namespaces/{target.namespace}/{PDB}"
    found = await _listed(site, path, PDB)
    if isinstance(found, Finding):
        return [found]
    mine = [pdb for pdb in found if _guards(pdb, labels)]
    return [_budget(pdb) for pdb in mine]


def _guards(pdb: ApiObject, labels: dict[str, str]) -> bool:
    selector = (pdb.get("spec") or {}).get("selector")
    return selector is not None and selector_matches(selector, labels)


def _budget(pdb: ApiObject) -> Finding:
    allowed = integer(pdb.get("status") or {}, "disruptionsAllowed")
    text = (
        f"PodDisruptionBudget {pdb['metadata']['name']} allows {allowed} disruptions now; "
        "this does not ask it"
    )
    return note(text) if allowed else warning(text)


async def _listed(site: ClusterConnection, path: str, plural: str) -> list[ApiObject] | Finding:
    try:
        return list(await list_all(site.client, path))
    except Forbidden:
        return note(f"whether {plural} are concerned is not known: may not list them")
    except SourceError as error:
        return note(f"whether {plural} are concerned is not known: {error.message}")


def update_strategy(target: TargetObject, pods: Iterable[ApiObject] = ()) -> Iterator[Finding]:
    """Yield what is special about how *target* is rolled out."""
    strategy = target.spec.get("strategy") or target.spec.get("updateStrategy") or {}
    if strategy.get("type") == "Recreate":
        yield warning("strategy Recreate: all pods end before the first new one starts")
    if strategy.get("type") == "OnDelete":
        yield warning("strategy OnDelete: each pod stays as it is until somebody deletes it")
    partition = integer(strategy.get("rollingUpdate") or {}, "partition")
    if partition:
        yield note(f"partition {partition}: pods below that ordinal stay as they are")
    if target.resource.kind == "StatefulSet":
        yield from _waiting(target, pods)


def _waiting(target: TargetObject, pods: Iterable[ApiObject]) -> Iterator[Finding]:
    """Yield the pods that a StatefulSet waits for for ever (documented as *forced rollback*)."""
    if target.spec.get("podManagementPolicy") == "Parallel":
        return
    for pod in pods:
        waits = [c for c in (pod.get("status") or {}).get("conditions") or () if _not_ready(c)]
        if waits:
            name = pod["metadata"]["name"]
            yield warning(f"pod {name} is not ready: it may have to be deleted to be replaced")


def _not_ready(condition: ApiObject) -> bool:
    return condition.get("type") == "Ready" and condition.get("status") == "False"


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
