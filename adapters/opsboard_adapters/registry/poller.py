"""One look at a registry after the other: which repositories there are, and what is in them.

The repositories are read a few at a time, and what each brings is told at once. Whether a label is
that of a base image is only known once all of them have been read: until then, what labels say is a
candidate.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

from opsboard.adapter import (
    BudgetUpdate,
    Change,
    Condition,
    Forbidden,
    Health,
    Misconfigured,
    NotFound,
    Report,
    ScopeRemoved,
    SourceError,
    Unauthenticated,
    Unreachable,
    background,
)
from opsboard.records import Image
from opsboard.records.identity import image_repository
from opsboard_adapters.listing.completeness import ScopeDiff
from opsboard_adapters.listing.partial import gather_bounded, is_server_error
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.content_store import ContentStore
from opsboard_adapters.registry.images import RegistryImage, read_image
from opsboard_adapters.registry.inheritance import BaseImages
from opsboard_adapters.registry.names import is_digest, matches
from opsboard_adapters.registry.repository import RepositoryState, ShownImage
from opsboard_adapters.registry.settings import RegistrySettings
from opsboard_adapters.registry.structs import BASE_DIGEST, BASE_NAME
from opsboard_adapters.registry.translate import ImageTranslator
from opsboard_adapters.registry.transport import ends_all

CATALOG: Final = "catalog"
"""The scope that says whether the catalog can be read; no repository may be called so alone."""


LOOKED_FOR: Final = 50
"""Images in use that are looked for at a time, in one repository each."""
_MOST_MISSED: Final = 100_000


class RegistryPoller:
    """Polls one registry: what is known of it, and what of that has been told to the board."""

    def __init__(
        self,
        settings: RegistrySettings,
        api: RegistryApi,
        store: ContentStore,
        translator: ImageTranslator,
    ) -> None:
        self._settings = settings
        self._api = api
        self._store = store
        self._translator = translator
        self.states: dict[str, RepositoryState] = {}
        self._diffs: dict[str, ScopeDiff] = {}
        self._read: set[str] = set()
        self._told_catalog = False
        self._catalog_fault: SourceError | None = None
        self._bases = BaseImages(())
        self._bases_of: object = None
        self._named_bases: dict[str, RegistryImage] = {}
        self._missed_bases: set[str] = set()
        self._made_of: dict[str, tuple[int, BaseImages | None]] = {}
        """What the records of a repository were made of last: where it is the same, so are they."""
        self._well: Sequence[str] = ()
        """The repositories that have answered in the last round."""
        self._in_use: frozenset[str] = frozenset()
        self.has_looked_for_all = True
        """Whether each image in use has been looked for wherever it may be."""
        self._not_in: set[tuple[str, str]] = set()

    def restart(self) -> list[Change]:
        """Begin again for a new consumer of the changes; return the first of them."""
        for diff in self._diffs.values():
            diff.report_again()
        names = self._settings.named_repositories
        starting = Health(condition=Condition.STARTING)
        return [Report(starting, scope_of(name)) for name in names if name not in self._read]

    async def poll(self, *, full: bool) -> AsyncIterator[Change]:
        """Ask once for everything. A repository that fails says so, and leaves the others live.

        Raises :exc:`SourceError` where all of it fails, or nobody answers at all.
        """
        with background():
            names = await self._repositories()
        for change in self._changed_catalog(names):
            yield change
        failed: dict[str, SourceError] = {}
        self._well = ()
        for start in range(0, len(names), self._settings.max_parallel):
            some = names[start : start + self._settings.max_parallel]
            async for change in self._refresh(some, failed, full=full):
                yield change
        if failed and len(failed) == len(names):
            raise next(iter(failed.values()))
        self._well = tuple(name for name in names if name not in failed)
        with background():
            await self._look_for_images_in_use(self._well)
            await self._read_named_bases(full=full)
        for change in await self._told(self._well):
            yield change
        if self._api.transport.limits.budget is not None:
            yield BudgetUpdate(self._api.transport.limits.budget)

    async def look(self) -> AsyncIterator[Change]:
        """Look for the images in use that are known nowhere yet, between two rounds.

        Says nothing of the repositories in which none was found.
        """
        before = {name: self.states[name].changes for name in self._well}
        with background():
            await self._look_for_images_in_use(self._well)
        found = [name for name in self._well if self.states[name].changes != before[name]]
        for change in await self._told(found):
            yield change

    # --- which repositories there are ---

    async def _repositories(self) -> Sequence[str]:
        named = self._settings.named_repositories
        patterns = self._settings.repository_patterns
        if not patterns:
            return named
        try:
            listed = await self._api.catalog(_MOST_LISTED)
        except (Forbidden, NotFound, Unauthenticated) as error:
            if ends_all(error) or not named:
                raise self._without_catalog(error) from None
            self._catalog_fault = self._without_catalog(error)
            return named
        self._catalog_fault = None
        found = [name for name in listed if matches(name, patterns)]
        most = self._settings.max_repositories
        if len(found) > most:
            self._catalog_fault = Misconfigured(
                f"{len(found) - most:,} of {len(found):,} repositories are not shown",
                "say which ones count by `repositories` in config, or set max_repositories",
            )
        return list(dict.fromkeys((*named, *found[:most])))

    def _without_catalog(self, error: SourceError) -> SourceError:
        hint = 'name the repositories in config: repositories = ["shop/cart"]'
        return type(error)(f"the registry's catalog may not be read: {error.message}", hint)

    def _changed_catalog(self, names: Sequence[str]) -> list[Change]:
        """Return the changes about which repositories there are."""
        changes: list[Change] = []
        for gone in [name for name in self.states if name not in names]:
            del self.states[gone]
            self._read.discard(gone)
            del self._diffs[gone]
            self._made_of.pop(gone, None)
            changes.append(ScopeRemoved(scope_of(gone)))
        for name in names:
            if name not in self.states:
                self.states[name] = RepositoryState(name, self._settings, self._api, self._store)
                self._diffs[name] = ScopeDiff(scope_of(name))
                changes.append(Report(Health(condition=Condition.STARTING), scope_of(name)))
        fault = self._catalog_fault
        if fault is not None:
            health = Health(condition=Condition.PARTIAL, message=fault.message, hint=fault.hint)
            changes.append(Report(health, CATALOG))
        elif self._told_catalog:
            changes.append(ScopeRemoved(CATALOG))
        self._told_catalog = fault is not None
        return changes

    # --- what is in them ---

    async def _refresh(
        self, names: Sequence[str], failed: dict[str, SourceError], *, full: bool
    ) -> AsyncIterator[Change]:
        """Read the repositories *names*; yield the changes that this brings.

        Where the registry refuses to go on midway, what has come before is told, and then that.
        """
        with background():
            requests = [partial(self.states[name].refresh, full=full) for name in names]
            answers = await gather_bounded(requests, self._settings.max_parallel)
        end: SourceError | None = None
        well: list[str] = []
        for name, answer in zip(names, answers, strict=True):
            if not isinstance(answer, SourceError):
                self._read.add(name)
                well.append(name)
            elif ends_all(answer) or _is_silence(answer):
                end = end or answer
            else:
                self._read.add(name)
                failed[name] = answer
                self._diffs[name].report_again()
                yield Report(answer.health, scope_of(name))
        if end is not None or not self._all_read:
            for change in await self._told(well):
                yield change
        if end is not None:
            raise end

    def note_in_use(self, digests: frozenset[str]) -> None:
        """Take note of images that run somewhere: they are looked for next."""
        self._in_use = digests
        self.has_looked_for_all = False

    async def _look_for_images_in_use(self, names: Sequence[str]) -> None:
        """Look in the repositories *names* for images that run and that no tag leads to any more.

        Whatever runs says its digest, and not where that is from; so each repository is asked once
        for each digest that is known nowhere, some at a time.
        """
        in_use = self._in_use
        known = {digest for state in self.states.values() for digest in state.digests}
        asked = 0
        for digest in sorted(in_use - known):
            for name in names:
                if asked >= LOOKED_FOR or self._api.transport.limits.is_low:
                    return
                if (name, digest) in self._not_in:
                    continue
                asked += 1
                if await self.states[name].find(digest):
                    break
                if len(self._not_in) < _MOST_MISSED:
                    self._not_in.add((name, digest))
        self.has_looked_for_all = in_use is self._in_use

    async def _read_named_bases(self, *, full: bool) -> None:
        """Read the base images that images name, where they are in this registry and not watched.

        Only so it can be told whether a label is theirs. One that cannot be read is tried again in
        a *full* round.
        """
        self._missed_bases = set() if full else self._missed_bases
        done = self._named_bases.keys() | self._missed_bases
        known = {digest for state in self.states.values() for digest in state.digests}
        named = dict(
            base
            for state in self.states.values()
            for image in state.images
            if (base := _named_base(image, self._settings.name))
        )
        unread = [one for one in named if one not in known and one not in done]
        for digest in unread[:LOOKED_FOR]:
            try:
                image = await read_image(self._api, named[digest], digest)
            except SourceError as error:
                if ends_all(error) or _is_silence(error):
                    raise
                self._missed_bases.add(digest)  # then nothing can be compared
                continue
            self._named_bases[digest] = image

    @property
    def _all_read(self) -> bool:
        return self._read >= self.states.keys()

    async def _told(self, names: Sequence[str]) -> list[Change]:
        """Return the changes to what is shown of the repositories *names*."""
        changes: list[Change] = []
        bases = self._base_images() if self._all_read else None
        for name in names:
            state, diff = self.states[name], self._diffs[name]
            diff.completeness.set_errors(name, state.faults)
            if self._made_of.get(name) == (state.changes, bases):
                changes += diff.unchanged()
                continue
            self._made_of[name] = state.changes, bases

            records = await diff.completeness.build_records(
                self.record, state.shown, lambda one: one.image.digest
            )
            changes += diff.replace(records)
        return changes

    def record(self, one: ShownImage) -> Image:
        """Return the record of an image."""
        bases = self._base_images() if self._all_read else None
        return self._translator.record(one.image, one.tags, one.provenance, bases)

    def _base_images(self) -> BaseImages:
        """Return all images that another may be built on, sorted anew where there are others."""
        now = [len(self._named_bases), *((name, it.changes) for name, it in self.states.items())]
        if now != self._bases_of:
            watched = (image for state in self.states.values() for image in state.images)
            self._bases = BaseImages((*watched, *self._named_bases.values()))
            self._bases_of = now
        return self._bases


def _named_base(image: RegistryImage, registry: str) -> tuple[str, str] | None:
    """Return the digest and the repository of the base image that *image* names in *registry*."""
    told = image.base_annotations
    where, digest = image_repository(told.get(BASE_NAME, "")), told.get(BASE_DIGEST, "")
    if not (is_digest(digest) and where.startswith(f"{registry}/")):
        return None
    return digest, where.removeprefix(f"{registry}/")


def _is_silence(error: SourceError) -> bool:
    """Tell whether nobody answers: the others would fail in the same way, at the same cost."""
    return isinstance(error, Unreachable) and not is_server_error(error)


_MOST_LISTED: Final = 10_000


def scope_of(repository: str) -> str:
    """Return the scope of the images of *repository*."""
    return f"repository {repository}"
