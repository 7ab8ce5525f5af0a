"""Which labels an image has from the image that it is built on.

A build takes over all labels of its base, so that a revision label that nobody overwrites names a
commit of other code. An image is built on another where its annotations say so, or where the layers
of the other are the first of its own. Only images that are watched can be compared.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from opsboard_adapters.registry.images import PlatformImage, RegistryImage
from opsboard_adapters.registry.structs import BASE_DIGEST, REVISION

MAX_LAYERS: Final = 512


class BaseImages:
    """The images that others may be built on, by their digests and by their layers."""

    def __init__(self, images: Iterable[RegistryImage]) -> None:
        self._by_digest: dict[str, list[RegistryImage]] = {}
        self._by_layers: dict[bytes, list[tuple[RegistryImage, PlatformImage]]] = {}
        for image in images:
            for digest in image.digests:
                self._by_digest.setdefault(digest, []).append(image)
            for platform in image.platforms:
                if platform.diff_ids:
                    *_, whole = _chain(platform.diff_ids)
                    self._by_layers.setdefault(whole, []).append((image, platform))

    def origin_of_label(self, image: RegistryImage, revision: str) -> RegistryImage | None:
        """Return the image that *image* is built on and that has the label *revision* as well."""
        for base, label in self._bases(image):
            if label == revision and base.digest != image.digest:
                return base
        return None

    def _bases(self, image: RegistryImage) -> Iterator[tuple[RegistryImage, str]]:
        """Yield the images that *image* is built on, each with a revision label that it has."""
        named = image.base_annotations.get(BASE_DIGEST, "")
        for base in self._by_digest.get(named, ()):
            for platform in base.platforms:
                yield base, platform.labels.get(REVISION, "")
        for own in image.platforms:
            *before, _ = _chain(own.diff_ids) if own.diff_ids else [b""]
            for part in before:
                for base, platform in self._by_layers.get(part, ()):
                    yield base, platform.labels.get(REVISION, "")


def _chain(diff_ids: tuple[str, ...]) -> list[bytes]:
    """Return a hash of the first layer, of the first two, and so on, to all of *diff_ids*."""
    found: list[bytes] = []
    before = b""
    for layer in diff_ids[:MAX_LAYERS]:
        before = sha256(before + layer.encode("utf-8", "replace") + b"\n").digest()
        found.append(before)
    return found
