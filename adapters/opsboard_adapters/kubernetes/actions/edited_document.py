"""An object as a document to edit, and what somebody has changed in it, as a JSON Patch.

Values that may be secret are masked in the document. What is left as it was stays as it is on the
server; a hidden value cannot be changed by it, nor a new one be set. Source: RFC 6902.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import takewhile
from typing import Any, Final, NamedTuple

import yaml

from opsboard.adapter import Difference, Misconfigured, PreconditionFailed
from opsboard.masking import MASK
from opsboard_adapters.kubernetes.objects import ApiObject, masked

MAX_DOCUMENT: Final = 1_000_000
"""Characters of a document that is read back."""
MAX_CHANGES: Final = 200
SAME: Final = "opsboard.dev/same"
"""In a list of a patch, stands for the element of the object that has this number: what is masked
is neither in a plan nor in the audit trail."""
_SERVERS: Final = frozenset(
    {
        "creationTimestamp",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
"""Metadata that nobody edits."""
_FIXED: Final = frozenset(
    {
        ("apiVersion",),
        ("kind",),
        ("status",),
        ("metadata",),
        *(("metadata", key) for key in ("name", "namespace", *_SERVERS)),
    }
)
"""What says which object it is, and what the server alone writes, as paths."""
_HEAD: Final = "# Made of state "
_ADVICE: Final = """\
# (keep this line: it tells whether somebody else has changed it since).
# Save and leave the editor to see the plan; only what you confirm is done.
# Values that may be secret are hidden, and stay as they are.
"""


class PatchOperation(NamedTuple):
    """One operation of a JSON Patch: *op* at *path*, whose parts are not escaped."""

    op: str
    path: tuple[str | int, ...]
    value: Any = None

    @property
    def pointer(self) -> str:
        """The path as a JSON Pointer (RFC 6901)."""
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in self.path)
        return "".join(f"/{part}" for part in parts)

    @property
    def name(self) -> str:
        """The path as people write it: ``spec.containers[0].image``."""
        return _path_text(self.path)


def editable(item: ApiObject) -> dict[str, Any]:
    """Return what of an object can be edited."""
    kept = {key: value for key, value in item.items() if key != "status"}
    meta = item.get("metadata") or {}
    return {**kept, "metadata": {key: meta[key] for key in meta if key not in _SERVERS}}


def digest(item: ApiObject) -> str:
    """Return what tells what can be edited of an object from all else that it may be."""
    text = json.dumps(editable(item), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:20]


def document_of(item: ApiObject) -> str:
    """Return the document of an object, with the digest that it is of in its first line."""
    shown = masked(editable(item))
    text = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=1_000)
    return f"{_HEAD}{digest(item)}\n{_ADVICE}{text}"


def changes_in(document: str, item: ApiObject) -> list[PatchOperation]:
    """Return what *document* changes in *item*.

    Raises :exc:`Misconfigured` where it cannot be read or sets what it must not, and
    :exc:`PreconditionFailed` where the object was changed since it was made.
    """
    try:
        return _changes_in(document, item)
    except RecursionError:
        raise Misconfigured("it is nested too deeply", "e edits it again") from None


def _changes_in(document: str, item: ApiObject) -> list[PatchOperation]:
    edited = _read(document)
    _check_state(document, item)
    real = editable(item)
    shown = masked(real)
    _refuse_hidden(edited, masked(edited), ())
    found = list(_compared(shown, edited, real, ()))
    for one in found:
        if one.path in _FIXED:
            raise Misconfigured(f"{one.name} cannot be changed", "edit another field")
    if len(found) > MAX_CHANGES:
        raise Misconfigured(f"{len(found)} changes are too many for a plan", "apply a manifest")
    return found


def _check_state(document: str, item: ApiObject) -> None:
    """Raise :exc:`PreconditionFailed` unless *document* says that it was made of *item* as it is.

    Without that, what somebody else has changed since would be taken back by it.
    """
    lines = (line.strip() for line in document.splitlines())
    comments = takewhile(lambda line: not line or line.startswith("#"), lines)
    heads = [line.removeprefix(_HEAD) for line in comments if line.startswith(_HEAD)]
    if not heads:
        raise PreconditionFailed(
            f"the line {_HEAD.strip()!r} at its top is gone, which says what it was made of",
            "go back, and edit it again",
        )
    if digest(item) not in heads:
        raise PreconditionFailed(
            "it was changed by somebody else while it was edited", "go back, and edit it again"
        )


def _read(document: str) -> Mapping[str, Any]:
    if len(document) > MAX_DOCUMENT:
        raise Misconfigured("the document is too long", "edit less of it")
    try:
        edited = yaml.load(document, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise Misconfigured(f"this is no YAML{where}: {what}", "e edits it again") from None
    except ValueError as error:  # such as a day that no month has
        raise Misconfigured(f"it has a value that is none: {error}", "put it in quotes") from None
    if not isinstance(edited, Mapping):
        raise Misconfigured("this is no object of the API", "e edits it again")
    plain: Mapping[str, Any] = json.loads(_as_json(edited))
    return plain


class _Loader(yaml.SafeLoader):
    """Reads no mapping that has a key twice: YAML forbids it, and the last one would win."""

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:  # as JSON has it: 1 and "1" are one
                    said = f"the key {key.value[:60]!a} is there twice"
                    raise yaml.MarkedYAMLError(problem=said, problem_mark=key.start_mark)
                seen.add(key.value)
        return node


def _as_json(edited: Mapping[str, Any]) -> str:
    """Return *edited* as JSON. Aliases are written out, so that it may be longer than it was."""
    parts: list[str] = []
    room = MAX_DOCUMENT
    try:
        for part in json.JSONEncoder(allow_nan=False).iterencode(edited):
            parts.append(part)
            if (room := room - len(part)) < 0:
                raise Misconfigured("the document is too long", "edit less of it")
    except (TypeError, ValueError):
        raise Misconfigured("it has values that JSON has not", "write times in quotes") from None
    text = "".join(parts)
    if SAME in text:
        raise Misconfigured(f"{SAME} stands for something else", "take it out")
    return text


def _refuse_hidden(edited: Any, hidden: Any, path: tuple[str | int, ...]) -> None:
    """Refuse a value that looks as if it was a secret: it would be in the plan and on record."""
    if edited == hidden:
        return
    if isinstance(edited, Mapping) and isinstance(hidden, Mapping):
        for key in edited:
            _refuse_hidden(edited[key], hidden.get(key), (*path, key))
    elif isinstance(edited, list) and isinstance(hidden, list) and len(edited) == len(hidden):
        for at, (one, other) in enumerate(zip(edited, hidden, strict=True)):
            _refuse_hidden(one, other, (*path, at))
    else:
        _refuse(path, "looks like a secret, which would be on record")


def _refuse(path: tuple[str | int, ...], why: str) -> None:
    raise Misconfigured(f"{_path_text(path)} {why}", "set it by kubectl, or refer to a Secret")


def _compared(
    shown: Any, edited: Any, real: Any, path: tuple[str | int, ...]
) -> Iterator[PatchOperation]:
    if isinstance(shown, Mapping) and edited is None:
        edited = {}  # a key whose fields were all taken out
    if shown == edited:
        return
    if isinstance(shown, Mapping) and isinstance(edited, Mapping):
        yield from _compared_keys(shown, edited, real, path)
    elif isinstance(shown, list) and isinstance(edited, list):
        yield from _compared_elements(shown, edited, real, path)
    else:
        if shown != real:
            _refuse(path, "is hidden here, and cannot be changed from here")
        yield PatchOperation("replace", path, _without_mask(edited, real, path))


def _compared_keys(
    shown: Mapping[str, Any], edited: Mapping[str, Any], real: Any, path: tuple[str | int, ...]
) -> Iterator[PatchOperation]:
    for key in [*shown, *(key for key in edited if key not in shown)]:
        within = (*path, key)
        if key not in shown:
            yield PatchOperation("add", within, _without_mask(edited[key], None, within))
        elif key in edited:
            yield from _compared(shown[key], edited[key], real[key], within)
        elif isinstance(shown[key], Mapping) and shown[key].keys() != real[key].keys():
            yield from _compared_keys(shown[key], {}, real[key], within)  # nobody saw the others
        else:
            yield PatchOperation("remove", within)


def _compared_elements(
    shown: list[Any], edited: list[Any], real: list[Any], path: tuple[str | int, ...]
) -> Iterator[PatchOperation]:
    """Compare lists place by place, unless a hidden value would get into another's place so."""
    if len(shown) == len(edited) and all(
        shown[at] == real[at] or _is_same_thing(shown[at], one) for at, one in enumerate(edited)
    ):
        for at, one in enumerate(shown):
            yield from _compared(one, edited[at], real[at], (*path, at))
    else:
        yield PatchOperation("replace", path, _kept(shown, edited, real, path))


def _is_same_thing(one: Any, other: Any) -> bool:
    """Tell whether *other* is *one*, changed or not: what hides something is known by its name."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return bool(one == other)
    return one == other or ("name" in one and one["name"] == other.get("name"))


def _without_mask(value: Any, real: Any, path: tuple[str | int, ...]) -> Any:
    """Return *value*, which takes the place of *real*, unless it was copied from what is hidden."""
    if MASK in json.dumps(value) and MASK not in json.dumps(real):
        _refuse(path, "has a hidden value, which cannot be moved from here")
    return value


def _kept(
    shown: list[Any], edited: list[Any], real: list[Any], path: tuple[str | int, ...]
) -> list[Any]:
    """Return *edited* with the elements that were there already named by their numbers."""
    kept: list[Any] = []
    left = list(range(len(shown)))
    for one in edited:
        if (at := next((at for at in left if shown[at] == one), None)) is not None:
            left.remove(at)
            kept.append({SAME: at})
        elif MASK in json.dumps(one):
            _refuse(path, "has an element with hidden values that is neither as it was nor new")
        else:
            kept.append(one)
    taken = set(range(len(shown))) - set(left)
    if any(shown[at] == shown[by] and real[at] != real[by] for at in left for by in taken):
        _refuse(path, "has elements that look alike here: which of them goes is not clear")
    return kept


def as_sent(operation: PatchOperation, item: ApiObject) -> dict[str, Any]:
    """Return *operation* as it is sent for *item*, whose elements take their places in lists."""
    if operation.op == "remove":
        return {"op": "remove", "path": operation.pointer}
    value = operation.value
    if isinstance(value, list) and any(isinstance(one, Mapping) and SAME in one for one in value):
        there: Any = item
        for part in operation.path:
            there = there[part]
        value = [
            there[one[SAME]] if isinstance(one, Mapping) and SAME in one else one for one in value
        ]
    return {"op": operation.op, "path": operation.pointer, "value": value}


def difference(operation: PatchOperation, item: ApiObject) -> Difference:
    """Return *operation* as the plan shows it."""
    shown: Any = masked(editable(item))
    for part in operation.path:
        shown = shown.get(part) if isinstance(shown, Mapping) else shown[int(part)]
        if shown is None:
            break
    value = operation.value
    if isinstance(value, list) and isinstance(shown, list):
        value = [
            shown[one[SAME]] if isinstance(one, Mapping) and SAME in one else one for one in value
        ]
    return Difference(
        group=str(operation.path[0]),
        name=operation.name,
        before=None if operation.op == "add" else _text(shown),
        after=None if operation.op == "remove" else _text(value),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _path_text(path: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
