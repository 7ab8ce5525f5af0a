"""Bodies in Kubernetes' protobuf, which kubectl sends where it knows the type.

Only the fields of the messages below are read: they are those of ``generated.proto`` in the API's
packages (1.36). A field that is not known and not empty is refused, so that nothing is lost
unnoticed.

The encoding is https://protobuf.dev/programming-guides/encoding/, in an envelope: four bytes, then
a message with the API version, the kind, and the object.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from opsboard.demo.kubernetes.answers import Refusal

MAGIC: Final = b"k8s\x00"

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


class Field(NamedTuple):
    """A field of a message: *kind* is that of its value, *many* whether it comes repeatedly."""

    name: str
    kind: "str | Message"
    many: bool = False


Message: TypeAlias = Mapping[int, Field]


def _text(**numbers: int) -> dict[int, Field]:
    return {number: Field(name, "text") for name, number in numbers.items()}


def _whole(**numbers: int) -> dict[int, Field]:
    return {number: Field(name, "int") for name, number in numbers.items()}


def _truth(**numbers: int) -> dict[int, Field]:
    return {number: Field(name, "bool") for name, number in numbers.items()}


_OWNER: Final[Message] = {
    **_text(kind=1, name=3, uid=4, apiVersion=5),
    **_truth(controller=6, blockOwnerDeletion=7),
}
_METADATA: Final[Message] = {
    **_text(name=1, generateName=2, namespace=3, uid=5, resourceVersion=6),
    11: Field("labels", "map"),
    12: Field("annotations", "map"),
    13: Field("ownerReferences", _OWNER, many=True),
    14: Field("finalizers", "text", many=True),
}
_KEY: Final[Message] = {
    1: Field("", _text(name=1)),
    **_text(key=2),
    **_truth(optional=3),
}
_ENV: Final[Message] = {
    **_text(name=1, value=2),
    3: Field(
        "valueFrom",
        {
            1: Field("fieldRef", _text(apiVersion=1, fieldPath=2)),
            3: Field("configMapKeyRef", _KEY),
            4: Field("secretKeyRef", _KEY),
        },
    ),
}
_RESOURCES: Final[Message] = {1: Field("limits", "quantities"), 2: Field("requests", "quantities")}
_CONTAINER: Final[Message] = {
    **_text(name=1, image=2, workingDir=5, terminationMessagePath=13, imagePullPolicy=14),
    **_text(terminationMessagePolicy=20, restartPolicy=24),
    3: Field("command", "text", many=True),
    4: Field("args", "text", many=True),
    7: Field("env", _ENV, many=True),
    8: Field("resources", _RESOURCES),
}
_POD: Final[Message] = {
    2: Field("containers", _CONTAINER, many=True),
    20: Field("initContainers", _CONTAINER, many=True),
    **_text(restartPolicy=3, dnsPolicy=6, serviceAccountName=8, serviceAccount=9, nodeName=10),
    **_text(schedulerName=19, priorityClassName=24),
    **_whole(terminationGracePeriodSeconds=4, activeDeadlineSeconds=5),
    7: Field("nodeSelector", "map"),
    14: Field("securityContext", {}),
}
_JOB: Final[Message] = {
    **_whole(parallelism=1, completions=2, activeDeadlineSeconds=3, backoffLimit=7),
    **_whole(ttlSecondsAfterFinished=8),
    **_text(completionMode=9),
    **_truth(manualSelector=5, suspend=10),
    6: Field("template", {1: Field("metadata", _METADATA), 2: Field("spec", _POD)}),
}
_ACCESS: Final[Message] = {
    1: Field(
        "resourceAttributes",
        _text(namespace=1, verb=2, group=3, version=4, resource=5, subresource=6, name=7),
    ),
    2: Field("nonResourceAttributes", _text(path=1, verb=2)),
}
_UNKNOWN: Final[Message] = {
    1: Field("typeMeta", _text(apiVersion=1, kind=2)),
    2: Field("raw", "bytes"),
}
"""The envelope (``runtime.Unknown``)."""

_KINDS: Final[Mapping[tuple[str, str], Message]] = {
    ("batch/v1", "Job"): _JOB,
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview"): _ACCESS,
    ("authorization.k8s.io/v1", "SelfSubjectRulesReview"): _text(namespace=1),
    ("authentication.k8s.io/v1", "SelfSubjectReview"): {},
}
"""The specifications of what is read; all these objects have their metadata as 1, it as 2."""


def read_protobuf(body: bytes) -> dict[str, Any]:
    """Return the object in *body*, as JSON would have it. Raises :exc:`Refusal`."""
    if not body.startswith(MAGIC):
        raise Refusal(400, "the body is not Kubernetes' protobuf")
    envelope = _read(body[len(MAGIC) :], _UNKNOWN, "the envelope")
    about = envelope.get("typeMeta") or {}
    version, kind = about.get("apiVersion", ""), about.get("kind", "")
    spec = _KINDS.get((version, kind))
    if spec is None:
        raise Refusal(415, f"the demo reads a {kind or 'body'} as JSON only: send a manifest")
    whole = {1: Field("metadata", _METADATA), 2: Field("spec", spec), 3: Field("status", "bytes")}
    read = _read(envelope.get("raw", b""), whole, kind)
    read.pop("status", None)  # that is the server's to say
    return {"apiVersion": version, "kind": kind, "metadata": {}, **read}


def _read(body: bytes, message: Message, where: str) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for number, value in _fields(body):
        field = message.get(number)
        if field is None:
            if value not in (b"", 0):
                raise Refusal(415, f"the demo does not know field {number} of {where} in protobuf")
        elif value != b"" or not isinstance(field.kind, str):
            _put(read, field, value)
    return read


def _put(read: dict[str, Any], field: Field, value: "bytes | int") -> None:
    if field.kind in ("map", "quantities"):
        key, one = _pair(value, field.kind == "quantities")
        read.setdefault(field.name, {})[key] = one
    elif field.many:
        read.setdefault(field.name, []).append(_value(field, value))
    elif field.name:
        read[field.name] = _value(field, value)
    else:  # a part whose fields stand in the whole
        read.update(_value(field, value))


def _value(field: Field, value: "bytes | int") -> Any:
    if not isinstance(field.kind, str):
        return _read(_bytes(value, field.name), field.kind, field.name)
    if field.kind == "bytes":
        return _bytes(value, field.name)
    if field.kind == "text":
        return _bytes(value, field.name).decode()
    if not isinstance(value, int):
        raise Refusal(400, f"{field.name} is no number")
    return bool(value) if field.kind == "bool" else value


def _pair(value: "bytes | int", quantity: bool) -> tuple[str, str]:
    """Return key and value of an entry of a map; a quantity is a message that holds a text."""
    told = dict(_fields(_bytes(value, "a map")))
    key, one = (_bytes(told.get(number, b""), "a map") for number in (1, 2))
    if quantity:
        one = _bytes(dict(_fields(one)).get(1, b""), "a quantity")
    return key.decode(), one.decode()


def _bytes(value: "bytes | int", where: str) -> bytes:
    if isinstance(value, int):
        raise Refusal(400, f"{where} is a number")
    return value


def _fields(body: bytes) -> "Iterator[tuple[int, bytes | int]]":
    """Yield number and value of each field."""
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        number, wire = tag >> 3, tag & 7
        value: bytes | int
        if wire == _VARINT:
            value, at = _varint(body, at)
        else:
            size, at = _size(body, at, wire)
            value, at = body[at : at + size], at + size
        if at > len(body):
            raise Refusal(400, "the body ends too early")
        yield number, value


def _size(body: bytes, at: int, wire: int) -> tuple[int, int]:
    if wire == _BYTES:
        return _varint(body, at)
    if wire in {_FIXED_64, _FIXED_32}:
        return (8 if wire == _FIXED_64 else 4), at
    raise Refusal(400, f"there is no wire type {wire}")


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(body) and shift < 64:
        byte = body[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return (value - (1 << 64) if value >> 63 else value), at
    raise Refusal(400, "the body ends too early")
