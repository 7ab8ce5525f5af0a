"""The shape of JSON documents: their fields, the types of these, and the words in them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

Shape: TypeAlias = dict[str, Any]
"""``paths``: field -> JSON types; ``words``: field of an enumeration -> the words seen in it."""

FREE: Final = frozenset({"payload", "precondition", "values"})
"""Objects whose keys are an adapter's own affair: a script takes them as they are."""
ENUMERATIONS: Final = frozenset(
    {
        "schema", "kind", "status", "state", "condition", "permission", "gravity", "severity",
        "effect", "ruling", "decision", "event", "result", "action", "exit_code",
    }
)  # fmt: skip
"""Fields that hold one of a few words."""

_TYPES: Final = {
    type(None): "null", bool: "boolean", int: "number", float: "number", str: "string",
    list: "array", dict: "object",
}  # fmt: skip


def shape_of(documents: Iterable[Any]) -> Shape:
    """Return the shape that all *documents* have together."""
    paths: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    for document in documents:
        for path, value in _walk(document, ""):
            paths.setdefault(path, set()).add(_TYPES[type(value)])
            name = path.rpartition(".")[2]
            if name in ENUMERATIONS and isinstance(value, str | int):
                words.setdefault(path, set()).add(str(value))
    return {
        "paths": {path: sorted(types) for path, types in sorted(paths.items())},
        "words": {path: sorted(found) for path, found in sorted(words.items())},
    }


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if path:
        yield path, value
    if isinstance(value, Mapping):
        if path.rpartition(".")[2] in FREE:
            return
        for key, held in value.items():
            yield from _walk(held, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for held in value:
            yield from _walk(held, f"{path}[]")


def schema_shape(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that a JSON Schema allows, each with its types, words and default."""
    found: dict[str, Any] = {}
    for path, part in _parts(schema, schema, ""):
        known = found.setdefault(path, {"types": set(), "words": set(), "default": []})
        known["types"] |= set(_types(part))
        known["words"] |= {str(word) for word in (*part.get("enum", ()), part.get("const", ""))}
        if "default" in part and part["default"] not in known["default"]:
            known["default"].append(part["default"])
    return {
        path: {
            "types": sorted(known["types"]),
            "words": sorted(known["words"] - {""}),
            "default": known["default"],
        }
        for path, known in sorted(found.items())
    }


def _types(part: Mapping[str, Any]) -> Iterator[str]:
    named = part.get("type", ())
    yield from [named] if isinstance(named, str) else named


def _parts(
    root: Mapping[str, Any], part: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path of each key in *part*, with what the schema says of it."""
    if "$ref" in part:
        meant = root["$defs"][part["$ref"].rpartition("/")[2]]
        part = {**meant, **{key: held for key, held in part.items() if key != "$ref"}}
    if part.get("deprecated"):
        return  # an earlier name that is still read
    if path:
        yield path, part
    for name, inner in part.get("properties", {}).items():
        yield from _parts(root, inner, f"{path}.{name}" if path else name)
    for key, mark in (("additionalProperties", "{}"), ("items", "[]")):
        if isinstance(part.get(key), Mapping):
            yield from _parts(root, part[key], f"{path}{mark}")
    for choice in (*part.get("anyOf", ()), *part.get("oneOf", ())):
        yield from _parts(root, choice, _chosen(root, choice, path))


def _chosen(root: Mapping[str, Any], choice: Mapping[str, Any], path: str) -> str:
    """Return the path of *choice*: that of a source has the name of its adapter in it."""
    meant = root["$defs"][choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice
    adapter = meant.get("properties", {}).get("adapter", {}).get("const", "")
    return f"{path}<{adapter}>" if adapter else path
