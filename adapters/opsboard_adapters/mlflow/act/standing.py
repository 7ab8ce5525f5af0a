"""How a model stands right now: its versions, their runs, and how they drift."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from opsboard.adapter import Context, Malformed, NotFound, SourceError
from opsboard.records import Drift, Status
from opsboard_adapters.listing.partial import PartialList, as_partial_list, gather_bounded
from opsboard_adapters.listing.skipped import SkippedRecords
from opsboard_adapters.mlflow.api import Api
from opsboard_adapters.mlflow.filters import quoted
from opsboard_adapters.mlflow.monitors import monitors_by_version, readings_of
from opsboard_adapters.mlflow.origins import Origin, Origins
from opsboard_adapters.mlflow.registry import Registry
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.shapes import RegisteredModel, Run, Version
from opsboard_adapters.mlflow.training import Training
from opsboard_adapters.mlflow.translate import Translator

CHOICES: Final = 100
"""Versions that can be chosen, the newest ones."""
MONITORS: Final = 2_000
"""Monitoring runs of a model that are looked at, the newest ones."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A model as it was read a moment ago.

    *versions* are those that can be chosen, newest first, *origins* what they were made of;
    *drifts* are by version.
    *unread* says what could not be read of it.
    """

    model: RegisteredModel
    registry: Registry
    versions: Sequence[Version]
    origins: Origins
    drifts: Mapping[str, Sequence[Drift]]
    translator: Translator
    unread: Sequence[str] = ()

    @property
    def name(self) -> str:
        return self.model.name

    def version(self, number: str) -> Version:
        """Return a version. Raises :exc:`NotFound`."""
        known = self.registry.version(self.name, number)
        if known is None:
            raise NotFound(f"{self.name} has no version {number}", "choose one that it has")
        return known

    def origin(self, version: Version | None) -> Origin:
        """Return what *version* was made of, as far as it is visible."""
        return self.origins.of(version)

    def run(self, version: Version) -> Run | None:
        """Return the run that trained *version*, unless it is not visible."""
        return self.origin(version).run

    def drifted(self, version: Version) -> Drift | None:
        """Return the measure by which *version* has drifted, when last seen."""
        measured = self.drifts.get(version.version, ())
        return next((one for one in measured if one.status is Status.FAILED), None)


class Reader:
    """Reads how models stand, of one source."""

    def __init__(
        self, settings: MLflowSettings, context: Context, api: Api, registry_api: Api
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._registry_api = registry_api

    async def registry(self, name: str) -> Registry:
        """Return what the registry says of a model, and nothing more. Raises :exc:`NotFound`.

        Raises :exc:`SourceError` too where any of its versions cannot be read: an act is judged
        by all of them.
        """
        skips = SkippedRecords("versions")
        model, versions = await asyncio.gather(
            self._registry_api.model(name), self._registry_api.versions(skips, name)
        )
        if versions.error is not None:
            raise versions.error
        if (odd := skips.report(len(versions.items) + skips.count)) is not None:
            raise Malformed(f"model {name}: {odd.sentence}", "fix what is named, and plan again")
        registry = Registry(self._settings.leading_aliases)
        registry.replace_models([model])
        registry.replace_versions_of(name, versions.items)
        return registry

    async def standing(self, name: str, wanted: str = "") -> Standing:
        """Return how a model stands; the version *wanted* can be chosen. Raises :exc:`NotFound`.

        Runs only advise: what cannot be read of them is told, and forbids nothing.
        """
        registry, experiments = await asyncio.gather(self.registry(name), self._experiments())
        chosen = _choices(registry, name, wanted)
        skips = SkippedRecords("runs")
        training = Training(self._api, skips, registry)
        trained, monitors = await asyncio.gather(
            training.read(chosen, experiments.items, full=True),
            self._monitors(name, experiments.items, skips),
        )
        origins = training.origins
        translator = Translator(
            self._context.name, self._settings, registry, self._context.environment_of
        )
        drifts = self._drifts(registry, chosen, origins, monitors.items, translator)
        told = [experiments.error, *trained.faults, monitors.error]
        odd = skips.report(len(origins.runs) + len(monitors.items) + skips.count)
        unread = [one.message for one in told if one] + ([odd.sentence] if odd else [])
        model = registry.models[name]
        return Standing(model, registry, chosen, origins, drifts, translator, unread)

    async def _experiments(self) -> PartialList[str]:
        try:
            return await self._api.experiments(SkippedRecords("experiments"))
        except SourceError as error:
            return PartialList(error=error)

    async def _monitors(
        self, name: str, experiments: Sequence[str], skips: SkippedRecords
    ) -> PartialList[Run]:
        conditions = [
            f"tags.`{tag}` {told}"
            for tag in self._settings.model_tags
            for told in (f"= {quoted(name)}", f"LIKE {quoted(f'models:/{name}%')}")
        ]
        work = [
            partial(self._api.search_runs, one, experiments, skips, MONITORS) for one in conditions
        ]
        found = [as_partial_list(one) for one in await gather_bounded(work, self._api.at_once)]
        runs = {run.id: run for one in found for run in one.items}
        return PartialList(
            list(runs.values()), next((one.error for one in found if one.error), None)
        )

    def _drifts(
        self,
        registry: Registry,
        versions: Iterable[Version],
        origins: Origins,
        monitors: Iterable[Run],
        translator: Translator,
    ) -> Mapping[str, Sequence[Drift]]:
        by_version = monitors_by_version(monitors, self._settings, registry)
        return {
            one.version: [
                translator.drift(reading, [])
                for reading in readings_of(
                    one.key, origins.of(one), by_version, self._settings, registry
                )
            ]
            for one in versions
        }


def _choices(registry: Registry, name: str, wanted: str) -> list[Version]:
    known = registry.versions_of(name)
    needed = {*registry.in_use(name), wanted}
    return [*known[:CHOICES], *(one for one in known[CHOICES:] if one.version in needed)]
