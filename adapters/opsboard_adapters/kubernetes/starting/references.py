"""Which ConfigMaps and Secrets, and which of their keys, a pod needs to start.

Source: *Configure a Pod to Use a ConfigMap* and *Secrets* in the Kubernetes documentation: a
container with a variable of a key that is missing does not start (``CreateContainerConfigError``),
nor does a pod whose volume names a missing object or key. What is *optional* is left out here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from opsboard_adapters.kubernetes.objects import ApiObject


class ConfigNeed(NamedTuple):
    """A ConfigMap or Secret that has to be there, with *keys* in it."""

    kind: str
    name: str
    keys: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def config_needs(spec: ApiObject) -> list[ConfigNeed]:
    """Return what pods of *spec* need, each object once, in the order of their names."""
    keys: dict[tuple[str, str], set[str]] = {}
    for one in (*_of_containers(spec), *_of_volumes(spec)):
        keys.setdefault((one.kind, one.name), set()).update(one.keys)
    return [ConfigNeed(*key, frozenset(found)) for key, found in sorted(keys.items())]


def containers_of(spec: ApiObject) -> Iterator[ApiObject]:
    """Yield the containers of a pod, those that run before the others first."""
    for field in ("initContainers", "containers"):
        yield from spec.get(field) or ()


def _of_containers(spec: ApiObject) -> Iterator[ConfigNeed]:
    for container in containers_of(spec):
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if reference := source.get(field):
                    yield from _need(kind, reference, [reference.get("key")])
        for source in container.get("envFrom") or ():
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if reference := source.get(field):
                    yield from _need(kind, reference, [])


def _of_volumes(spec: ApiObject) -> Iterator[ConfigNeed]:
    for volume in spec.get("volumes") or ():
        projected = (volume.get("projected") or {}).get("sources") or ()
        for source in (volume, *projected):
            for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                if reference := source.get(field):
                    items = reference.get("items") or ()
                    yield from _need(kind, reference, [item.get("key") for item in items])


def _need(kind: str, reference: ApiObject, keys: list[object]) -> Iterator[ConfigNeed]:
    name = reference.get("name") or reference.get("secretName")
    if name and not reference.get("optional"):
        yield ConfigNeed(kind, str(name), frozenset(str(key) for key in keys if key))
