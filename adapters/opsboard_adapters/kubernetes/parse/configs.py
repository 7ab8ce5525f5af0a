"""ConfigMaps and Secrets as records: names, managers, times; no values.

They are listed and watched as ``PartialObjectMetadata``, which has no values in it. That a value
has changed is told by ``managedFields``: the time of whoever owns an entry is when that changed.
Where the settings say so, they are read whole, and each value becomes a keyed hash at once.
The annotation in which ``kubectl apply`` repeats the whole object, a Secret too, is not decoded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from opsboard.records import Claim, ConfigObject, Status, stated
from opsboard.records.claims import RESOURCE, Strength
from opsboard.records.identity import server
from opsboard_adapters.http.decoding import JsonStruct
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, common_fields
from opsboard_adapters.kubernetes.structs import (
    V1EnvSource,
    V1Object,
    V1ObjectMeta,
    V1Workload,
)

LEADER_ANNOTATION: Final = "control-plane.alpha.kubernetes.io/leader"
"""On a ConfigMap by which replicas elect a leader: it changes every few seconds."""

NOT_LISTED: Final = ",".join(
    f"metadata.name!={name}"
    for name in (
        "kube-root-ca.crt",
        "openshift-service-ca.crt",
        "istio-ca-root-cert",
        "cluster-autoscaler-status",
    )
)
"""ConfigMaps that are in every namespace, or that are a heartbeat."""

SECRETS_NOT_LISTED: Final = ",".join(
    f"type!={kind}"
    for kind in (
        "helm.sh/release.v1",
        "kubernetes.io/service-account-token",
        "bootstrap.kubernetes.io/token",
    )
)
"""Secrets that programs make and replace: a release of Helm is told by its workloads."""

HELM_RELEASES: Final = "owner!=helm"
"""Selects all but the releases that Helm keeps, in ConfigMaps too where it is told to."""


class OwnedData(JsonStruct, frozen=True):
    """The entries of a ConfigMap or Secret among the fields that a manager owns, by name."""

    data: dict[str, Any] = msgspec.field(default={}, name="f:data")
    binary_data: dict[str, Any] = msgspec.field(default={}, name="f:binaryData")

    @property
    def keys(self) -> set[str]:
        names = {*self.data, *self.binary_data}
        return {name.removeprefix("f:") for name in names if name.startswith("f:")}

    @property
    def any(self) -> bool:
        return bool(self.data or self.binary_data)


class DataManager(JsonStruct, frozen=True, rename="camel"):
    """An entry of ``managedFields`` of a ConfigMap or Secret."""

    manager: str = ""
    time: str | None = None
    fields_v1: OwnedData = msgspec.field(default=OwnedData(), name="fieldsV1")


class ConfigAnnotations(JsonStruct, frozen=True):
    """The only annotation that is decoded."""

    leader: str = msgspec.field(default="", name=LEADER_ANNOTATION)


class ConfigMeta(V1ObjectMeta, frozen=True):
    """The metadata of a ConfigMap or Secret."""

    annotations: ConfigAnnotations = ConfigAnnotations()  # type: ignore[assignment]  # one of them
    managed_fields: tuple[DataManager, ...] = ()


class V1ConfigMetadata(V1Object, frozen=True):
    """A ConfigMap or Secret as ``PartialObjectMetadata``."""

    metadata: ConfigMeta


class V1ConfigObject(V1ConfigMetadata, frozen=True):
    """A ConfigMap or Secret with its values. They are in no text that is made of it."""

    data: dict[str, str] = msgspec.field(default_factory=dict)
    binary_data: dict[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.full_name})"


class V1SecretObject(V1ConfigObject, frozen=True):
    """A Secret, whose values are all in base64."""


def is_heartbeat(item: V1ConfigMetadata) -> bool:
    """Return whether an object is no configuration, but how replicas elect their leader."""
    return bool(item.metadata.annotations.leader)


def parse_config_map(cluster: ClusterContext, item: V1ConfigMetadata) -> ConfigObject:
    """Return the record of a ConfigMap."""
    return _parse(cluster, "ConfigMap", item)


def parse_secret(cluster: ClusterContext, item: V1ConfigMetadata) -> ConfigObject:
    """Return the record of a Secret."""
    return _parse(cluster, "Secret", item)


def _parse(cluster: ClusterContext, kind: str, item: V1ConfigMetadata) -> ConfigObject:
    meta = item.metadata
    managers = [one for one in meta.managed_fields if one.fields_v1.any]
    last = max((one.time or "" for one in managers), default="")
    hashes = dict(_hashes(cluster, kind, item))
    keys = sorted(hashes or {key for one in managers for key in one.fields_v1.keys})
    changed = cluster.time(last)
    count = f"{len(keys)} {'entry' if len(keys) == 1 else 'entries'}"
    fields = common_fields(cluster, item) | {
        "id": cluster.record_id(meta.namespace, f"{kind}/{meta.name}")
    }
    version = "" if isinstance(item, V1ConfigObject) else meta.resource_version
    return ConfigObject(
        **fields,
        status=Status.OK,
        message=count if managers or hashes else "who has changed what is not told",
        object=kind,
        keys=tuple(keys),
        version=last if managers else version,
        changed_at=changed,
        updated_at=changed,
        manager=" or ".join(sorted({one.manager for one in managers if (one.time or "") == last})),
        owners=_owners(managers, keys),
        hashes=tuple(sorted(hashes.items())),
        outputs=stated(config_claim(cluster, meta.namespace, kind, meta.name, kind)),
    )


def _owners(managers: Iterable[DataManager], keys: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return for each of *keys* the managers that own it, where any does."""
    named = defaultdict[str, set[str]](set)
    for one in managers:
        for key in one.fields_v1.keys:
            named[key].add(one.manager)
    return tuple((key, ", ".join(sorted(named[key]))) for key in keys if key in named)


def _hashes(
    cluster: ClusterContext, kind: str, item: V1ConfigMetadata
) -> Iterator[tuple[str, str]]:
    """Yield the entries of an object that was read whole, each with the hash of its value."""
    if not isinstance(item, V1ConfigObject) or cluster.hash_key is None:
        return
    place = f"{cluster.server} {kind}/{item.full_name} "
    secret = isinstance(item, V1SecretObject)
    plain, encoded = ({}, item.data) if secret else (item.data, item.binary_data)
    yield from cluster.hash_key.hash_entries(place, plain, encoded)


# --- which workload reads it ---------------------------------------------------------------------


def config_claim(
    cluster: ClusterContext, namespace: str, kind: str, name: str, rule: str
) -> Claim | None:
    """Return the claim of a ConfigMap or Secret of this cluster; ``None`` without a name."""
    where = server(cluster.server)
    if not (where and name):
        return None
    return Claim(RESOURCE, where, f"{namespace}/{kind}/{name}", rule, Strength.SHA)


def read_configs(cluster: ClusterContext, item: V1Workload) -> tuple[Claim, ...]:
    """Return the ConfigMaps and Secrets that the containers of a workload are given, by name."""
    spec, namespace = item.spec.template.spec, item.metadata.namespace
    found = list[Claim | None]()

    def note(source: V1EnvSource, rule: str) -> None:
        found.append(config_claim(cluster, namespace, "ConfigMap", source.config_map_name, rule))
        found.append(config_claim(cluster, namespace, "Secret", source.secret_name, rule))

    for container in (*spec.containers, *spec.init_containers):
        for one in (*container.env_from, *(variable.value_from for variable in container.env)):
            note(one, "env of the pod template")
    for volume in spec.volumes:
        for one in (volume, *volume.projected.sources):
            note(one, "volume of the pod template")
    return stated(*found)
