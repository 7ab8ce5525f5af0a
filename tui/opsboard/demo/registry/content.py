"""What the fake registry holds at a time: tags, manifests and blobs of each repository."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from opsboard.demo.world.image_content import DemoBlob, DemoImageContent
from opsboard.demo.world.images import DemoImage
from opsboard.demo.world.world import DemoWorld


class FakeRegistryContent:
    """The images of *world*, as a registry has them."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        self._by_digest: dict[str, tuple[int, Mapping[str, DemoBlob]]] = {}

    def repositories(self) -> Sequence[str]:
        """Return the names of all repositories that hold something now, sorted."""
        names = self._world.images.repositories()
        return [name for name in names if any(True for _ in self._pushed(name))]

    def tags(self, repository: str) -> Sequence[str] | None:
        """Return the tags of *repository*, in an order without meaning; ``None`` for no such."""
        names = [*self._images(repository), *self._referrers_tags(repository)]
        return sorted(names, key=lambda tag: sha256(tag.encode()).digest()) if names else None

    def manifest(self, repository: str, reference: str) -> DemoBlob | None:
        """Return what a tag or a digest leads to."""
        if reference.startswith("sha256:"):
            found = self.blob(repository, reference)
            return found if found is not None and ".manifest." in _kind(found) else None
        image = self._images(repository).get(reference)
        if image is not None:
            return image.content.root
        return self._referrers_tags(repository).get(reference)

    def blob(self, repository: str, digest: str) -> DemoBlob | None:
        """Return the manifest or blob with that *digest*."""
        return self._parts(repository).get(digest)

    def _images(self, repository: str) -> Mapping[str, DemoImage]:
        return self._world.images.tags(repository, self._world.now)

    def _pushed(self, repository: str) -> Iterator[DemoImage]:
        return self._world.images.pushed(repository, self._world.now)

    def _parts(self, repository: str) -> Mapping[str, DemoBlob]:
        """Return all that *repository* holds, by digest."""
        pushed = list(self._pushed(repository))
        known = self._by_digest.get(repository)
        if known is None or known[0] != len(pushed):
            parts: dict[str, DemoBlob] = {}
            for image in pushed:
                parts |= image.content.parts
            parts |= {one.digest: one for one in self._referrers_tags(repository).values()}
            known = self._by_digest[repository] = len(pushed), parts
        return known[1]

    def _referrers_tags(self, repository: str) -> Mapping[str, DemoBlob]:
        """Return the tags that list what refers to an image, for registries without the API."""
        contents = (image.content for image in self._pushed(repository))
        listed = {_tag(one): one.referrers_index for one in contents}
        return {tag: index for tag, index in listed.items() if index is not None}


def _kind(blob: DemoBlob) -> str:
    return blob.media_type.replace(".index.", ".manifest.")


def _tag(content: DemoImageContent) -> str:
    return content.digest.replace(":", "-")
