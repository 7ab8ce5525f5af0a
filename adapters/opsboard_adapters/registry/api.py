"""The OCI distribution API, as far as it is read: catalog, tags, manifests, blobs, referrers.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md. Nothing here changes
anything. The only permission that is asked for is to pull; for the catalog, to list it.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx

from opsboard.adapter import Malformed, NotFound
from opsboard_adapters.http.decoding import MAX_BYTES_IN_LOOP, decode
from opsboard_adapters.http.limits import MIB
from opsboard_adapters.registry.names import is_digest, is_repository, is_tag, referrers_tag
from opsboard_adapters.registry.structs import (
    ACCEPT,
    ConfigBody,
    Descriptor,
    ManifestBody,
)
from opsboard_adapters.registry.transport import RegistryTransport

T = TypeVar("T")

CATALOG_SCOPE: Final = "registry:catalog:*"
MAX_MANIFEST: Final = 4 * MIB
"""Registries accept no larger manifest (distribution spec, "Pushing Manifests")."""
_PAGE: Final = 1_000
_SCHEMA_1: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or index by its digest; *content* is what the digest is of."""

    digest: str
    content: bytes
    body: ManifestBody

    @property
    def size(self) -> int:
        return len(self.content)


class RegistryApi:
    """One registry."""

    def __init__(self, transport: RegistryTransport) -> None:
        self.transport = transport
        self.has_referrers: bool | None = None
        """Whether it has the referrers API; ``None`` until it has been asked."""

    async def ping(self) -> httpx.Response:
        """Ask whether the registry is there, and speaks this API."""
        return await self.transport.get("v2/", "")

    # --- listings ---

    async def catalog(self, most: int) -> Sequence[str]:
        """Return the names of at least *most* repositories, if there are as many."""
        found: list[str] = []
        path = f"v2/_catalog?n={_PAGE}"
        async for page in self.transport.pages(path, CATALOG_SCOPE, "repositories"):
            found += [name for name in page if isinstance(name, str) and is_repository(name)]
            if len(found) >= most:
                break
        return list(dict.fromkeys(found))

    async def tags(self, repository: str) -> Sequence[str]:
        """Return all tags of *repository*, in the order of the registry, which means nothing."""
        found: list[str] = []
        path = f"v2/{repository}/tags/list?n={_PAGE}"
        async for page in self.transport.pages(path, pull(repository), "tags"):
            found += filter(is_tag, page)
        return list(dict.fromkeys(found))

    # --- manifests ---

    async def digest_of(self, repository: str, tag: str) -> str:
        """Return the digest that *tag* leads to now. Raises :exc:`NotFound` where it is gone."""
        path = f"v2/{repository}/manifests/{tag}"
        headers, scope = {"Accept": ACCEPT}, pull(repository)
        try:
            response = await self.transport.get(path, scope, method="HEAD", headers=headers)
        except Malformed:  # 405, by what knows no HEAD
            response = None
        digest = "" if response is None else response.headers.get("Docker-Content-Digest", "")
        if is_digest(digest):
            return str(digest)
        response = await self.transport.get(path, scope, headers=headers)
        _manifest_body(response.content, path)
        return f"sha256:{hashlib.sha256(response.content).hexdigest()}"

    async def manifest(self, repository: str, digest: str) -> Manifest:
        """Return the manifest or index with that *digest*.

        Raises :exc:`Schema1` where it is one of schema 1, whose digest is not that of its bytes.
        """
        path = f"v2/{repository}/manifests/{digest}"
        try:
            content = await self.transport.content(
                path, digest, pull(repository), {"Accept": ACCEPT}
            )
        except Malformed:
            if await self._is_schema_1(path, repository):
                raise Schema1(f"{path} is a manifest of schema 1", "push the image again") from None
            raise
        return Manifest(digest, content, await self._parsed(content, path))

    async def _is_schema_1(self, path: str, repository: str) -> bool:
        response = await self.transport.get(path, pull(repository), headers={"Accept": ACCEPT})
        if "manifest.v1" in response.headers.get("Content-Type", ""):
            return True
        return _manifest_body(response.content, path).schemaVersion == _SCHEMA_1

    async def _parsed(self, content: bytes, path: str) -> ManifestBody:
        if len(content) > MAX_MANIFEST:
            raise Malformed(
                f"GET {path}: a manifest of more than {MAX_MANIFEST / MIB:g} MiB",
                "is the URL that of a registry?",
            )
        return await _in_thread_if_large(content, lambda: _manifest_body(content, path))

    async def config(self, repository: str, descriptor: Descriptor) -> ConfigBody:
        """Return the config of an image."""
        content = await self.blob(repository, descriptor)
        what = f"the config {descriptor.digest}"
        return await _in_thread_if_large(content, lambda: decode(content, ConfigBody, what))

    async def blob(self, repository: str, descriptor: Descriptor) -> bytes:
        """Return the small blob that *descriptor* names: a config, or a statement."""
        digest = descriptor.digest
        if not is_digest(digest):
            raise Malformed(f"{repository}: {digest[:80]!r} is no digest", "is the image damaged?")
        path = f"v2/{repository}/blobs/{digest}"
        return await self.transport.content(path, digest, pull(repository))

    # --- what refers to an image ---

    async def referrers(
        self, repository: str, digest: str, *, fallback: bool = True
    ) -> Sequence[Descriptor]:
        """Return what refers to the manifest *digest*: signatures, attestations, lists of parts.

        By the referrers API, else by the tag that stands for it; *fallback* is whether that tag may
        be there.
        """
        if self.has_referrers is not False:
            found = await self._listed_referrers(repository, digest)
            if found is not None:
                return found
        if not fallback:
            return ()
        try:
            tag = referrers_tag(digest)
            index = await self.manifest(repository, await self.digest_of(repository, tag))
        except NotFound:
            return ()
        return index.body.manifests or ()

    async def _listed_referrers(self, repository: str, digest: str) -> Sequence[Descriptor] | None:
        """Return what the API lists, or ``None`` where there is no such API: a 404 says so."""
        path = f"v2/{repository}/referrers/{digest}"
        headers = {"Accept": ACCEPT}
        try:
            response = await self.transport.get(path, pull(repository), headers=headers)
            found = _manifest_body(response.content, path).manifests or ()
        except (NotFound, Malformed) as error:
            if self.has_referrers and isinstance(error, NotFound):
                return ()
            self.has_referrers = False
            return None
        self.has_referrers = True
        return found


async def _in_thread_if_large(content: bytes, work: Callable[[], T]) -> T:
    return work() if len(content) <= MAX_BYTES_IN_LOOP else await asyncio.to_thread(work)


class Schema1(Malformed):
    """A manifest of schema 1, which has neither config nor a digest of its own bytes."""


def pull(repository: str) -> str:
    """Return the scope of reading *repository*, as tokens are asked for."""
    return f"repository:{repository}:pull"


def _manifest_body(content: bytes, path: str) -> ManifestBody:
    if content.lstrip()[:1] == b"<":
        raise Malformed(
            f"GET {path}: got a web page, not a manifest",
            "a login page or proxy is in between: check the URL, and log in to the proxy",
        )
    return decode(content, ManifestBody, f"GET {path}")
