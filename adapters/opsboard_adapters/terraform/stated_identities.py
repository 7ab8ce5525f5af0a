"""What resources are, as identities, by which the board joins them with what others tell of.

A ``kubernetes_deployment`` makes a workload. Its API server is not in the state: where the settings
do not name it, the scope is unknown, and the board joins what is unique.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from opsboard.records.claims import RESOURCE, Claim, Strength
from opsboard.records.identity import image, image_tag, server, unplaced_workload, workload
from opsboard_adapters.terraform.attributes import Found
from opsboard_adapters.terraform.cloud_identities import cloud_claims
from opsboard_adapters.terraform.records import Mode
from opsboard_adapters.terraform.state import StateInstanceRead

_WORKLOADS: Final[Mapping[str, str]] = {
    "deployment": "Deployment",
    "stateful_set": "StatefulSet",
    "daemon_set": "DaemonSet",
    "daemonset": "DaemonSet",
    "job": "Job",
    "cron_job": "CronJob",
}
_OBJECTS: Final[Mapping[str, str]] = {"config_map": "ConfigMap", "secret": "Secret"}


class Identities(NamedTuple):
    """What a resource is made of, and what it makes."""

    inputs: tuple[Claim | None, ...] = ()
    outputs: tuple[Claim | None, ...] = ()


def identities_of(one: StateInstanceRead, cluster: str) -> Identities:
    """Return the identities of *one*; *cluster* is the API server of Kubernetes' objects."""
    found = one.found
    if not found.values or one.mode is Mode.DATA:
        return Identities()  # what is only read was made by somebody else
    rule = f"state: {one.type}"
    images = tuple(
        claim for text in found.all("image") for claim in (image(text, rule), image_tag(text, rule))
    )
    return Identities(images, _made(one.type, found, server(cluster), rule))


def _made(type_: str, found: Found, cluster: str, rule: str) -> tuple[Claim | None, ...]:
    if type_.startswith("kubernetes_"):
        word = type_.removeprefix("kubernetes_").removesuffix("_v1")
        return (_of_cluster(word, found, cluster, rule),)
    arn = found.first("arn")
    named = (Claim(RESOURCE, "", arn, rule, Strength.SHA),) if arn else ()
    return (*named, *cloud_claims(found, cluster, rule))


def _of_cluster(word: str, found: Found, cluster: str, rule: str) -> Claim | None:
    """Return what an object of Kubernetes is; without a namespace in it, it is in ``default``."""
    name, namespace = found.first("name"), found.first("namespace") or "default"
    kind = _WORKLOADS.get(word, "")
    if kind and cluster:
        return workload(cluster, namespace, kind, name, rule, Strength.LABEL) if name else None
    if kind:
        return unplaced_workload(namespace, kind, name, rule)
    kind = _OBJECTS.get(word, "")
    value = f"{namespace}/{kind}/{name}"
    return Claim(RESOURCE, cluster, value, rule, Strength.LABEL) if kind and name else None
