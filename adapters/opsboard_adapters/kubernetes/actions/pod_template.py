"""Pod templates: whether two are the same, and what differs between them, without secrets."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, TypeAlias

from pydantic_core import to_json

from opsboard.adapter import Difference
from opsboard.masking import is_reference, mask_structure, mask_text, sounds_secret
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.structs import LAST_APPLIED_ANNOTATION

HASH_LABEL: Final = "pod-template-hash"
"""The label that the Deployment controller adds to the template of a ReplicaSet."""


def without_generated(template: ApiObject) -> dict[str, Any]:
    """Return *template* without what its controller has added."""
    made = {key: value for key, value in template.items() if key != "$patch"}
    metadata = {k: v for k, v in (made.get("metadata") or {}).items() if v is not None}
    if labels := metadata.get("labels"):
        metadata["labels"] = {key: value for key, value in labels.items() if key != HASH_LABEL}
    return {**made, "metadata": metadata}


def template_digest(template: ApiObject) -> str:
    """Return a SHA-256 that equal templates share, in hexadecimal.

    Empty fields count as absent, as for kubectl (``equality.Semantic.DeepEqual``).
    """
    return sha256(to_json(_ordered(without_generated(template)))).hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        made = {key: _ordered(value[key]) for key in sorted(value)}
        return {key: item for key, item in made.items() if item not in (None, {}, [])}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


Path: TypeAlias = tuple[str, ...]
Leaf: TypeAlias = tuple[str, str]
"""A value, and the text that is shown for it."""

REFERENCE: Final = "reference"

HIDDEN: Final = "(not shown)"
CHANGED: Final = "(changed, not shown)"

_KEYS: Final = ("name", "mountPath", "containerPort", "ip", "key", "topologyKey", "conditionType")
"""The first of these that the items of a list have identifies them."""

_PROBES: Final = {
    "livenessProbe": "liveness",
    "readinessProbe": "readiness",
    "startupProbe": "startup",
}
_GROUPS: Final = {
    "image": "images",
    "env": "env",
    "envFrom": "config",
    "command": "command",
    "args": "command",
    "resources": "resources",
    "volumeMounts": "volumes",
    "ports": "ports",
    **dict.fromkeys(_PROBES, "probes"),
}
_ORDER: Final = ("images", "env", "config", "command", "resources", "probes", "volumes")


def differences(before: ApiObject, after: ApiObject) -> tuple[Difference, ...]:
    """Return what changes from one pod template to the other; empty where nothing does."""
    old, new = dict(_leaves(without_generated(before))), dict(_leaves(without_generated(after)))
    found = [
        _difference(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]
    if not found and template_digest(before) != template_digest(after):
        found.append(Difference(group="pod", name="order of items", before="", after="changed"))
    return tuple(sorted(found, key=_rank))


def _rank(one: Difference) -> tuple[int, str, str]:
    group = _ORDER.index(one.group) if one.group in _ORDER else len(_ORDER)
    return group, one.group, one.name


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Leaf]]:
    """Yield each value with its path; an environment variable counts as one value."""
    if path[-2:-1] == ("env",):
        yield _variable(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    elif isinstance(value, list) and not _is_plain_list(value):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, _key(item, index)))
    elif value not in (None, []):
        yield path, _leaf(value, path)


def _leaf(value: Any, path: Path) -> Leaf:
    if isinstance(value, list):
        words = [str(word) for word in value]
        return " ".join(words), masked_words(words)
    text = str(value)
    secret = isinstance(value, str) and not is_reference(text) and _is_secret(path)
    return text, HIDDEN if secret else mask_text(text)


def _is_secret(path: Path) -> bool:
    """Return whether the name at *path* sounds like a secret, or it holds a whole object."""
    named = path[:2] == ("metadata", "annotations") or "httpHeaders" in path
    return path[-1] == LAST_APPLIED_ANNOTATION or any(
        map(sounds_secret, path[2:] if named else path[-1:])
    )


def _variable(item: Any, path: Path) -> tuple[Path, Leaf]:
    if source := item.get("valueFrom"):
        text = _reference(source)
        return (*path, REFERENCE), (text, text)
    value = str(item.get("value") or "")
    return path, (value, HIDDEN if sounds_secret(path[-1]) else mask_text(value))


def _reference(source: Mapping[str, Any]) -> str:
    kind, reference = next(iter(source.items()))
    where = reference.get("name") or reference.get("fieldPath") or reference.get("resource") or ""
    key = f" key {reference['key']}" if "key" in reference else ""
    return f"from {kind.removesuffix('Ref').removesuffix('Key')} {where}{key}"


def masked_words(words: Sequence[str]) -> str:
    """Return a command with what may be a secret in it masked."""
    return " ".join(mask_structure(list(words), mask_text))


def _is_plain_list(value: list[Any]) -> bool:
    return not any(isinstance(item, Mapping | list) for item in value)


def _key(item: Any, index: int) -> str:
    if isinstance(item, Mapping):
        for key in _KEYS:
            if key in item:
                return str(item[key])
        for key in ("configMapRef", "secretRef"):
            if key in item:
                return f"{key.removesuffix('Ref')} {item[key].get('name')}"
    return str(index)


# --- one difference ------------------------------------------------------------------------------


def _difference(path: Path, before: Leaf | None, after: Leaf | None) -> Difference:
    group, name = _group_and_name(path)
    old, new = before[1] if before else None, after[1] if after else None
    return Difference(group=group, name=name, before=old, after=CHANGED if old == new else new)


def _group_and_name(path: Path) -> tuple[str, str]:
    """Return the group and the name under which the value at *path* is shown."""
    if path[0] == "metadata":
        return (path[1], path[2]) if len(path) > 2 else ("pod", path[-1])
    if path[:2] in {("spec", "containers"), ("spec", "initContainers")} and len(path) > 3:
        return _in_container(path)
    if path[:2] == ("spec", "volumes"):
        config = {"configMap", "secret", "projected"} & set(path)
        return "config" if config else "volumes", " ".join(path[2:])
    return "pod", " ".join(path[1:])


def _in_container(path: Path) -> tuple[str, str]:
    container, field, rest = path[2], path[3], path[4:]
    prefix = f"init {container}" if path[1] == "initContainers" else container
    word = _PROBES.get(field, "" if field in {"image", "env", "resources"} else field)
    steps = (step for step in (prefix, word, *rest) if step and step != REFERENCE)
    return _GROUPS.get(field, "containers"), " ".join(steps)
