"""Patches: JSON patch, merge patch, and the strategic merge patch of Kubernetes."""

from copy import deepcopy
from typing import Any, Final, TypeAlias

from opsboard.demo.kubernetes.responses import FakeKubernetesError

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"

Node: TypeAlias = Any


def apply_patch(content_type: str, before: Node, patch: Node) -> Node:
    """Return *before* with *patch* applied. Raises :exc:`FakeKubernetesError`."""
    made = deepcopy(before)
    if content_type == JSON_PATCH:
        for operation in patch:
            _operate(made, operation)
        return made
    if content_type in {MERGE_PATCH, STRATEGIC_PATCH}:
        return _merge(made, patch, by_name=content_type == STRATEGIC_PATCH)
    if content_type == APPLY_PATCH:
        raise FakeKubernetesError(
            415, "the demo has no server-side apply: apply without --server-side"
        )
    raise FakeKubernetesError(
        415, f"the body of the request was in an unknown format: {content_type}"
    )


def _merge(before: Node, patch: Node, *, by_name: bool) -> Node:
    if by_name and _is_named_list(before) and _is_named_list(patch):
        return _merge_named(before, patch)
    if not isinstance(patch, dict):
        return patch
    replaced = patch.get("$patch") == "replace"
    made = {} if replaced or not isinstance(before, dict) else before
    for key, value in patch.items():
        if by_name and key.startswith("$"):
            _direct(made, key, value)
        elif value is None:
            made.pop(key, None)
        else:
            made[key] = _merge(made.get(key), value, by_name=by_name)
    return made


def _direct(made: dict[str, Node], key: str, value: Node) -> None:
    """Apply a directive of a strategic merge patch. ``$setElementOrder`` is ignored."""
    word, _, of = key.partition("/")
    if word == "$retainKeys":
        for other in set(made) - set(value):
            del made[other]
    elif word == "$deleteFromPrimitiveList":
        made[of] = [item for item in made.get(of) or () if item not in value]


def _is_named_list(value: Node) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and "name" in item for item in value
    )


def _merge_named(before: list[Node], patch: list[Node]) -> list[Node]:
    made = {item["name"]: item for item in before}
    for item in patch:
        if item.get("$patch") == "delete":
            made.pop(item["name"], None)
        else:
            made[item["name"]] = _merge(made.get(item["name"]), item, by_name=True)
    return list(made.values())


def _operate(made: Node, operation: Node) -> None:
    """Apply one operation of a JSON patch (RFC 6902) to *made*, in place."""
    *path, last = _steps(operation["path"])
    try:
        parent = made
        for step in path:
            parent = parent[int(step) if isinstance(parent, list) else step]
        _OPERATIONS[operation["op"]](parent, last, operation.get("value"))
    except (KeyError, IndexError, ValueError, TypeError):
        raise FakeKubernetesError(
            422, f"the server rejected our request: {operation.get('op')} {operation.get('path')}"
        ) from None


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]


def _put(parent: Node, last: str, value: Node) -> None:
    if not isinstance(parent, list):
        parent[last] = value
    elif last == "-":
        parent.append(value)
    else:
        parent.insert(int(last), value)


def _replace(parent: Node, last: str, value: Node) -> None:
    key = int(last) if isinstance(parent, list) else last
    parent[key]  # raises if it is not there
    parent[key] = value


def _remove(parent: Node, last: str, _: Node) -> None:
    del parent[int(last) if isinstance(parent, list) else last]


def _test(parent: Node, last: str, value: Node) -> None:
    if parent[int(last) if isinstance(parent, list) else last] != value:
        raise ValueError(last)


_OPERATIONS: Final = {"add": _put, "replace": _replace, "remove": _remove, "test": _test}
