"""A model as it is right now: its versions, their runs, and how they drift."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from opsboard.adapter import Context, Malformed, NotFound, SourceError
from opsboard.records import Drift, Status
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import PartialList, as_partial_list, gather_bounded
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.lineage import VersionOrigin, VersionOrigins
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.monitoring_runs import monitors_by_version, readings_of
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion, RegisteredModel
from opsboard_adapters.mlflow.training_runs import TrainingRuns
from opsboard_adapters.mlflow.translate import MLflowTranslator
from opsboard_adapters.mlflow.transport import quoted

MAX_CANDIDATES: Final = 100
"""Versions that can be chosen: the newest ones."""
MAX_MONITORING_RUNS: Final = 2_000
"""Monitoring runs of a model that are looked at, the newest ones."""


@dataclass(frozen=True, slots=True)
class ModelSnapshot:
    """A model as it was read just now.

    *versions* are those that can be chosen, newest first, *origins* what they were made of;
    *drifts* are by version.
    *unread* are messages about what could not be read.
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


class ModelReader:
    """What actions read models with. *registry_api* is *api*, unless they are two servers."""

    def __init__(
        self,
        settings: MLflowSettings,
        context: Context,
        api: MLflowApi,
        registry_api: MLflowApi,
        login: MLflowLogin,
    ) -> None:
        self.settings = settings
        self.registry_api = registry_api
        self.tracking_api = api
        self.login = login
        self._context = context

    async def registry(self, name: str) -> RegistryState:
        """Return what the registry says of a model, and nothing more. Raises :exc:`NotFound`.

        Raises :exc:`SourceError` too where any of its versions cannot be read: an act is judged
        by all of them.
        """
        skips = SkippedRecords("versions")
        model, versions = await asyncio.gather(
            self.registry_api.model(name), self.registry_api.versions(skips, name)
        )
        if versions.error is not None:
            raise versions.error
        if (odd := skips.report(len(versions.items) + skips.count)) is not None:
            raise Malformed(f"model {name}: {odd.sentence}", "fix what is named, and plan again")
        registry = RegistryState(self.settings.leading_aliases)
        registry.replace_models([model])
        registry.replace_versions_of(name, versions.items)
        return registry

    async def snapshot(
        self, name: str, wanted: str, registry_of: Callable[[str], Awaitable[RegistryState]]
    ) -> ModelSnapshot:
        """Return the model *name* as it is now; the version *wanted*, if any, can be chosen.

        *registry_of* reads what the registry says of it. Runs only advise: what cannot be read of
        them is a finding, and forbids nothing. Raises :exc:`NotFound`.
        """
        registry, experiments = await asyncio.gather(registry_of(name), self._experiments())
        chosen = _candidates(registry, name, wanted)
        skips = SkippedRecords("runs")
        training = TrainingRuns(self.tracking_api, skips, registry)
        trained, monitors = await asyncio.gather(
            training.read(chosen, experiments.items, full=True),
            self._monitors(name, experiments.items, skips),
        )
        origins = training.origins
        translator = MLflowTranslator(
            self._context.name, self.settings, registry, self._context.environment_of
        )
        drifts = self._drifts(registry, chosen, origins, monitors.items, translator)
        errors = [experiments.error, *trained.faults, monitors.error]
        odd = skips.report(len(origins.runs) + len(monitors.items) + skips.count)
        unread = [one.message for one in errors if one] + ([odd.sentence] if odd else [])
        model = registry.models[name]
        return ModelSnapshot(model, registry, chosen, origins, drifts, translator, unread)

    async def _experiments(self) -> PartialList[str]:
        try:
            return await self.tracking_api.experiments(SkippedRecords("experiments"))
        except SourceError as error:
            return PartialList(error=error)

    async def _monitors(
        self, name: str, experiments: Sequence[str], skips: SkippedRecords
    ) -> PartialList[MLflowRun]:
        """Return the monitoring runs that name the model by one of the tags, about the newest.

        A tag holds its name, or a URI such as ``models:/NAME/3``; the filter language knows no
        *or*. So one search for each tag asks for what has the name in it, and what is meant is told
        from it later. Where that brings more than is looked at, the model's own might be missed
        among the others': then it is asked for exactly, by two.
        """
        work = [
            partial(self._tagged, tag, name, experiments, skips) for tag in self.settings.model_tags
        ]
        found = [
            as_partial_list(one) for one in await gather_bounded(work, self.tracking_api.at_once)
        ]
        runs = {run.id: run for one in found for run in one.items}
        error = next((one.error for one in found if one.error), None)
        return PartialList(list(runs.values()), error)

    async def _tagged(
        self, tag: str, name: str, experiments: Sequence[str], skips: SkippedRecords
    ) -> PartialList[MLflowRun]:
        async def search(condition: str) -> PartialList[MLflowRun]:
            asked = f"tags.`{tag}` {condition}"
            return await self.tracking_api.search_runs(
                asked, experiments, skips, MAX_MONITORING_RUNS
            )

        if "\\" not in name:  # which LIKE takes for an escape on some databases
            found = await search(f"LIKE {quoted(f'%{name}%')}")
            if found.error is not None or len(found.items) < MAX_MONITORING_RUNS:
                return found
        exact = await search(f"= {quoted(name)}")
        uris = await search(f"LIKE {quoted(f'models:/{name}%')}")
        return PartialList([*exact.items, *uris.items], exact.error or uris.error)

    def _drifts(
        self,
        registry: RegistryState,
        versions: Iterable[MLflowVersion],
        origins: VersionOrigins,
        monitors: Iterable[MLflowRun],
        translator: MLflowTranslator,
    ) -> Mapping[str, Sequence[Drift]]:
        by_version = monitors_by_version(monitors, self.settings, registry)
        return {
            one.version: [
                translator.drift(reading, [])
                for reading in readings_of(
                    one.key, origins.of(one), by_version, self.settings, registry
                )
            ]
            for one in versions
        }


def _candidates(registry: RegistryState, name: str, wanted: str) -> list[MLflowVersion]:
    known = registry.versions_of(name)
    needed = {*registry.in_use(name), wanted}
    return [
        *known[:MAX_CANDIDATES],
        *(one for one in known[MAX_CANDIDATES:] if one.version in needed),
    ]
