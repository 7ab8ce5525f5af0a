"""Where provenance of an image is kept: attestations in its index, its referrers, cosign's tags.

What a statement says is believed by nobody here: no signature is verified, so that all of it is
called unverified (:mod:`opsboard_adapters.attestations`).
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from opsboard.adapter import Malformed, NotFound
from opsboard_adapters.attestations.provenance import SLSA, Provenance, decode_provenance
from opsboard_adapters.attestations.statement import MAX_STATEMENT
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.images import RegistryImage
from opsboard_adapters.registry.structs import (
    DSSE,
    IN_TOTO,
    PREDICATE_TYPE,
    SIGSTORE_BUNDLE,
    Descriptor,
)

MAX_STATEMENTS: Final = 8


async def read_provenance(
    api: RegistryApi, image: RegistryImage, tags: Collection[str]
) -> tuple[Provenance, ...]:
    """Return what is told of the build of *image*; *tags* are all of its repository."""
    found: list[Provenance] = []
    async for content in _statements(api, image, tags):
        told = decode_provenance(content, image.digests)
        if told is not None and told not in found:
            found.append(told)
    return tuple(found)


async def _statements(api: RegistryApi, image: RegistryImage, tags: Collection[str]) -> Any:
    """Yield the contents of all that may be statements about *image*."""
    for descriptor in (await _attached(api, image, tags))[:MAX_STATEMENTS]:
        try:
            manifest = await api.manifest(image.repository, descriptor.digest)
            for layer in (*manifest.body.layers, *manifest.body.blobs)[:MAX_STATEMENTS]:
                if _may_be_statement(layer) and 0 <= layer.size <= MAX_STATEMENT:
                    yield await api.blob(image.repository, layer)
        except (NotFound, Malformed):
            continue  # what is attached to an image takes nothing from it


async def _attached(
    api: RegistryApi, image: RegistryImage, tags: Collection[str]
) -> Sequence[Descriptor]:
    """Return the manifests of attestations: in the index, among the referrers, and by cosign."""
    found = [*image.attestations]
    for digest in dict.fromkeys((image.digest, *(one.digest for one in image.platforms[:4]))):
        tag = digest.replace(":", "-", 1)
        listed = await api.referrers(image.repository, digest, fallback=tag in tags)
        found += [one for one in listed if _may_be_attestation(one)]
        if f"{tag}.att" in tags:
            found.append(Descriptor(digest=await api.digest_of(image.repository, f"{tag}.att")))
    return found


def _may_be_attestation(descriptor: Descriptor) -> bool:
    kind = descriptor.artifactType or descriptor.mediaType
    predicate = str(descriptor.annotations.get(PREDICATE_TYPE, ""))
    said = kind in {IN_TOTO, DSSE} or kind.startswith(SIGSTORE_BUNDLE)
    return said or predicate.startswith(SLSA) or not descriptor.artifactType


def _may_be_statement(layer: Descriptor) -> bool:
    predicate = str(
        layer.annotations.get(PREDICATE_TYPE, "") or layer.annotations.get("predicateType", "")
    )
    if predicate and not predicate.startswith(SLSA):
        return False
    return layer.mediaType in {IN_TOTO, DSSE} or layer.mediaType.startswith(SIGSTORE_BUNDLE)
