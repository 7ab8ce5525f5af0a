"""A connected MLflow server: what it has, what changes, and one thing from near."""

from collections.abc import AsyncIterator

from opsboard.adapter import (
    Change,
    Check,
    Complete,
    Context,
    Detail,
    NotFound,
    Remove,
    Source,
    Unsupported,
    Upsert,
)
from opsboard.adapter.actions import ActionRunner
from opsboard.records import JSON, Kind, Ref
from opsboard_adapters.mlflow import checks
from opsboard_adapters.mlflow.actions.rollback import Rollback
from opsboard_adapters.mlflow.actions.snapshot import ModelReader
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.detail import MLflowDetailReader
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.links import split_version_id
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.poll_schedule import PollSchedule
from opsboard_adapters.mlflow.poller import ModelPoller
from opsboard_adapters.mlflow.settings import MLflowSettings


class MLflowSource(Source):
    """One tracking server with its registry. *registry_api* is *api*, unless they are two."""

    def __init__(
        self,
        settings: MLflowSettings,
        context: Context,
        api: MLflowApi,
        registry_api: MLflowApi,
        login: MLflowLogin,
    ) -> None:
        self._settings = settings
        self._context = context
        self._api = api
        self._registry_api = registry_api
        self._login = login
        self._watch = ModelPoller(settings, context, api, registry_api)
        self._pace = PollSchedule(settings.poll_interval)
        reader = ModelReader(settings, context, api, registry_api, login)
        self.action_runner = ActionRunner([Rollback()], context, reader)

    # --- what changes ---

    async def changes(self) -> AsyncIterator[Change]:
        for change in self._watch.restart():
            yield change
        self._pace.restart()
        while True:
            began = self._context.now()
            moving = False
            async for change in self._watch.look(full=self._pace.is_full(began)):
                moving = moving or isinstance(change, Upsert | Remove | Complete)
                yield change
            moving = moving or self._watch.runs.active
            ended = self._context.now()
            took = (ended - began).total_seconds()
            pause = 0.0 if self._watch.unread else self._pace.pause(moving=moving, took=took)
            await self._context.pause(pause)
            self._pace.woke(pause, (self._context.now() - ended).total_seconds())

    # --- one thing ---

    async def detail(self, ref: Ref) -> Detail:
        close = MLflowDetailReader(self._registry_api, self._api, self._watch)
        if ref.kind is Kind.MODEL:
            return await close.model(ref.id)
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

    def _reading(self, ref: Ref) -> DriftReading:
        try:
            return self._watch.readings[ref.id]
        except KeyError:
            raise NotFound(
                f"drift {ref.id} has not been read, or is no longer measured",
                "wait for the source to be live",
            ) from None

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api, self._registry_api, self._login)
