"""What pods and workloads run: images by the digests that the kubelet reports.

An ``imageID`` is what the container runtime says (``ContainerStatus.image_ref`` of the CRI):
``repo@sha256:...`` with the digest of the manifest or index that was pulled, with
``docker-pullable://`` before it on old nodes; or, for an image that was not pulled, the digest of
its config as ``docker://sha256:...`` or ``sha256:...``. It is empty until the container is created.
A tag says less: whoever pushes it anew makes it another image. So the tag of the spec is stated
only of a container whose digest is not known yet.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from opsboard.records import Claim, Strength, stated
from opsboard.records.claims import INIT_IMAGE, INJECTED_IMAGE, SIDECAR_IMAGE
from opsboard.records.identity import digest_in, image, image_place, image_tag
from opsboard_adapters.kubernetes.structs import V1Container, V1Pod, V1Workload


class ContainerRole(StrEnum):
    """What a container is in its pod; what a workload is made of comes first."""

    APP = "pod imageID"
    SIDECAR = SIDECAR_IMAGE
    INIT = INIT_IMAGE
    INJECTED = INJECTED_IMAGE


PLACE_RULE: Final = "image name in the pod template"
PINNED_RULE: Final = "digest in the pod template"
TAG_RULE: Final = "tag in the pod template"
PAUSED_RULE: Final = "tag in the pod template, whose roll-out is paused"
_ORDER: Final = {role: place for place, role in enumerate(ContainerRole)}
_CACHED: Final = 16_384


class ContainerImage(NamedTuple):
    """The image of a container: *reference* as the spec has it, and *digest*, or ``""``."""

    name: str
    role: ContainerRole
    reference: str
    digest: str


PodImages = tuple[ContainerImage, ...]
"""The images of the containers of a pod. Those of equal pods are the same object."""


def pod_images(item: V1Pod) -> PodImages:
    """Return the images of a pod. Ephemeral containers, somebody's debugging, are none of it."""
    spec, status = item.spec, item.status
    digests = {one.name: one.image_id for one in status.container_statuses}
    if not spec.init_containers:
        key = tuple((one.name, one.image, digests.get(one.name, "")) for one in spec.containers)
        return _app_images(key)
    digests.update((one.name, one.image_id) for one in status.init_container_statuses)
    found = (
        _container_image(one.name, role_of(one, init=init), one.image, digests.get(one.name, ""))
        for init, containers in ((False, spec.containers), (True, spec.init_containers))
        for one in containers
    )
    return _shared(tuple(found))


def role_of(container: V1Container, *, init: bool) -> ContainerRole:
    """Return the role of a container, which is one of the *init* containers or not."""
    if not init:
        return ContainerRole.APP
    return ContainerRole.SIDECAR if container.is_sidecar else ContainerRole.INIT


@lru_cache(_CACHED)
def _app_images(containers: tuple[tuple[str, str, str], ...]) -> PodImages:
    found = (_container_image(name, ContainerRole.APP, *rest) for name, *rest in containers)
    return _shared(tuple(found))


@lru_cache(_CACHED)
def _container_image(name: str, role: ContainerRole, reference: str, found: str) -> ContainerImage:
    return ContainerImage(name, role, reference, digest_in(found))


@lru_cache(_CACHED)
def _shared(images: PodImages) -> PodImages:
    """Return *images*, the same object for equal ones: pods of one workload share it."""
    return images


@lru_cache(_CACHED)
def image_claims(images: PodImages) -> tuple[Claim, ...]:
    """Return what the containers of a pod are made of, app containers first."""
    ordered = sorted(images, key=lambda one: _ORDER[one.role])
    return stated(*(claim for one in ordered for claim in _claims(one)))


def _claims(one: ContainerImage) -> tuple[Claim | None, ...]:
    known, pinned = image(one.digest, str(one.role)), image(one.reference, PINNED_RULE)
    if known and pinned and known.value == pinned.value:
        return (known,)
    tag = None if known or pinned else image_tag(one.reference, TAG_RULE)
    return known, pinned, tag


# --- workloads -----------------------------------------------------------------------------------


def workload_image_claims(item: V1Workload, running: Iterable[PodImages]) -> tuple[Claim, ...]:
    """Return what a workload is made of: *running* are the images of its present revision's pods.

    Where a tag was pushed anew, they are of several digests, and all are stated.
    """
    declared = _declared_images(item)
    roles = {one.name: one.role for one in declared}
    found = {
        image_of._replace(role=roles.get(image_of.name, ContainerRole.INJECTED))
        for images in running
        for image_of in images
        if image_of.digest
    }
    known = {one.name for one in found}
    every = sorted(found, key=lambda one: (_ORDER[one.role], one))
    pending = [one for one in declared if one.name not in known]
    claims = image_claims((*every, *pending))
    return tuple(map(_weaken, claims)) if _is_held_back(item) else claims


def _declared_images(item: V1Workload) -> Sequence[ContainerImage]:
    spec = item.spec.template.spec
    return [
        ContainerImage(one.name, role_of(one, init=init), one.image, "")
        for init, containers in ((False, spec.containers), (True, spec.init_containers))
        for one in containers
    ]


def _is_held_back(item: V1Workload) -> bool:
    """Return whether the roll-out of the template is paused before it has reached any pod."""
    return item.spec.paused and not item.status.updated_replicas


def _weaken(claim: Claim) -> Claim:
    """Return a claim of the template as a candidate: nobody has said yet that it shall run."""
    if claim.rule not in {TAG_RULE, PINNED_RULE}:
        return claim
    return claim._replace(strength=Strength.CANDIDATE, rule=PAUSED_RULE)


def image_places(item: V1Workload) -> Iterator[Claim]:
    """Yield what the images of a workload's template are kept in."""
    for container in item.spec.template.spec.containers:
        yield from _place(container.image)


@lru_cache(_CACHED)
def _place(reference: str) -> tuple[Claim, ...]:
    return stated(image_place(reference, PLACE_RULE))
