"""What registries answer, as far as it is used here: manifests, indexes, configs, statements.

The structs are called as in the OCI image specification and the in-toto attestation framework.
Fields that are missing have defaults, unknown ones are ignored, and one of the wrong type counts as
absent. Text is cleaned when records are made from it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from msgspec import field

from opsboard_adapters.http.lenient import LenientStruct

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
ARTIFACT: Final = "application/vnd.oci.artifact.manifest.v1+json"
IMAGE_CONFIGS: Final = frozenset({OCI_CONFIG, DOCKER_CONFIG})
ACCEPT: Final = ", ".join((OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST, ARTIFACT))
"""Without a type here, a registry answers that there is no such manifest."""
IN_TOTO: Final = "application/vnd.in-toto+json"
DSSE: Final = "application/vnd.dsse.envelope.v1+json"
SIGSTORE_BUNDLE: Final = "application/vnd.dev.sigstore.bundle"

LABEL: Final = "org.opencontainers.image."
REVISION: Final = f"{LABEL}revision"
SOURCE: Final = f"{LABEL}source"
CREATED: Final = f"{LABEL}created"
BASE_NAME: Final = f"{LABEL}base.name"
BASE_DIGEST: Final = f"{LABEL}base.digest"
REFERENCE_TYPE: Final = "vnd.docker.reference.type"
PREDICATE_TYPE: Final = "in-toto.io/predicate-type"


class RegistryStruct(LenientStruct, frozen=True, gc=False):
    """The base of all structs here."""


class Platform(RegistryStruct, frozen=True, gc=False):
    """What an image runs on."""

    os: str = ""
    architecture: str = ""
    variant: str = ""

    @property
    def text(self) -> str:
        """The platform as engines write it, such as ``linux/arm64/v8``; empty for none."""
        parts = (self.os, self.architecture, self.variant)
        return "/".join(part for part in parts if part)


class Descriptor(RegistryStruct, frozen=True, gc=False):
    """What a manifest or index says of one of its parts."""

    strict_fields: ClassVar[frozenset[str]] = frozenset({"digest"})

    digest: str = ""
    mediaType: str = ""  # noqa: N815 - as the specification spells it
    size: int = 0
    artifactType: str = ""  # noqa: N815
    platform: Platform | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict)
    urls: tuple[str, ...] = ()

    @property
    def is_attestation(self) -> bool:
        """Whether it is no image, but says something of one: BuildKit lists such as a platform."""
        return self.annotations.get(REFERENCE_TYPE) is not None or (
            self.platform is not None and self.platform.text == "unknown/unknown"
        )


class ManifestBody(RegistryStruct, frozen=True, gc=False):
    """A manifest or an index: the one has a config and layers, the other has manifests."""

    schemaVersion: int = 0  # noqa: N815
    mediaType: str = ""  # noqa: N815
    artifactType: str = ""  # noqa: N815
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    blobs: tuple[Descriptor, ...] = ()
    manifests: tuple[Descriptor, ...] | None = None
    subject: Descriptor | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_index(self) -> bool:
        return self.manifests is not None


class RunConfig(RegistryStruct, frozen=True, gc=False):
    """How an image is run; only its labels are used."""

    Labels: Mapping[str, Any] = field(default_factory=dict)


class RootFs(RegistryStruct, frozen=True, gc=False):
    """The layers of an image, by the digests of what is in them."""

    diff_ids: tuple[str, ...] = ()


class LayerHistory(RegistryStruct, frozen=True, gc=False):
    """How a layer was made."""

    created_by: str = ""
    empty_layer: bool = False


class ConfigBody(RegistryStruct, frozen=True, gc=False):
    """The config of an image."""

    created: datetime | None = None
    os: str = ""
    architecture: str = ""
    variant: str = ""
    config: RunConfig | None = None
    rootfs: RootFs | None = None
    history: tuple[LayerHistory, ...] = ()


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return those of *values*, labels or annotations, that are text."""
    return {key: value for key, value in values.items() if isinstance(value, str)}
