"""A connected MLflow server: what it has, what changes, and one thing from near."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from opsboard.adapter import (
    Change,
    Check,
    Complete,
    Condition,
    Context,
    Detail,
    Form,
    Health,
    NotFound,
    Permit,
    Plan,
    Progress,
    Receipt,
    Remove,
    Report,
    Request,
    Settlement,
    Source,
    SourceError,
    Unauthenticated,
    Unreachable,
    Unsupported,
    Upsert,
    background,
)
from opsboard.records import JSON, Drift, Kind, Model, ModelVersion, Ref
from opsboard_adapters.http.skips import Skips
from opsboard_adapters.mlflow import checks
from opsboard_adapters.mlflow.act.acting import Acting
from opsboard_adapters.mlflow.api import Api
from opsboard_adapters.mlflow.detail import Close
from opsboard_adapters.mlflow.drift import Reading
from opsboard_adapters.mlflow.links import record_id, split_version_id
from opsboard_adapters.mlflow.login import Login
from opsboard_adapters.mlflow.monitors import all_monitors, readings_of
from opsboard_adapters.mlflow.pace import Pace
from opsboard_adapters.mlflow.registry import Registry
from opsboard_adapters.mlflow.runs import Runs
from opsboard_adapters.mlflow.scopes import Scope
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.shapes import RegisteredModel, Version
from opsboard_adapters.mlflow.translate import Translator
from opsboard_adapters.partial import each
from opsboard_adapters.shortfall import SLICE

RECENT: Final = 50
"""Versions that changed last, looked at in every round."""
FEW: Final = 20
"""Changed models whose versions are read one by one; above, one request reads all versions."""


class MLflowSource(Source):
    """One tracking server with its registry. *registry_api* is *api*, unless they are two."""

    def __init__(
        self,
        settings: MLflowSettings,
        context: Context,
        api: Api,
        registry_api: Api,
        login: Login,
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._registry_api = registry_api
        self._login = login
        self._registry = Registry(settings.leading_aliases)
        self._translator = Translator(
            context.name, settings, self._registry, context.environment_of
        )
        self._pace = Pace(settings.poll_interval)
        self._models, self._versions, self._drift = (
            Scope("models"),
            Scope("versions"),
            Scope("drift"),
        )
        self._runs = Runs(api, settings, context.now, self._drift.missing.skips)
        self._touched: set[str] = set()
        self._versions_whole = False
        self._odd_recent: frozenset[str] = frozenset()
        self._readings: dict[str, Reading] = {}
        self._drifts: list[Drift] = []
        self._unread = False
        self._acting = Acting(settings, context, api, registry_api, login)

    # --- what changes ---

    async def changes(self) -> AsyncIterator[Change]:
        for scope in (self._models, self._versions, self._drift):
            if scope.is_new:
                yield Report(Health(condition=Condition.STARTING), scope.name)
            scope.forget()
        self._pace.restart()
        while True:
            began = self._context.now()
            moving = False
            async for change in self._round(full=self._pace.is_full(began)):
                moving = moving or isinstance(change, Upsert | Remove | Complete)
                yield change
            moving = moving or self._runs.active
            ended = self._context.now()
            took = (ended - began).total_seconds()
            pause = 0.0 if self._unread else self._pace.pause(moving=moving, took=took)
            await self._context.pause(pause)
            self._pace.woke(pause, (self._context.now() - ended).total_seconds())

    async def _round(self, *, full: bool) -> AsyncIterator[Change]:
        """Ask once for everything. A part that fails says so, and leaves the others live."""
        errors: list[SourceError] = []
        parts: tuple[tuple[Scope, Callable[[bool], Awaitable[Sequence[Change]]]], ...] = (
            (self._models, self._look_at_models),
            (self._versions, self._look_at_versions),
            (self._drift, self._look_at_runs),
        )
        for scope, look in parts:
            try:
                with background():
                    found = await look(full)
            except SourceError as error:
                if scope is self._models and self._ends_all(error):
                    raise  # the others would fail in the same way, at the same cost
                errors.append(error)
                found = [scope.ails(error.health)]
            for change in found:
                yield change
        if len(errors) == len(parts):
            raise errors[0]

    def _ends_all(self, error: SourceError) -> bool:
        """Tell whether nobody answers at all: runs may be on another server than the registry."""
        alone = self._registry_api is self._api
        return alone and isinstance(error, Unreachable | Unauthenticated)

    async def _look_at_models(self, _full: bool) -> Sequence[Change]:
        self._models.missing.skips.begin()
        found = await self._registry_api.models(self._models.missing.skips)
        whole = found.fault is None
        self._touched |= self._registry.replace_models(found.items, whole=whole)
        self._models.missing.lacks("models", [] if found.fault is None else [found.fault])
        # New ones are shown without metrics for now: those need the runs, which come last.
        return self._models.holds(await self._model_records(), whole=whole)

    async def _look_at_versions(self, full: bool) -> Sequence[Change]:
        anew = full or not self._versions_whole or len(self._touched) > FEW
        faults = await (self._read_versions() if anew else self._catch_up())
        self._versions.missing.lacks("versions", faults)
        return self._versions.holds(await self._version_records(), whole=not faults)

    async def _read_versions(self) -> Sequence[SourceError]:
        """Read all versions. Where some cannot be read, keep those that were known."""
        self._versions.missing.skips.begin()
        found = await self._registry_api.versions(self._versions.missing.skips)
        self._versions_whole = found.fault is None
        if found.fault is not None:
            self._registry.merge(found.items)
            return [found.fault]
        self._registry.replace_versions(found.items)
        self._touched.clear()
        return []

    async def _catch_up(self) -> Sequence[SourceError]:
        """Read the versions of models that changed, and those that changed by themselves."""
        skips = Skips("versions that changed")
        recent = await self._registry_api.latest_changes(RECENT, skips)
        unknown = [version for version in recent if not self._registry.knows(version)]
        if len(unknown) == RECENT or skips.names != self._odd_recent:
            self._odd_recent = skips.names
            return await self._read_versions()
        faults = await self._read_touched()
        self._registry.merge(unknown)
        return faults

    async def _read_touched(self) -> Sequence[SourceError]:
        """Read the versions of the models that changed; those that cannot be read stay touched."""
        names = sorted(self._touched)
        skips = self._versions.missing.skips
        work = [partial(self._registry_api.versions, skips, name) for name in names]
        faults: list[SourceError] = []
        for name, answer in zip(names, await each(work, self._registry_api.at_once), strict=True):
            fault = answer if isinstance(answer, SourceError) else answer.fault
            if not isinstance(answer, SourceError):
                self._registry.replace_versions_of(name, answer.items, whole=fault is None)
            if fault is None:
                self._touched.discard(name)
            else:
                faults.append(fault)
        return faults

    async def _look_at_runs(self, full: bool) -> Sequence[Change]:
        await self._runs.look(self._trained(), full=full)
        found = await self._all_readings()
        self._unread = await self._runs.read_histories(found)
        self._readings = {record_id(*reading.key): reading for reading in found}
        self._drifts = await self._drift_records(found)
        unread = f"metrics of {self._runs.unread:,} training runs"
        self._versions.missing.lacks("metrics", self._runs.training_faults, unread)
        self._drift.missing.lacks("drift", self._runs.monitoring_faults)
        self._drift.missing.lacks("trends", self._runs.history_faults)
        return [
            *self._models.refined(await self._model_records()),
            *self._versions.refined(await self._version_records()),
            *self._drift.holds(self._drifts),
        ]

    def _trained(self) -> list[str]:
        """Return the source runs of the versions in use, and of the newest ones."""
        newest = self._settings.versions_with_metrics
        found: list[str] = []
        for name in self._registry.models:
            known = self._registry.versions_of(name)
            in_use = self._registry.in_use(name)
            found += [one.run_id for one in known[:newest]]
            found += [one.run_id for one in known[newest:] if one.version in in_use]
        return found

    async def _all_readings(self) -> list[Reading]:
        """Return what is known of drift; others of the loop have their turn in between."""
        runs = self._runs.monitors.values()
        monitors = await all_monitors(runs, self._settings, self._registry)
        found: list[Reading] = []
        for number, name in enumerate(tuple(self._registry.models), 1):
            for version in sorted(self._registry.in_use(name)):
                key = (name, version)
                found += readings_of(
                    key, self._runs.known, monitors, self._settings, self._registry
                )
            if number % SLICE == 0:
                await asyncio.sleep(0)
        return found

    async def _drift_records(self, found: Sequence[Reading]) -> list[Drift]:
        def make(reading: Reading) -> Drift:
            return self._translator.drift(reading, self._runs.history(reading))

        return await self._drift.missing.made(make, found, lambda reading: " ".join(reading.key))

    async def _model_records(self) -> list[Model]:
        by_model: dict[str, list[Drift]] = {}
        for drift in self._drifts:
            by_model.setdefault(drift.model, []).append(drift)

        def make(model: RegisteredModel) -> Model:
            return self._translator.model(model, self._runs.known, by_model.get(model.name, []))

        return await self._models.missing.made(
            make, self._registry.models.values(), lambda one: one.name
        )

    async def _version_records(self) -> list[ModelVersion]:
        def make(version: Version) -> ModelVersion:
            return self._translator.version(version, self._runs.known.get(version.run_id))

        return await self._versions.missing.made(
            make, self._registry.versions(), lambda one: " v".join(one.key)
        )

    # --- one thing ---

    async def detail(self, ref: Ref) -> Detail:
        close = Close(self._registry_api, self._api, self._runs, self._registry, self._translator)
        if ref.kind is Kind.MODEL:
            return await close.model(ref.id, [d for d in self._drifts if d.model == ref.id])
        if ref.kind is Kind.MODEL_VERSION:
            return await close.version(*split_version_id(ref.id))
        if ref.kind is Kind.DRIFT:
            return await close.drift(self._reading(ref))
        return await super().detail(ref)

    async def raw(self, ref: Ref) -> JSON:
        if ref.kind is Kind.MODEL:
            return await self._registry_api.raw_model(ref.id)
        if ref.kind is Kind.MODEL_VERSION:
            return await self._registry_api.raw_version(*split_version_id(ref.id))
        if ref.kind is Kind.DRIFT:
            return await self._api.raw_run(self._reading(ref).run.id)
        raise Unsupported(f"{ref.kind} {ref.id} has no raw form")

    def _reading(self, ref: Ref) -> Reading:
        try:
            return self._readings[ref.id]
        except KeyError:
            raise NotFound(
                f"drift {ref.id} has not been read, or is no longer measured",
                "wait for the source to be live",
            ) from None

    # --- acting ---

    async def form(self, request: Request) -> Form:
        return await self._acting.form(request)

    async def plan(self, request: Request) -> Plan:
        return await self._acting.plan(request)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        return await self._acting.execute(plan, permit)

    def follow(self, plan: Plan, receipt: Receipt) -> AsyncIterator[Progress]:
        return self._acting.follow(plan)

    async def settle(self, plan: Plan) -> Settlement:
        return await self._acting.settle(plan)

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api, self._registry_api, self._login)
