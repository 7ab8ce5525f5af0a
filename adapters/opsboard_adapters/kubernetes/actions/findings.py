"""What to know before a workload is changed: who may revert it, what it does not bring back."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from opsboard.adapter import Finding, NotFound, SourceError
from opsboard.adapter.actions.findings import not_known, note, warning
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject, integer, selector_matches
from opsboard_adapters.kubernetes.resources import api_path

HPA: Final = "horizontalpodautoscalers"
PDB: Final = "poddisruptionbudgets"

_MANAGERS: Final = (
    ("argocd.argoproj.io/tracking-id", "Argo CD"),
    ("argocd.argoproj.io/instance", "Argo CD"),
    ("kustomize.toolkit.fluxcd.io/name", "Flux"),
    ("helm.toolkit.fluxcd.io/name", "Flux (Helm)"),
    ("meta.helm.sh/release-name", "Helm"),
)
"""Labels and annotations that a tool leaves on the objects that it manages."""

_FIELD_MANAGERS: Final = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux (Helm)",
}
"""Field managers (``metadata.managedFields``) of those tools."""


def managed_by(target: TargetObject) -> Iterator[Finding]:
    """Yield who is likely to revert a change made by hand."""
    for name, instance in _managers(target):
        if name == "Helm":
            yield warning(f"managed by Helm{instance}: the next upgrade will overwrite this")
        else:
            yield warning(f"managed by {name}{instance}, which is likely to revert this")
    for owner in target.meta.get("ownerReferences") or ():
        if owner.get("controller"):
            yield warning(
                f"owned by {owner.get('kind')}/{owner.get('name')}, which may revert this"
            )


def _managers(target: TargetObject) -> Iterator[tuple[str, str]]:
    """Yield the managers of *target*, each once, with what it calls the object (`` (name)``)."""
    seen: set[str] = set()
    values = {**(target.meta.get("labels") or {}), **(target.meta.get("annotations") or {})}
    if values.get("app.kubernetes.io/managed-by") == "Helm":
        values.setdefault("meta.helm.sh/release-name", "")
    fields = (f.get("manager") for f in target.meta.get("managedFields") or ())
    found = [(name, values[key]) for key, name in _MANAGERS if key in values]
    found += [(_FIELD_MANAGERS[field], "") for field in fields if field in _FIELD_MANAGERS]
    for name, value in found:
        if name not in seen:
            seen.add(name)
            yield name, f" ({value})" if value else ""


# --- autoscalers and disruption budgets ----------------------------------------------------------


async def autoscalers(target: TargetObject, *, scaling: bool) -> list[Finding]:
    """Return the HorizontalPodAutoscalers of *target*; *scaling* is what they would undo."""
    found = await _listed(target, "autoscaling/v2", HPA)
    if isinstance(found, Finding):
        return [found]
    return [_autoscaler(hpa, scaling=scaling) for hpa in found if _scales(hpa, target)]


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


async def disruption_budgets(target: TargetObject, labels: dict[str, str]) -> list[Finding]:
    """Return the PodDisruptionBudgets of pods with *labels*: only evictions respect them."""
    found = await _listed(target, "policy/v1", PDB)
    if isinstance(found, Finding):
        return [found]
    return [_budget(pdb) for pdb in found if _selects(pdb, labels)]


def _selects(pdb: ApiObject, labels: dict[str, str]) -> bool:
    selector = (pdb.get("spec") or {}).get("selector")
    return selector is not None and selector_matches(selector, labels)


def _budget(pdb: ApiObject) -> Finding:
    allowed = integer(pdb.get("status") or {}, "disruptionsAllowed")
    text = (
        f"PodDisruptionBudget {pdb['metadata']['name']} allows {allowed} disruptions now; "
        "this action does not respect it"
    )
    return note(text) if allowed else warning(text)


async def _listed(target: TargetObject, group: str, plural: str) -> list[ApiObject] | Finding:
    """Return the objects of a collection, or that they cannot be listed."""
    path = api_path(f"/apis/{group}", plural, target.namespace)
    try:
        return list(await target.connection.list_all(path))
    except SourceError as error:
        return not_known(f"whether {plural} are concerned", error)


# --- update strategies ---------------------------------------------------------------------------


def update_strategy(target: TargetObject, pods: Iterable[ApiObject] = ()) -> Iterator[Finding]:
    """Yield what is special about the way *target* is rolled out."""
    strategy = target.spec.get("strategy") or target.spec.get("updateStrategy") or {}
    if strategy.get("type") == "Recreate":
        yield warning("strategy Recreate: all pods end before the first new one starts")
    if strategy.get("type") == "OnDelete":
        yield warning("strategy OnDelete: each pod stays as it is until somebody deletes it")
    partition = integer(strategy.get("rollingUpdate") or {}, "partition")
    if partition:
        yield note(f"partition {partition}: pods below that ordinal stay as they are")
    if target.resource.kind == "StatefulSet":
        yield from _blocking_pods(target, pods)


def _blocking_pods(target: TargetObject, pods: Iterable[ApiObject]) -> Iterator[Finding]:
    """Yield the pods for which a StatefulSet waits for ever (*Forced rollback* in its docs)."""
    if target.spec.get("podManagementPolicy") == "Parallel":
        return
    for pod in pods:
        if any(map(_is_not_ready, (pod.get("status") or {}).get("conditions") or ())):
            name = pod["metadata"]["name"]
            yield warning(f"pod {name} is not ready: it may have to be deleted to be replaced")


def _is_not_ready(condition: ApiObject) -> bool:
    return condition.get("type") == "Ready" and condition.get("status") == "False"


# --- ConfigMaps and Secrets ----------------------------------------------------------------------

MAX_REFERENCES: Final = 20
"""How many references of a template are looked up."""

_REFERENCE_KINDS: Final = {
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "configMap": "ConfigMap",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
    "secret": "Secret",
}
_METADATA_ONLY: Final = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
"""Asks for the metadata alone: the values of a Secret are never transferred."""


class ConfigReference(NamedTuple):
    """A ConfigMap or Secret that a pod reads; it starts without an *optional* one."""

    kind: str
    name: str
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def not_rolled_back(template: ApiObject) -> tuple[Finding, ...]:
    """Return that the ConfigMaps and Secrets of *template* are not rolled back with it."""
    names = ", ".join(_reference_names(template))
    return (note(f"not rolled back, but read as it is now: {names}"),) if names else ()


def read_by_new_pods(template: ApiObject) -> tuple[Finding, ...]:
    """Return the ConfigMaps and Secrets that new pods of *template* read as they are now."""
    names = ", ".join(_reference_names(template))
    return (note(f"read by new pods as it is now: {names}"),) if names else ()


async def missing_references(target: TargetObject, template: ApiObject) -> list[Finding]:
    """Return the ConfigMaps and Secrets that *template* needs and that do not exist."""
    needed = {one for one in _references(template.get("spec") or {}) if not one.optional}
    wanted = sorted(needed)[:MAX_REFERENCES]
    exist = await asyncio.gather(*(_exists(target, one) for one in wanted))
    missing = [str(one) for one, found in zip(wanted, exist, strict=True) if not found]
    if not missing:
        return []
    names = ", ".join(missing)
    return [warning(f"{names}: needed by it, and not there: its pods will not start")]


async def _exists(target: TargetObject, one: ConfigReference) -> bool:
    """Return whether it exists; one that may not be read counts as existing."""
    path = api_path("/api/v1", f"{one.kind.lower()}s", target.namespace, one.name)
    try:
        await target.connection.get(path, headers=_METADATA_ONLY)
    except NotFound:
        return False
    except SourceError:
        return True
    return True


def _reference_names(template: ApiObject) -> list[str]:
    return sorted({str(one) for one in _references(template.get("spec") or {})})


def _references(value: Any) -> Iterator[ConfigReference]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _REFERENCE_KINDS and isinstance(item, dict):
                name = item.get("name") or item.get("secretName")
                kind, optional = _REFERENCE_KINDS[key], bool(item.get("optional"))
                yield ConfigReference(kind, str(name), optional)
            yield from _references(item)
