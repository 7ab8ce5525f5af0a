"""One repository: which tags lead where, and which images are shown of it.

A registry tells tags in no order and when they were pushed not at all, so an image must be read to
know how old it is. What is read is bounded: of many tags, the last ones by their names are looked
at, and what was left out is said. A digest is read once; tags are asked for their digest again, the
ones that look as if they are pushed once less often.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar

from opsboard.adapter import Forbidden, Malformed, NotFound, SourceError
from opsboard.text.numbers import natural_key
from opsboard_adapters.attestations.provenance import Provenance
from opsboard_adapters.listing.partial import gather_bounded
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.content_store import ContentStore
from opsboard_adapters.registry.images import RegistryImage, read_image
from opsboard_adapters.registry.names import is_attached, looks_fixed, matches
from opsboard_adapters.registry.provenance import read_provenance
from opsboard_adapters.registry.settings import RegistrySettings
from opsboard_adapters.registry.transport import ends_all

K = TypeVar("K")
T = TypeVar("T")

EXAMINED: Final = 10
"""Tags that are looked at, for each image that is shown."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOVING: Final = ("latest", "stable", "main", "master", "prod", "production", "staging", "edge")
"""Tags that are looked at first: they move, and are what is deployed."""


@dataclass(slots=True)
class ShownImage:
    """An image that is shown, with its tags of now."""

    image: RegistryImage
    tags: tuple[str, ...]
    provenance: tuple[Provenance, ...] = ()


@dataclass(slots=True)
class _Known:
    """What has been read of a repository, by digest, and where its tags led last."""

    images: dict[str, RegistryImage] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    provenance: dict[str, tuple[Provenance, ...]] = field(default_factory=dict)
    untagged: tuple[str, ...] = ()


class RepositoryState:
    """What is known of the repository *name*, kept up to date by :meth:`refresh`."""

    def __init__(
        self, name: str, settings: RegistrySettings, api: RegistryApi, store: ContentStore
    ) -> None:
        self.name = name
        self._settings = settings
        self._api = api
        self._store = store
        self._known = _Known()
        self._all_tags: frozenset[str] = frozenset()
        self._begun = False
        self._remembered: Sequence[tuple[str, str]] = ()
        self.shown: Sequence[ShownImage] = ()
        self.changes = 0
        """Counts up whenever what is shown has changed."""
        self.faults: list[SourceError] = []
        """Why some of it is not known."""

    @property
    def images(self) -> Collection[RegistryImage]:
        """All images that have been read, shown or not."""
        return self._known.images.values()

    @property
    def digests(self) -> Iterator[str]:
        """All digests by which its images may be known."""
        return (digest for image in self.images for digest in image.digests)

    async def find(self, digest: str) -> bool:
        """Tell whether the repository holds *digest*, to which no tag leads; then it is shown.

        The digest of a manifest of one platform is shown as an image of its own.
        """
        try:
            await self._digest(digest)
            image = await self._read(digest)
        except SourceError as error:
            if ends_all(error):
                raise
            return False
        self._known.untagged = (digest, *self._known.untagged)
        self._known.images[digest] = image
        await self._show(full=False)
        return True

    async def refresh(self, *, full: bool) -> None:
        """Read what has changed; with *full*, ask for all again.

        Raises :exc:`SourceError` where the tags cannot be listed.
        """
        self.faults = []
        listed = await self._api.tags(self.name)
        self._all_tags = frozenset(listed)
        wanted = self._wanted(listed)
        await self._resolve(wanted, full=full)
        if full or not self._begun:
            await self._look_for_untagged()
            self._begun = True
        await self._read_images(full=full)
        await self._show(full=full)

    def _wanted(self, listed: Sequence[str]) -> Sequence[str]:
        """Return the tags that are looked at, and note that others are not."""
        fitting = [
            tag for tag in listed if not is_attached(tag) and matches(tag, self._settings.tags)
        ]
        most = EXAMINED * self._settings.tags_per_repository
        if len(fitting) <= most:
            return fitting
        fitting.sort(key=natural_key, reverse=True)
        fitting.sort(key=lambda tag: tag not in _MOVING)
        left_out = len(fitting) - most
        self.faults.append(
            Malformed(
                f"{left_out:,} of {len(fitting):,} tags were not looked at",
                "say which ones count by `tags` in config",
            )
        )
        return fitting[:most]

    # --- where tags lead ---

    async def _resolve(self, wanted: Sequence[str], *, full: bool) -> None:
        """Ask where tags lead: the new ones, those that move, and with *full* all of them."""
        before = self._known.tags
        asked = [tag for tag in wanted if full or tag not in before or not looks_fixed(tag)]
        answers = await self._each(self._digest, asked)
        found = {tag: before[tag] for tag in wanted if tag in before}
        for tag, answer in zip(asked, answers, strict=True):
            if isinstance(answer, NotFound):
                found.pop(tag, None)  # deleted since it was listed
            elif isinstance(answer, SourceError):
                self._note(answer)
            else:
                found[tag] = answer
        self._keep_untagged(found)
        self._known.tags = found

    async def _digest(self, tag: str) -> str:
        return await self._api.digest_of(self.name, tag)

    def _keep_untagged(self, now: Mapping[str, str]) -> None:
        """Keep images that have lost their tags: something may still run them."""
        led, leads = self._known.tags.values(), set(now.values())
        lost = [digest for digest in dict.fromkeys(led) if digest not in leads]
        known = [*lost, *(one for one in self._known.untagged if one not in leads)]
        most = self._settings.tags_per_repository
        self._known.untagged = tuple(dict.fromkeys(known))[:most]

    async def _look_for_untagged(self) -> None:
        """See whether the registry still holds what its tags led to before."""
        remembered = await asyncio.to_thread(self._store.remembered, self._key)
        leads = set(self._known.tags.values())
        known = dict.fromkeys((*self._known.untagged, *remembered))
        candidates = [one for one in known if one not in leads]
        candidates = candidates[: self._settings.tags_per_repository]
        answers = await self._each(self._digest, candidates)
        held: list[str] = []
        for digest, answer in zip(candidates, answers, strict=True):
            if isinstance(answer, NotFound):
                await asyncio.to_thread(self._store.forget, self._key, digest)
            else:
                held.append(digest)
        self._known.untagged = tuple(held)

    @property
    def _key(self) -> str:
        return f"{self._settings.api_url}/{self.name}"

    # --- images ---

    async def _read_images(self, *, full: bool) -> None:
        """Read the images that are not known yet; while the allowance is low, none.

        What was found at fault is read again with *full*: no digest proves a wrong answer, which
        may have been that of a proxy in between.
        """
        digests = dict.fromkeys((*self._known.tags.values(), *self._known.untagged))
        known = self._known.images
        unread = [one for one in digests if one not in known or (full and known[one].fault)]
        images = {one: known for one, known in self._known.images.items() if one in digests}
        if unread and self._api.transport.limits.is_low:
            self.faults.append(_wait_for_allowance(len(unread)))
            unread = []
        answers = await self._each(self._read, unread)
        for digest, answer in zip(unread, answers, strict=True):
            if isinstance(answer, NotFound):
                self._forget(digest)
            elif isinstance(answer, SourceError):
                self._note(answer)
            else:
                images[digest] = answer
        self._known.images = images

    async def _read(self, digest: str) -> RegistryImage:
        return await read_image(self._api, self.name, digest)

    def _forget(self, digest: str) -> None:
        """The registry has deleted *digest* meanwhile, and so all tags that led to it."""
        self._known.tags = {tag: one for tag, one in self._known.tags.items() if one != digest}
        self._known.untagged = tuple(one for one in self._known.untagged if one != digest)

    async def _show(self, *, full: bool) -> None:
        """Choose the newest images, and read what is told of their builds."""
        by_digest: dict[str, list[str]] = {}
        for tag, digest in self._known.tags.items():
            by_digest.setdefault(digest, []).append(tag)
        images = sorted(self.images, key=_age)
        most = self._settings.tags_per_repository
        tagged = [one for one in images if one.digest in by_digest][:most]
        untagged = [one for one in images if one.digest not in by_digest][:most]
        shown = [
            ShownImage(one, tuple(sorted(by_digest.get(one.digest, ()), key=natural_key)))
            for one in (*tagged, *untagged)
        ]
        await self._read_provenance(shown, full=full)
        if shown != self.shown:
            self.shown = shown
            self.changes += 1
        pairs = [(tag, one.image.digest) for one in shown for tag in one.tags]
        await self._store.flush()
        if pairs != self._remembered:
            most = 4 * self._settings.tags_per_repository
            await asyncio.to_thread(self._store.remember, self._key, pairs, most)
            self._remembered = pairs

    async def _read_provenance(self, shown: Sequence[ShownImage], *, full: bool) -> None:
        if not self._settings.provenance:
            return
        known = self._known.provenance
        unread = [
            one
            for one in shown
            if one.image.digest not in known or (full and not known[one.image.digest])
        ]
        if self._api.transport.limits.is_low:
            unread = []
        answers = await self._each(self._provenance, [one.image for one in unread])
        for one, answer in zip(unread, answers, strict=True):
            if isinstance(answer, SourceError):
                self._note(answer)
            else:
                known[one.image.digest] = answer
        for one in shown:
            one.provenance = known.get(one.image.digest, ())

    async def _provenance(self, image: RegistryImage) -> tuple[Provenance, ...]:
        if image.artifact or image.fault:
            return ()
        try:
            return await read_provenance(self._api, image, self._all_tags)
        except (NotFound, Forbidden):
            return ()

    async def _each(
        self, ask: Callable[[K], Awaitable[T]], things: Sequence[K]
    ) -> list[T | SourceError]:
        """Return what *ask* answers for each of *things*, or its error."""
        requests = [partial(ask, one) for one in things]
        return await gather_bounded(requests, self._settings.max_parallel)

    def _note(self, error: SourceError) -> None:
        if ends_all(error):
            raise error
        self.faults.append(error)


def _age(image: RegistryImage) -> tuple[float, str]:
    """Return what sorts images by their age, the newest first."""
    return -(image.created_at or _LONG_AGO).timestamp(), image.digest


def _wait_for_allowance(images: int) -> SourceError:
    return Malformed(
        f"{images:,} images are not read yet: the registry's allowance of requests is nearly used",
        "log in for a larger one, or show fewer repositories",
    )
