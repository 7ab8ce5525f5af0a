"""How a model stands right now: its versions, their runs, and how they drift."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from opsboard.adapter import Context, Malformed, NotFound, SourceError
from opsboard.records import Drift, Status
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import PartialList, as_partial_list, gather_bounded
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.monitoring_runs import monitors_by_version, readings_of
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.search_filter import quoted
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion, RegisteredModel
from opsboard_adapters.mlflow.training_runs import TrainingRuns
from opsboard_adapters.mlflow.translate import MLflowTranslator

CHOICES: Final = 100
"""Versions that can be chosen, the newest ones."""
MONITORS: Final = 2_000
"""Monitoring runs of a model that are looked at, the newest ones."""


@dataclass(frozen=True, slots=True)
class ModelSnapshot:
    """A model as it was read a moment ago.

    *versions* are those that can be chosen, newest first, *origins* what they were made of;
    *drifts* are by version.
    *unread* says what could not be read of it.
    """

    model: RegisteredModel
    registry: RegistryState
    versions: Sequence[MLflowVersion]
    origins: VersionOrigins
    drifts: Mapping[str, Sequence[Drift]]
    translator: MLflowTranslator
    unread: Sequence[str] = ()

    @property
    def name(self) -> str:
        return self.model.name

    def version(self, number: str) -> MLflowVersion:
        """Return a version. Raises :exc:`NotFound`."""
        known = self.registry.version(self.name, number)
        if known is None:
            raise NotFound(f"{self.name} has no version {number}", "choose one that it has")
        return known

    def origin(self, version: MLflowVersion | None) -> VersionOrigin:
        """Return what *version* was made of, as far as it is visible."""
        return self.origins.of(version)

    def run(self, version: MLflowVersion) -> MLflowRun | None:
        """Return the run that trained *version*, unless it is not visible."""
        return self.origin(version).run

    def drifted(self, version: MLflowVersion) -> Drift | None:
        """Return the measure by which *version* has drifted, when last seen."""
        measured = self.drifts.get(version.version, ())
        return next((one for one in measured if one.status is Status.FAILED), None)


class SnapshotReader:
    """Reads how models stand, of one source."""

    def __init__(
        self, settings: MLflowSettings, context: Context, api: MLflowApi, registry_api: MLflowApi
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._registry_api = registry_api

    async def registry(self, name: str) -> RegistryState:
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
        registry = RegistryState(self._settings.leading_aliases)
        registry.replace_models([model])
        registry.replace_versions_of(name, versions.items)
        return registry

    async def snapshot(self, name: str, wanted: str = "") -> ModelSnapshot:
        """Return how a model stands; the version *wanted* can be chosen. Raises :exc:`NotFound`.

        Runs only advise: what cannot be read of them is told, and forbids nothing.
        """
        registry, experiments = await asyncio.gather(self.registry(name), self._experiments())
        chosen = _choices(registry, name, wanted)
        skips = SkippedRecords("runs")
        training = TrainingRuns(self._api, skips, registry)
        trained, monitors = await asyncio.gather(
            training.read(chosen, experiments.items, full=True),
            self._monitors(name, experiments.items, skips),
        )
        origins = training.origins
        translator = MLflowTranslator(
            self._context.name, self._settings, registry, self._context.environment_of
        )
        drifts = self._drifts(registry, chosen, origins, monitors.items, translator)
        told = [experiments.error, *trained.faults, monitors.error]
        odd = skips.report(len(origins.runs) + len(monitors.items) + skips.count)
        unread = [one.message for one in told if one] + ([odd.sentence] if odd else [])
        model = registry.models[name]
        return ModelSnapshot(model, registry, chosen, origins, drifts, translator, unread)

    async def _experiments(self) -> PartialList[str]:
        try:
            return await self._api.experiments(SkippedRecords("experiments"))
        except SourceError as error:
            return PartialList(error=error)

    async def _monitors(
        self, name: str, experiments: Sequence[str], skips: SkippedRecords
    ) -> PartialList[MLflowRun]:
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
        registry: RegistryState,
        versions: Iterable[MLflowVersion],
        origins: VersionOrigins,
        monitors: Iterable[MLflowRun],
        translator: MLflowTranslator,
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


def _choices(registry: RegistryState, name: str, wanted: str) -> list[MLflowVersion]:
    known = registry.versions_of(name)
    needed = {*registry.in_use(name), wanted}
    return [*known[:CHOICES], *(one for one in known[CHOICES:] if one.version in needed)]
