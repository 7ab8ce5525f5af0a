"""The attributes that may be read: identities, by an allow-list, and never a sensitive one.

Each entry of :data:`READ` names the attributes of one type of resource by their paths. All others
stay bytes that nobody looks at. One that the state calls sensitive, or that lies within one that
is, is not read either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec

from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.terraform.structs import PathStep

Path: TypeAlias = tuple[str, ...]
"""Names of attributes from the outside in; each list on the way is gone through."""

MAX_CHARS: Final = 2_048
MAX_VALUES: Final = 32
"""Values of one path that are kept: the containers of a pod."""


@dataclass(frozen=True, slots=True)
class Found:
    """The identities that were read, by the words of :data:`READ`."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def first(self, word: str) -> str:
        """Return the first value of *word*, ``""`` for none."""
        return next(iter(self.values.get(word, ())), "")

    def all(self, word: str) -> tuple[str, ...]:
        return self.values.get(word, ())


_METADATA: Final[Mapping[str, Path]] = {
    "name": ("metadata", "name"),
    "namespace": ("metadata", "namespace"),
}
_OBJECTS: Final = (
    "deployment", "stateful_set", "daemon_set", "daemonset", "job", "cron_job", "config_map",
    "secret",
)  # fmt: skip
"""Objects of Kubernetes that are joined with what a cluster tells. Their images are not read: what
runs may be another one by now."""
READ: Final[Mapping[str, Mapping[str, Path]]] = {
    **{f"kubernetes_{name}{suffix}": _METADATA for name in _OBJECTS for suffix in ("", "_v1")},
    "aws_eks_cluster": {"arn": ("arn",), "endpoint": ("endpoint",)},
    "google_container_cluster": {
        "endpoint": ("endpoint",),
        "private_endpoint": ("private_cluster_config", "private_endpoint"),
        "dns_endpoint": (
            "control_plane_endpoints_config",
            "dns_endpoint_config",
            "endpoint",
        ),
    },
    "azurerm_kubernetes_cluster": {"endpoint": ("fqdn",), "private_endpoint": ("private_fqdn",)},
    "aws_ecr_repository": {"repository": ("repository_url",)},
    "google_artifact_registry_repository": {
        "location": ("location",),
        "project": ("project",),
        "name": ("repository_id",),
    },
    "azurerm_container_registry": {"registry": ("login_server",)},
    "aws_lambda_function": {"image": ("image_uri",)},
    "google_cloud_run_v2_service": {"image": ("template", "containers", "image")},
    "aws_sagemaker_model": {"image": ("primary_container", "image")},
}
"""Type of resource -> word -> path: each is stated as an identity, and nothing else is read."""


def is_read(resource_type: str) -> bool:
    """Tell whether anything may be read of resources of *resource_type*."""
    return resource_type in READ


def find_identities(resource_type: str, attributes: msgspec.Raw, sensitive: msgspec.Raw) -> Found:
    """Return the identities in *attributes*; none where it cannot be told what is sensitive."""
    paths = READ.get(resource_type)
    if paths is None or not memoryview(attributes):
        return Found()
    hidden = _sensitive_paths(sensitive)
    if hidden is None:
        return Found()
    found: dict[str, tuple[str, ...]] = {}
    for word, path in paths.items():
        if not any(path[: len(one)] == one for one in hidden):
            found[word] = tuple(_texts(attributes, path))[:MAX_VALUES]
    return Found(found)


def _sensitive_paths(raw: msgspec.Raw) -> Sequence[Path] | None:
    """Return the paths that are sensitive, by names alone; ``None`` where they cannot be read.

    What lies in one element of a list counts for all of them.
    """
    if bytes(raw) in {b"", b"null"}:
        return ()
    try:
        listed = decoder_of(list[list[PathStep]]).decode(raw)
    except (ValueError, RecursionError):
        return None
    return [_names(steps) for steps in listed]


def _names(steps: Sequence[PathStep]) -> Path:
    """Return the names in *steps*: a key of a map is one, the index of a list is none."""
    found = []
    for step in steps:
        value = step.value.get("value") if isinstance(step.value, dict) else step.value
        if isinstance(value, str):
            found.append(value)
    return tuple(found)


_AS_OBJECT: Final = decoder_of(dict[str, msgspec.Raw])
_AS_LIST: Final = decoder_of(list[msgspec.Raw])


def _texts(raw: msgspec.Raw, path: Path) -> Iterator[str]:
    """Yield the texts at *path* of *raw*; what is beside it on the way stays raw bytes."""
    text = bytes(memoryview(raw)[:1])
    try:
        if text == b"[":
            for one in _AS_LIST.decode(raw)[:MAX_VALUES]:
                yield from _texts(one, path)
        elif text == b"{" and path:
            inner = _AS_OBJECT.decode(raw).get(path[0])
            if inner is not None:
                yield from _texts(inner, path[1:])
        elif text == b'"' and not path:
            value: Any = msgspec.json.decode(raw)
            if isinstance(value, str) and 0 < len(value) <= MAX_CHARS:
                yield value
    except (ValueError, RecursionError):
        return
