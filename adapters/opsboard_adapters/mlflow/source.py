"""A connected MLflow server: what changes, details of one thing, doctor checks, and actions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import (
    ANYBODY,
    Change,
    Check,
    Comparand,
    Complete,
    Context,
    Detail,
    ListingCatalog,
    ListingQuery,
    ListingUpdate,
    NotFound,
    Principal,
    Remove,
    Series,
    Source,
    TrainingInputs,
    Unsupported,
    Upsert,
    read_since,
)
from opsboard.adapter.actions import ActionRunner
from opsboard.records import JSON, Kind, Ref, listed_key
from opsboard.records.identity import server
from opsboard_adapters import http
from opsboard_adapters.mlflow import checks
from opsboard_adapters.mlflow.actions.promote import PromoteModel
from opsboard_adapters.mlflow.actions.registry_edits import EditDescription, EditTag
from opsboard_adapters.mlflow.actions.rollback import RollbackModel
from opsboard_adapters.mlflow.actions.snapshot import ModelReader
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.artifacts import ARTIFACTS, artifact_page
from opsboard_adapters.mlflow.comparands import ComparandReader
from opsboard_adapters.mlflow.detail import MLflowDetailReader
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.links import split_version_id
from opsboard_adapters.mlflow.listed_pages import experiment_page, logged_model_page
from opsboard_adapters.mlflow.listings import (
    EXPERIMENTS,
    LOGGED_MODELS,
    PROMPTS,
    RUNS,
    TRACES,
    MLflowListings,
)
from opsboard_adapters.mlflow.login import MLflowLogin, resolve
from opsboard_adapters.mlflow.poller import ModelPoller
from opsboard_adapters.mlflow.prompt_page import (
    PROMPT_VERSIONS,
    prompt_page,
    prompt_version_page,
)
from opsboard_adapters.mlflow.prompt_versions import prompt_version_side
from opsboard_adapters.mlflow.run_page import run_page
from opsboard_adapters.mlflow.settings import MLflowSettings, split_login
from opsboard_adapters.mlflow.trace_page import SPANS, span_page, trace_page

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
        order = self._poller.translator.order
        self._listings = MLflowListings(api, order, registry_api=registry_api)
        self._comparands = ComparandReader(registry_api, api, self._poller)
        reader = ModelReader(settings, context, api, registry_api, login)
        self.action_runner = ActionRunner(
            [PromoteModel(), RollbackModel(), EditTag(), EditDescription()], context, reader
        )

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
                yield read_since(change, began)
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
        if ref.kind is Kind.LISTED and (page := await self._listed(ref, close)) is not None:
            return page
        return await super().detail(ref)

    async def _listed(self, ref: Ref, close: MLflowDetailReader) -> Detail | None:
        """Return the page of the row *ref* of a listing, where it has one."""
        pages: Mapping[str, Callable[[], Awaitable[Detail]]] = {
            RUNS.name: lambda: run_page(ref, self._api, self._registry_api, close),
            ARTIFACTS: lambda: artifact_page(ref, self._api),
            EXPERIMENTS.name: lambda: experiment_page(ref, self._api),
            LOGGED_MODELS.name: lambda: logged_model_page(ref, self._api, close),
            PROMPTS.name: lambda: prompt_page(ref, self._registry_api),
            PROMPT_VERSIONS: lambda: prompt_version_page(ref, self._registry_api),
            TRACES.name: lambda: trace_page(ref, self._api),
            SPANS: lambda: span_page(ref, self._api),
        }
        page = pages.get(listed_key(ref)[0])
        return await page() if page is not None else None

    async def comparand(self, ref: Ref) -> Comparand:
        if ref.kind is Kind.MODEL_VERSION:
            return await self._comparands.version(ref)
        if ref.kind is Kind.LISTED and listed_key(ref)[0] == RUNS.name:
            return await self._comparands.run(ref)
        if ref.kind is Kind.LISTED and listed_key(ref)[0] == PROMPT_VERSIONS:
            return await prompt_version_side(ref, self._registry_api)
        return await super().comparand(ref)

    async def training_inputs(self, ref: Ref) -> TrainingInputs:
        return await self._comparands.training_inputs(ref)

    async def listing_types(self) -> ListingCatalog:
        return await self._listings.types()

    def listing(self, name: str, query: ListingQuery) -> AsyncIterator[ListingUpdate]:
        return self._listings.watch(name, query)

    async def metric_series(self, ref: Ref, metrics: Sequence[str]) -> Sequence[Series]:
        if ref.kind in {Kind.MODEL_VERSION, Kind.LISTED}:
            return await self._comparands.series(ref, metrics)
        return await super().metric_series(ref, metrics)

    async def raw(self, ref: Ref) -> JSON:
        if ref.kind is Kind.MODEL:
            return await self._registry_api.raw_model(ref.id)
        if ref.kind is Kind.MODEL_VERSION:
            return await self._registry_api.raw_version(*split_version_id(ref.id))
        if ref.kind is Kind.DRIFT:
            return await self._api.raw_run(self._reading(ref).run.id)
        if ref.kind is Kind.LISTED:
            return await self._raw_row(ref)
        raise Unsupported(f"{ref.kind} {ref.id} has no raw form")

    async def _raw_row(self, ref: Ref) -> JSON:
        """Return the row *ref* of a listing as the server describes it."""
        listing, key = listed_key(ref)
        rows: Mapping[str, Callable[[], Awaitable[JSON]]] = {
            RUNS.name: lambda: self._api.raw_run(key),
            PROMPTS.name: lambda: self._registry_api.raw_model(key),
            PROMPT_VERSIONS: lambda: self._registry_api.raw_version(*split_version_id(key)),
            TRACES.name: lambda: self._api.raw_trace(key),
        }
        if listing not in rows:
            raise Unsupported(f"{listing} {key} has no raw form")
        return await rows[listing]()

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
