"""One look at a server after the other: the registry first, then runs, a slice at a time.

The registry alone says which models and versions there are, which of them serve and where. That
is told as soon as it is read. Whether a model drifts, and what a version was measured at, is in
runs: they follow in slices, those of the versions that serve first, and what a slice brought is
told and kept, whatever becomes of the next one. Until then a model is not said to be well.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Sequence
from itertools import chain
from typing import Final

from opsboard.adapter import (
    Change,
    Condition,
    Context,
    Health,
    Report,
    SourceError,
    Unauthenticated,
    Unreachable,
    background,
)
from opsboard.records import Drift, Model, ModelVersion
from opsboard_adapters.listing.completeness import RECORDS_PER_TURN, RecordCache
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.backfill import PastRecords
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.links import record_id
from opsboard_adapters.mlflow.monitoring_runs import all_monitors, readings_of
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.registry_sync import RegistrySync
from opsboard_adapters.mlflow.runs import RunTracker
from opsboard_adapters.mlflow.scope_changes import ScopeChanges
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowVersion, RegisteredModel
from opsboard_adapters.mlflow.translate import MLflowTranslator

_PARTS: Final = 3
"""What can fail by itself: models, versions, runs."""


class ModelPoller:
    """Polls one server: what is known of it, and what of that has been reported to the board."""

    def __init__(
        self, settings: MLflowSettings, context: Context, api: MLflowApi, registry_api: MLflowApi
    ) -> None:
        self._settings = settings
        self._alone = registry_api is api
        self.registry = RegistryState(settings.leading_aliases)
        self.translator = MLflowTranslator(
            context.name, settings, self.registry, context.environment_of
        )
        self._catalog = RegistrySync(registry_api, self.registry)
        self._models, self._versions, self._drift = map(
            ScopeChanges, ("models", "versions", "drift")
        )
        self.runs = RunTracker(
            api, settings, self.registry, context.now, self._drift.completeness.skipped
        )
        self._models_whole = self._versions_whole = False
        self._made_models = RecordCache[Model](self._models.completeness)
        self._made_versions = RecordCache[ModelVersion](self._versions.completeness)
        self._drift_changes = 0
        self._looked_through: tuple[int, int, int] | None = None
        self._shown: Sequence[MLflowVersion] = ()
        self._others: Sequence[MLflowVersion] = ()
        self._due: deque[Sequence[MLflowVersion]] | None = None
        self.readings: dict[str, DriftReading] = {}
        self.drifts: Sequence[Drift] = ()
        self._past = PastRecords()
        self.unread = False
        """Whether some of what there is has not been asked for yet."""

    def restart(self) -> list[Change]:
        """Begin again for a new consumer of the changes; return the first of them."""
        changes: list[Change] = []
        self._past.restart()
        self._looked_through = None
        for scope in (self._models, self._versions, self._drift):
            if scope.is_new:
                changes.append(Report(Health(condition=Condition.STARTING), scope.name))
            scope.restart()
        return changes

    def is_looked_at(self, model: str) -> bool:
        """Return whether it has been looked whether what is shown of *model* drifts."""
        shown = self.registry.shown(model)
        return shown is None or self.runs.is_looked_at(shown)

    # --- one look ---

    async def poll(self, *, full: bool) -> AsyncIterator[Change]:
        """Ask once for everything. A part that fails says so, and leaves the others live.

        Raises :exc:`SourceError` where all of it fails, or nobody answers at all.
        """
        failed: list[SourceError] = []
        of_models = await self._tried(self._models, self._read_models(), failed)
        of_versions = await self._tried(self._versions, self._read_versions(full=full), failed)
        if self._state != self._looked_through:
            self._sort_versions()
            self._note_what_is_to_come()
        changes = [
            *(of_models or await self._told_of_models()),
            *(of_versions or await self._told_of_versions()),
        ]
        for change in changes:
            yield change
        before, self._due = len(failed), None
        while self._due is None or (self._due and len(failed) == before):
            for change in await self._tried(self._drift, self._read_slice(full=full), failed):
                yield change
        if len(failed) == _PARTS:
            raise failed[0]
        if len(failed) > before:
            for change in (
                *self._models.completeness_changes(),
                *self._versions.completeness_changes(),
            ):
                yield change

    async def _tried(
        self, scope: ScopeChanges, reading: Awaitable[Sequence[Change]], failed: list[SourceError]
    ) -> Sequence[Change]:
        """Return what *reading* yields; where it fails, the report of that for *scope*."""
        try:
            with background():
                return await reading
        except SourceError as error:
            if scope is self._models and self._ends_all(error):
                raise  # the others would fail in the same way, at the same cost
            failed.append(error)
            return [scope.report(error.health)]

    def _ends_all(self, error: SourceError) -> bool:
        """Return whether nobody answers at all: runs may be on another server than the registry."""
        return self._alone and isinstance(error, Unreachable | Unauthenticated)

    # --- the registry ---

    async def _read_models(self) -> Sequence[Change]:
        fault = await self._catalog.read_models(self._models.completeness.skipped)
        self._models_whole = fault is None
        self._models.completeness.set_errors("models", [] if fault is None else [fault])
        return []

    async def _read_versions(self, *, full: bool) -> Sequence[Change]:
        faults = await self._catalog.read_versions(self._versions.completeness.skipped, full=full)
        self._versions_whole = not faults
        self._versions.completeness.set_errors("versions", faults)
        return []

    async def _told_of_models(self) -> Sequence[Change]:
        return self._models.replace(await self._model_records(), whole=self._models_whole)

    async def _told_of_versions(self) -> Sequence[Change]:
        return self._versions.replace(await self._version_records(), whole=self._versions_whole)

    async def _model_records(self, some: Collection[str] = ()) -> Sequence[Model]:
        """Return the records of all models, or of *some*."""
        by_model: dict[str, list[Drift]] = {}
        for drift in self.drifts:
            by_model.setdefault(drift.model, []).append(drift)

        def make(model: RegisteredModel) -> Model:
            return self.translator.model(
                model,
                self.runs.training.origins,
                by_model.get(model.name, []),
                looked=self.is_looked_at(model.name),
            )

        models = self.registry.models
        if some:
            return await self._models.completeness.rebuild_records(
                make, [models[name] for name in some]
            )
        return await self._made_models.get(
            self._state, make, models.values(), lambda model: model.name
        )

    async def _version_records(self, some: Sequence[MLflowVersion] = ()) -> Sequence[ModelVersion]:
        """Return the records of all versions, or of *some*."""

        def make(version: MLflowVersion) -> ModelVersion:
            return self.translator.version(version, self.runs.training.origins.of(version))

        if some:
            return await self._versions.completeness.rebuild_records(make, some)
        return await self._made_versions.get(
            self._state, make, self.registry.versions(), lambda version: " v".join(version.key)
        )

    @property
    def _state(self) -> tuple[int, int, int]:
        """What records are made of: where it is as it was, so are they."""
        return self.registry.changes, self.runs.changes, self._drift_changes

    # --- runs ---

    async def _read_slice(self, *, full: bool) -> Sequence[Change]:
        """Read the next slice of what is due; return the changes that it brings."""
        try:
            if self._due is None:
                self._due = deque(await self.runs.begin(self._shown, self._others, full=full))
            part = self._due.popleft()
            if not await self.runs.read(part):
                self.runs.training.mark_unread(chain.from_iterable(self._due))
                self._due.clear()
        except SourceError:
            self._due, self.unread = self._due or deque(), False
            self.runs.training.mark_unread(chain(self._shown, self._others))
            self._note_what_is_to_come()
            raise
        return await (self._told_of_slice(part) if self._due else self._told_of_runs())

    async def _told_of_slice(self, part: Sequence[MLflowVersion]) -> Sequence[Change]:
        """Return what the slice *part* adds; more slices follow."""
        self.unread = True
        names = dict.fromkeys(one.name for one in part if one.name in self.registry.models)
        self.readings = {**self.readings, **await self._readings_of(names)}
        await self._make_drifts()
        self._note_what_is_to_come()
        return [
            *self._models.update_known(await self._model_records(names)),
            *self._versions.update_known(await self._version_records(part)),
            *self._drift.replace(self.drifts, whole=False),
        ]

    async def _told_of_runs(self) -> Sequence[Change]:
        """Return the changes to report once all slices have been read."""
        if self._state != self._looked_through:
            self.readings = await self._readings_of(self.registry.models)
        self.unread = await self.runs.read_histories([*self.readings.values()])
        past: list[Change] = []
        if self._state != self._looked_through:
            await self._make_drifts()
            self._note_what_is_to_come()
            self._looked_through = self._state
            past = await self._told_of_the_past()
        unread = f"metrics of {self.runs.training.unread:,} training runs"
        self._versions.completeness.set_errors("metrics", self.runs.training_faults, unread)
        self._drift.completeness.set_errors("drift", self.runs.monitoring_faults)
        self._drift.completeness.set_errors("trends", self.runs.history_faults)
        return [
            *self._models.update_known(await self._model_records()),
            *self._versions.update_known(await self._version_records()),
            *self._drift.replace(self.drifts),
            *past,
        ]

    async def _told_of_the_past(self) -> list[Change]:
        """Return what the server remembers itself, and has not been told; nothing is asked."""
        measured = [(one, self.runs.history(one)) for one in self.readings.values()]
        return [
            *self._past.versions(self._versions.name, await self._version_records()),
            *self._past.drift(self._drift.name, self.translator.drift, measured),
        ]

    async def _make_drifts(self) -> None:
        def make(reading: DriftReading) -> Drift:
            return self.translator.drift(reading, self.runs.history(reading))

        found = self.readings.values()
        made = await self._drift.completeness.build_records(
            make, found, lambda one: " ".join(one.key)
        )
        if made != self.drifts:
            self.drifts = made
            self._drift_changes += 1

    def _sort_versions(self) -> None:
        """Sort the versions whose runs are read: those shown of models, and the others."""
        newest = self._settings.versions_with_metrics
        self._shown, used, others = (
            list[MLflowVersion](),
            list[MLflowVersion](),
            list[MLflowVersion](),
        )
        for name in self.registry.models:
            shown, in_use = self.registry.shown(name), self.registry.in_use(name)
            for number, one in enumerate(self.registry.versions_of(name)):
                if one is shown:
                    self._shown.append(one)
                elif one.version in in_use:
                    used.append(one)
                elif number < newest:
                    others.append(one)
        self._others = [*used, *others]

    def _note_what_is_to_come(self) -> None:
        """Say of which models and versions the runs are still to be read."""
        models, others = (
            sum(self.runs.is_expected(one) for one in some) for some in (self._shown, self._others)
        )
        for scope in (self._models, self._drift):
            scope.completeness.set_pending(_to_come(models, "model"))
        self._versions.completeness.set_pending(
            _to_come(models + others, "version"), blocks=models > 0
        )

    async def _readings_of(self, names: Iterable[str]) -> dict[str, DriftReading]:
        """Return what is known of the drift of models; others of the loop have their turn."""
        found: dict[str, DriftReading] = {}
        runs = self.runs.monitors.values()
        monitors = await all_monitors(runs, self._settings, self.registry)
        for number, name in enumerate(tuple(names), 1):
            for version in sorted(self.registry.in_use(name)):
                origin = self.runs.training.origins.of(self.registry.version(name, version))
                for reading in readings_of(
                    (name, version), origin, monitors, self._settings, self.registry
                ):
                    found[record_id(*reading.key)] = reading
            if number % RECORDS_PER_TURN == 0:
                await asyncio.sleep(0)
        return found


def _to_come(number: int, what: str) -> str:
    if not number:
        return ""
    return f"runs of {number:,} {what}{'s' if number > 1 else ''} to come"
