"""An image as a registry describes it: read from its index, manifests and configs, by digests.

All of it is content that never changes, so that it is read once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from opsboard.adapter import Malformed, NotFound
from opsboard_adapters.registry.api import Manifest, RegistryApi, Schema1
from opsboard_adapters.registry.structs import (
    CREATED,
    IMAGE_CONFIGS,
    ConfigBody,
    Descriptor,
    Platform,
    texts,
)
from opsboard_adapters.times import as_utc

MAX_PLATFORMS: Final = 32
MAX_CONFIGS: Final = 4
"""Platforms of an image whose configs are read: labels differ by platform only by mistake."""
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Earlier times are those of builds that hide theirs, to be reproducible."""
_PREFERRED: Final = ("linux/amd64", "linux/arm64", "linux/arm64/v8")
_FOREIGN: Final = ("foreign", "nondistributable")


@dataclass(frozen=True, slots=True)
class PlatformImage:
    """An image for one platform. Without a *config*, that has not been read, or is no image's."""

    digest: str
    platform: str
    config_digest: str = ""
    size: int = 0
    layers: tuple[Descriptor, ...] = ()
    config: ConfigBody | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        known = self.config.config if self.config else None
        return texts(known.Labels) if known else {}

    @property
    def diff_ids(self) -> tuple[str, ...]:
        known = self.config.rootfs if self.config else None
        return known.diff_ids if known else ()


@dataclass(frozen=True, slots=True)
class RegistryImage:
    """What a digest of a repository holds.

    *artifact* is the type of what is no image: a chart, a policy. *fault* says why some of it could
    not be read. *attestations* are descriptors in its index that say something of it.
    """

    repository: str
    digest: str
    media_type: str = ""
    platforms: tuple[PlatformImage, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    attestations: tuple[Descriptor, ...] = ()
    artifact: str = ""
    fault: str = ""

    @property
    def first(self) -> PlatformImage | None:
        """The image of the platform that most people run."""
        ranked = sorted(self.platforms, key=_rank)
        return ranked[0] if ranked else None

    @property
    def digests(self) -> tuple[str, ...]:
        """All digests by which it may be known: of its index, manifests and configs."""
        parts = ((one.digest, one.config_digest) for one in self.platforms)
        known = (self.digest, *(digest for part in parts for digest in part if digest))
        return tuple(dict.fromkeys(known))

    @property
    def created_at(self) -> datetime | None:
        """When it was made, by its configs, else by an annotation."""
        configs = [one.config.created for one in self.platforms if one.config]
        told = [
            self.annotations.get(CREATED, ""),
            *(p.annotations.get(CREATED, "") for p in self.platforms),
        ]
        times = [as_utc(at) for at in (*configs, *map(_time, told))]
        return max((at for at in times if at is not None and at >= _EARLIEST), default=None)

    @property
    def base_annotations(self) -> Mapping[str, str]:
        """The annotations of the image and of its first platform."""
        first = self.first
        return {**(first.annotations if first else {}), **self.annotations}


def _rank(image: PlatformImage) -> tuple[bool, int, str]:
    known = image.platform in _PREFERRED
    return image.config is None, _PREFERRED.index(image.platform) if known else 9, image.platform


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


async def read_image(api: RegistryApi, repository: str, digest: str) -> RegistryImage:
    """Return the image with that *digest*. Raises :exc:`SourceError` where nothing can be read."""
    try:
        manifest = await api.manifest(repository, digest)
    except Schema1:
        fault = "its manifest is of schema 1, which holds no labels: push it again with a new tool"
        return RegistryImage(repository, digest, fault=fault)
    if manifest.body.is_index:
        return await _read_index(api, repository, manifest)
    image, fault = await _read_platform(api, repository, manifest, "", with_config=True)
    annotations = texts(manifest.body.annotations)
    return RegistryImage(
        repository,
        digest,
        manifest.body.mediaType,
        (image,),
        annotations,
        artifact=_artifact_of(manifest),
        fault=fault,
    )


async def _read_index(api: RegistryApi, repository: str, index: Manifest) -> RegistryImage:
    """Return the image of an *index*. A platform that is not there makes no image worthless."""
    entries = index.body.manifests or ()
    images = [one for one in entries if not one.is_attestation]
    attestations = tuple(one for one in entries if one.is_attestation)
    found: list[PlatformImage] = []
    faults: list[str] = []
    artifacts: list[str] = []
    for entry in sorted(images[:MAX_PLATFORMS], key=_entry_rank):
        platform = entry.platform.text if entry.platform else ""
        try:
            manifest = await api.manifest(repository, entry.digest)
        except (NotFound, Malformed) as error:
            found.append(PlatformImage(entry.digest, platform))
            faults.append(f"{platform or entry.digest[:19]}: {error.message}")
            continue
        if manifest.body.is_index:
            found.append(PlatformImage(entry.digest, platform or "index"))
            continue
        artifacts.append(_artifact_of(manifest))
        image, fault = await _read_platform(
            api, repository, manifest, platform, with_config=len(found) < MAX_CONFIGS
        )
        found.append(image)
        faults += [fault] if fault else []
    return RegistryImage(
        repository,
        index.digest,
        index.body.mediaType,
        tuple(found),
        texts(index.body.annotations),
        attestations,
        artifact=artifacts[0] if artifacts and all(artifacts) else "",
        fault=faults[0] if faults else "",
    )


def _entry_rank(entry: Descriptor) -> tuple[int, str]:
    text = entry.platform.text if entry.platform else ""
    return (_PREFERRED.index(text) if text in _PREFERRED else len(_PREFERRED)), text


async def _read_platform(
    api: RegistryApi, repository: str, manifest: Manifest, platform: str, *, with_config: bool
) -> tuple[PlatformImage, str]:
    """Return the image of one platform, and why its config could not be read."""
    body = manifest.body
    config, fault = None, ""
    descriptor = body.config
    if with_config and descriptor is not None and not _artifact_of(manifest):
        try:
            config = await api.config(repository, descriptor)
        except (NotFound, Malformed) as error:
            fault = error.message
    if config is not None and not platform:
        platform = Platform(config.os, config.architecture, config.variant).text
    image = PlatformImage(
        manifest.digest,
        platform,
        "" if descriptor is None or _artifact_of(manifest) else descriptor.digest,
        sum(max(one.size, 0) for one in body.layers if not is_foreign(one)),
        body.layers,
        config,
        texts(body.annotations),
    )
    return image, fault


def _artifact_of(manifest: Manifest) -> str:
    """Return the type of what is no image; ``""`` for an image."""
    body = manifest.body
    kind = body.config.mediaType if body.config else ""
    if body.artifactType or (kind and kind not in IMAGE_CONFIGS):
        return body.artifactType or kind
    if body.config is None:
        return body.mediaType or "unknown"
    return "" if all(map(_is_layer, body.layers)) else body.layers[0].mediaType


def _is_layer(layer: Descriptor) -> bool:
    kind = layer.mediaType
    return not kind or "image.layer" in kind or "image.rootfs" in kind


def is_foreign(layer: Descriptor) -> bool:
    """Tell whether *layer* is held elsewhere, as those of Windows are."""
    return any(word in layer.mediaType for word in _FOREIGN)
