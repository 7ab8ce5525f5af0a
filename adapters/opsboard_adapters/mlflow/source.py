"""A connected MLflow server: what changes, details of one thing, doctor checks, and actions."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import (
    ANYBODY,
    Change,
    Check,
    Complete,
    Context,
    Detail,
    NotFound,
    Principal,
    Remove,
    Source,
    Unsupported,
    Upsert,
)
from opsboard.adapter.actions import ActionRunner
from opsboard.records import JSON, Kind, Ref
from opsboard.records.identity import server
from opsboard_adapters import http
from opsboard_adapters.mlflow import checks
from opsboard_adapters.mlflow.actions.rollback import RollbackModel
from opsboard_adapters.mlflow.actions.snapshot import ModelReader
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.detail import MLflowDetailReader
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.links import split_version_id
from opsboard_adapters.mlflow.login import MLflowLogin, resolve
from opsboard_adapters.mlflow.poller import ModelPoller
from opsboard_adapters.mlflow.settings import MLflowSettings, split_login

SLOWEST: Final = 4.0
"""Times the poll interval that a quiet server is left alone."""
SHARE: Final = 4.0
"""A pause is at least so many times as long as the round of asking before it took."""
FULL_EVERY: Final = timedelta(minutes=10)
"""After which everything is read again: tags and descriptions change without a time stamp."""


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
        self._poller = ModelPoller(settings, context, api, registry_api)
        self._schedule = PollSchedule(settings.poll_interval)
        reader = ModelReader(settings, context, api, registry_api, login)
        self.action_runner = ActionRunner([RollbackModel()], context, reader)

        servers = (settings.tracking_uri, settings.registry_uri or settings.tracking_uri)
        self.address = " ".join(dict.fromkeys(map(server, servers)))

    async def principal(self) -> Principal | None:
        """Return who the tracking server says that asks; without a login, all see the same."""
        if self._login == MLflowLogin():
            return ANYBODY
        name = await self._api.current_user(self._login.username)
        return Principal(name=name) if name else None

    # --- what changes ---

    async def changes(self) -> AsyncIterator[Change]:
        for change in self._poller.restart():
            yield change
        self._schedule.restart()
        while True:
            began = self._context.now()
            moving = False
            async for change in self._poller.poll(full=self._schedule.is_full(began)):
                moving = moving or isinstance(change, Upsert | Remove | Complete)
                yield change
            moving = moving or self._poller.runs.active
            ended = self._context.now()
            took = (ended - began).total_seconds()
            pause = 0.0 if self._poller.unread else self._schedule.pause(moving=moving, took=took)
            await self._context.pause(pause)
            self._schedule.woke(pause, (self._context.now() - ended).total_seconds())

    # --- one thing ---

    async def detail(self, ref: Ref) -> Detail:
        close = MLflowDetailReader(self._registry_api, self._api, self._poller)
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
            return self._poller.readings[ref.id]
        except KeyError:
            raise NotFound(
                f"drift {ref.id} has not been read, or is no longer measured",
                "wait for the source to be live",
            ) from None

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api, self._registry_api, self._login)


@asynccontextmanager
async def connect(
    settings: MLflowSettings, context: Context, *, page_limit: int | None = None
) -> AsyncIterator[Source]:
    """Hold a source for as long as the context is open. Nothing is asked before it is used."""
    login = await resolve(settings, context)
    async with AsyncExitStack() as stack:

        async def api(uri: str) -> MLflowApi:
            client = http.open_client(
                split_login(uri)[0] + "/",
                headers=login.headers,
                auth=login.basic,
                ca_file=settings.ca_file,
                verify=not settings.insecure,
                max_connections=None,  # the slots bound them: no second queue behind those
                timeout=settings.timeout,
                response_limits=http.response_limits(settings),
            )
            await stack.enter_async_context(client)
            return MLflowApi(
                client,
                now=context.now,
                max_parallel=settings.max_parallel,
                page_limit=page_limit,
            )

        tracking = await api(settings.tracking_uri)
        registry = await api(settings.registry_uri) if settings.registry_uri else tracking
        yield MLflowSource(settings, context, tracking, registry, login)


# --- how often -----------------------------------------------------------------------------------


class PollSchedule:
    """When one source is polled next, and whether everything is read then."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._factor = 1.0
        self._last_full: datetime | None = None
        self._asked_for = False

    def is_full(self, now: datetime) -> bool:
        """Return whether the round that begins *now* reads everything, and note that it does."""
        due = self._last_full is None or now - self._last_full >= FULL_EVERY or self._asked_for
        self._asked_for = False
        if due:
            self._last_full = now
        return due

    def restart(self) -> None:
        """Let the next round be a full one."""
        self._last_full = None

    def pause(self, *, moving: bool, took: float) -> float:
        """Return the seconds to wait after a round that *took* so long."""
        self._factor = 1.0 if moving else min(self._factor * 1.5, SLOWEST)
        return max(self._interval * self._factor, took * SHARE)

    def woke(self, planned: float, waited: float) -> None:
        """Note how long the wait was: a shorter one than *planned* is a refresh by the user."""
        if waited < planned * 0.9:
            self._asked_for = True
            self._factor = 1.0
