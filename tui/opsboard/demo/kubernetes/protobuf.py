"""Request bodies in Kubernetes' protobuf, which kubectl sends for types that it knows.

Only the fields of the messages below are read: they are those of ``generated.proto`` in the API's
packages (1.36). A field that is unknown and not empty is refused, so that nothing is lost silently.

The encoding is https://protobuf.dev/programming-guides/encoding/ in an envelope: four bytes, then a
message with the API version, the kind and the object.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from opsboard.demo.kubernetes.responses import FakeKubernetesError

MAGIC: Final = b"k8s\x00"

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


class ProtobufField(NamedTuple):
    """A field of a message: the *kind* of its value, and whether it is *repeated*."""

    name: str
    kind: "str | Message"
    repeated: bool = False


Message: TypeAlias = Mapping[int, ProtobufField]


def _text(**numbers: int) -> dict[int, ProtobufField]:
    return {number: ProtobufField(name, "text") for name, number in numbers.items()}


def _whole(**numbers: int) -> dict[int, ProtobufField]:
    return {number: ProtobufField(name, "int") for name, number in numbers.items()}


def _truth(**numbers: int) -> dict[int, ProtobufField]:
    return {number: ProtobufField(name, "bool") for name, number in numbers.items()}


_OWNER: Final[Message] = {
    **_text(kind=1, name=3, uid=4, apiVersion=5),
    **_truth(controller=6, blockOwnerDeletion=7),
}
_METADATA: Final[Message] = {
    **_text(name=1, generateName=2, namespace=3, uid=5, resourceVersion=6),
    11: ProtobufField("labels", "map"),
    12: ProtobufField("annotations", "map"),
    13: ProtobufField("ownerReferences", _OWNER, repeated=True),
    14: ProtobufField("finalizers", "text", repeated=True),
}
_KEY: Final[Message] = {
    1: ProtobufField("", _text(name=1)),
    **_text(key=2),
    **_truth(optional=3),
}
_ENV: Final[Message] = {
    **_text(name=1, value=2),
    3: ProtobufField(
        "valueFrom",
        {
            1: ProtobufField("fieldRef", _text(apiVersion=1, fieldPath=2)),
            3: ProtobufField("configMapKeyRef", _KEY),
            4: ProtobufField("secretKeyRef", _KEY),
        },
    ),
}
_RESOURCES: Final[Message] = {
    1: ProtobufField("limits", "quantities"),
    2: ProtobufField("requests", "quantities"),
}
_CONTAINER: Final[Message] = {
    **_text(name=1, image=2, workingDir=5, terminationMessagePath=13, imagePullPolicy=14),
    **_text(terminationMessagePolicy=20, restartPolicy=24),
    3: ProtobufField("command", "text", repeated=True),
    4: ProtobufField("args", "text", repeated=True),
    7: ProtobufField("env", _ENV, repeated=True),
    8: ProtobufField("resources", _RESOURCES),
}
_POD: Final[Message] = {
    2: ProtobufField("containers", _CONTAINER, repeated=True),
    20: ProtobufField("initContainers", _CONTAINER, repeated=True),
    **_text(restartPolicy=3, dnsPolicy=6, serviceAccountName=8, serviceAccount=9, nodeName=10),
    **_text(schedulerName=19, priorityClassName=24),
    **_whole(terminationGracePeriodSeconds=4, activeDeadlineSeconds=5),
    7: ProtobufField("nodeSelector", "map"),
    14: ProtobufField("securityContext", {}),
}
_JOB: Final[Message] = {
    **_whole(parallelism=1, completions=2, activeDeadlineSeconds=3, backoffLimit=7),
    **_whole(ttlSecondsAfterFinished=8),
    **_text(completionMode=9),
    **_truth(manualSelector=5, suspend=10),
    6: ProtobufField(
        "template", {1: ProtobufField("metadata", _METADATA), 2: ProtobufField("spec", _POD)}
    ),
}
_ACCESS: Final[Message] = {
    1: ProtobufField(
        "resourceAttributes",
        _text(namespace=1, verb=2, group=3, version=4, resource=5, subresource=6, name=7),
    ),
    2: ProtobufField("nonResourceAttributes", _text(path=1, verb=2)),
}
_UNKNOWN: Final[Message] = {
    1: ProtobufField("typeMeta", _text(apiVersion=1, kind=2)),
    2: ProtobufField("raw", "bytes"),
}
"""The envelope (``runtime.Unknown``)."""

_KINDS: Final[Mapping[tuple[str, str], Message]] = {
    ("batch/v1", "Job"): _JOB,
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview"): _ACCESS,
    ("authorization.k8s.io/v1", "SelfSubjectRulesReview"): _text(namespace=1),
    ("authentication.k8s.io/v1", "SelfSubjectReview"): {},
}
"""Kind → message of its spec. All of these objects have metadata as field 1, spec as field 2."""


def read_protobuf(body: bytes) -> dict[str, Any]:
    """Return the object in *body* as JSON would hold it. Raises :exc:`FakeKubernetesError`."""
    if not body.startswith(MAGIC):
        raise FakeKubernetesError(400, "the body is not Kubernetes' protobuf")
    envelope = _read(body[len(MAGIC) :], _UNKNOWN, "the envelope")
    about = envelope.get("typeMeta") or {}
    version, kind = about.get("apiVersion", ""), about.get("kind", "")
    spec = _KINDS.get((version, kind))
    if spec is None:
        raise FakeKubernetesError(
            415, f"the demo reads a {kind or 'body'} as JSON only: send a manifest"
        )
    whole = {
        1: ProtobufField("metadata", _METADATA),
        2: ProtobufField("spec", spec),
        3: ProtobufField("status", "bytes"),
    }
    read = _read(envelope.get("raw", b""), whole, kind)
    read.pop("status", None)  # the server sets it
    return {"apiVersion": version, "kind": kind, "metadata": {}, **read}


def _read(body: bytes, message: Message, where: str) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for number, value in _fields(body):
        field = message.get(number)
        if field is None:
            if value not in (b"", 0):
                raise FakeKubernetesError(
                    415, f"the demo does not know field {number} of {where} in protobuf"
                )
        elif value != b"" or not isinstance(field.kind, str):
            _put(read, field, value)
    return read


def _put(read: dict[str, Any], field: ProtobufField, value: "bytes | int") -> None:
    if field.kind in ("map", "quantities"):
        key, one = _pair(value, field.kind == "quantities")
        read.setdefault(field.name, {})[key] = one
    elif field.repeated:
        read.setdefault(field.name, []).append(_value(field, value))
    elif field.name:
        read[field.name] = _value(field, value)
    else:  # a part whose fields stand in the whole
        read.update(_value(field, value))


def _value(field: ProtobufField, value: "bytes | int") -> Any:
    if not isinstance(field.kind, str):
        return _read(_bytes(value, field.name), field.kind, field.name)
    if field.kind == "bytes":
        return _bytes(value, field.name)
    if field.kind == "text":
        return _bytes(value, field.name).decode()
    if not isinstance(value, int):
        raise FakeKubernetesError(400, f"{field.name} is no number")
    return bool(value) if field.kind == "bool" else value


def _pair(value: "bytes | int", quantity: bool) -> tuple[str, str]:
    """Return key and value of a map entry; a quantity is a message that holds a string."""
    entry = dict(_fields(_bytes(value, "a map")))
    key, one = (_bytes(entry.get(number, b""), "a map") for number in (1, 2))
    if quantity:
        one = _bytes(dict(_fields(one)).get(1, b""), "a quantity")
    return key.decode(), one.decode()


def _bytes(value: "bytes | int", where: str) -> bytes:
    if isinstance(value, int):
        raise FakeKubernetesError(400, f"{where} is a number")
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
            raise FakeKubernetesError(400, "the body ends too early")
        yield number, value


def _size(body: bytes, at: int, wire: int) -> tuple[int, int]:
    if wire == _BYTES:
        return _varint(body, at)
    if wire in {_FIXED_64, _FIXED_32}:
        return (8 if wire == _FIXED_64 else 4), at
    raise FakeKubernetesError(400, f"there is no wire type {wire}")


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(body) and shift < 64:
        byte = body[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return (value - (1 << 64) if value >> 63 else value), at
    raise FakeKubernetesError(400, "the body ends too early")
