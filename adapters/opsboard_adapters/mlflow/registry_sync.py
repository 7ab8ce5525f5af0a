"""Reads the registry into memory: all of it at first, then what changed."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from opsboard.adapter import SourceError
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import gather_bounded
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.registry import RegistryState

RECENT: Final = 50
"""Versions that changed last, looked at in every round."""
FEW: Final = 20
"""Changed models whose versions are read one by one; above, one request reads all versions."""


class RegistrySync:
    """Keeps *registry* in step with the server: models in every round, versions as they change."""

    def __init__(self, api: MLflowApi, registry: RegistryState) -> None:
        self._api = api
        self._registry = registry
        self._touched: set[str] = set()
        self._versions_whole = False
        self._odd_recent: frozenset[str] = frozenset()

    async def read_models(self, skips: SkippedRecords) -> SourceError | None:
        """Read all models; return why some of them could not be read. Raises the same of all."""
        skips.reset()
        found = await self._api.models(skips)
        self._touched |= self._registry.replace_models(found.items, whole=found.error is None)
        return found.error

    async def read_versions(self, skips: SkippedRecords, *, full: bool) -> Sequence[SourceError]:
        """Read versions, all that there are or what changed; return why some could not be read.

        Those stay as they were known. Raises :exc:`SourceError` where nothing could be read.
        """
        if full or not self._versions_whole or len(self._touched) > FEW:
            return await self._read_all(skips)
        return await self._catch_up(skips)

    async def _read_all(self, skips: SkippedRecords) -> Sequence[SourceError]:
        skips.reset()
        found = await self._api.versions(skips)
        self._versions_whole = found.error is None
        if found.error is not None:
            self._registry.merge(found.items)
            return [found.error]
        self._registry.replace_versions(found.items)
        self._touched.clear()
        return []

    async def _catch_up(self, skips: SkippedRecords) -> Sequence[SourceError]:
        """Read the versions of models that changed, and those that changed by themselves."""
        odd = SkippedRecords("versions that changed")
        recent = await self._api.latest_changes(RECENT, odd)
        unknown = [version for version in recent if not self._registry.knows(version)]
        if len(unknown) == RECENT or odd.names != self._odd_recent:
            self._odd_recent = odd.names
            return await self._read_all(skips)
        faults = await self._read_touched(skips)
        self._registry.merge(unknown)
        return faults

    async def _read_touched(self, skips: SkippedRecords) -> Sequence[SourceError]:
        """Read the versions of the models that changed; those that cannot be read stay touched."""
        names = sorted(self._touched)
        work = [partial(self._api.versions, skips, name) for name in names]
        faults: list[SourceError] = []
        for name, answer in zip(names, await gather_bounded(work, self._api.at_once), strict=True):
            fault = answer if isinstance(answer, SourceError) else answer.error
            if not isinstance(answer, SourceError):
                self._registry.replace_versions_of(name, answer.items, whole=fault is None)
            if fault is None:
                self._touched.discard(name)
            else:
                faults.append(fault)
        return faults
