"""A connected registry: what changes, the page of one image, doctor checks."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from opsboard.adapter import (
    ANYBODY,
    Change,
    Check,
    Complete,
    Context,
    Detail,
    Holding,
    Need,
    Principal,
    Remove,
    Source,
    Upsert,
    read_since,
)
from opsboard.records import JSON, Identity, Ref
from opsboard_adapters import http
from opsboard_adapters.net import trust
from opsboard_adapters.registry import checks
from opsboard_adapters.registry.api import RegistryApi
from opsboard_adapters.registry.auth import Authorizer, ask_token_service
from opsboard_adapters.registry.content_store import ContentStore, cache_file
from opsboard_adapters.registry.detail import ImageDetailReader
from opsboard_adapters.registry.image_presence import held
from opsboard_adapters.registry.login import LoginProvider
from opsboard_adapters.registry.names import is_digest
from opsboard_adapters.registry.poller import RegistryPoller
from opsboard_adapters.registry.settings import RegistrySettings
from opsboard_adapters.registry.translate import ImageTranslator
from opsboard_adapters.registry.transport import RegistryTransport

SLOWEST: Final = 4.0
"""Times the poll interval that a quiet registry is left alone."""
SHARE: Final = 4.0
"""A pause is at least so many times as long as the round of asking before it took."""
FULL_EVERY: Final = timedelta(minutes=15)
"""After which every tag is asked for again, and images are looked for that have lost theirs."""


class RegistrySource(Source):
    """One registry."""

    def __init__(
        self,
        settings: RegistrySettings,
        context: Context,
        api: RegistryApi,
        store: ContentStore,
    ) -> None:
        self.address = settings.api_url
        self._settings = settings
        self._context = context
        self._api = api
        translator = ImageTranslator(context.name, settings.name, context.environment_of)
        self._poller = RegistryPoller(settings, api, store, translator)
        self._details = ImageDetailReader(api, self._poller)
        self._full_at: datetime | None = None
        self._told = self._answered = 0

    async def principal(self) -> Principal | None:
        """Return whom the token service names; anybody, where there is no login at all."""
        authorizer = self._api.transport.authorizer
        if not authorizer.login:
            return ANYBODY
        await self._api.ping()
        return Principal(name=authorizer.subject) if authorizer.subject else None

    async def changes(self) -> AsyncIterator[Change]:
        for change in self._poller.restart():
            yield change
        self._full_at, factor = None, 1.0
        while True:
            began, told = self._context.now(), self._told
            full = self._full_at is None or began - self._full_at >= FULL_EVERY
            moving = False
            async for change in self._poller.poll(full=full):
                moving = moving or isinstance(change, Upsert | Remove | Complete)
                yield read_since(change, began)
            self._full_at = began if full else self._full_at
            self._note_looked(told)
            took = (self._context.now() - began).total_seconds()
            factor = 1.0 if moving else min(factor * 1.5, SLOWEST)
            pause = max(self._settings.poll_interval * factor, took * SHARE)
            before = self._context.now()
            async for change in self._rest(before + timedelta(seconds=pause)):
                yield change
            if (self._context.now() - before).total_seconds() < pause * 0.9:  # asked for by a user
                self._full_at, factor = None, 1.0

    async def _rest(self, until: datetime) -> AsyncIterator[Change]:
        """Pause; as long as there are images in use to look for, only look for those.

        Some at a time, one after the other, until all are found or known to be elsewhere; but not
        past the next round, and not where the registry wants to be asked for less.
        """
        while True:
            while self.is_enriching and self._context.now() < until:
                told, began = self._told, self._context.now()
                async for change in self._poller.look():
                    yield read_since(change, began)
                self._note_looked(told)
                if self._api.transport.limits.is_low:
                    break
            told = self._told
            await self._context.pause(max((until - self._context.now()).total_seconds(), 0.0))
            if self._told == told:
                return

    def _note_looked(self, told: int) -> None:
        """Note that what others had *told* by then has been answered, if it has been to its end."""
        if self._poller.has_looked_for_all:
            self._answered = told

    def enrich(self, identities: frozenset[Identity]) -> None:
        self._poller.note_in_use(frozenset(one.value for one in identities if is_digest(one.value)))
        self._told += 1

    @property
    def is_enriching(self) -> bool:
        return self._answered < self._told

    async def holds(self, need: Need) -> Holding | None:
        return await held(need, self._settings.name, self._api)

    async def detail(self, ref: Ref) -> Detail:
        return await self._details.detail(ref)

    async def raw(self, ref: Ref) -> JSON:
        return await self._details.raw(ref)

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._api)


@asynccontextmanager
async def connect(
    settings: RegistrySettings,
    context: Context,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Source]:
    """Hold a source for as long as the context is open. Nothing is asked before it is used."""
    provider = LoginProvider(settings, context)
    await provider.resolve()
    async with AsyncExitStack() as stack:
        own: dict[str, Any] = {"ca_file": settings.ca_file, "verify": not settings.insecure}
        client = await stack.enter_async_context(_client(settings, transport, **own))
        others: dict[str, Any] = {}
        if settings.ca_file is not None:
            others = {"verify": trust.context_with_ca_file(settings.ca_file)}
        elsewhere = await stack.enter_async_context(_client(settings, transport, **others))
        store = ContentStore(cache_file(context.host_environ), settings.cache_mib << 20)
        stack.callback(store.close)

        async def ask(url: httpx.URL, headers: dict[str, str], form: dict[str, str] | None) -> Any:
            at_home = url.host == client.base_url.host
            return await ask_token_service(
                client if at_home else elsewhere, url, headers, form, now=context.now
            )

        authorizer = Authorizer(
            client.base_url,
            provider,
            ask,
            now=context.now,
            register_secret=context.register_secret,
        )
        sending = RegistryTransport(
            client,
            elsewhere,
            authorizer,
            store,
            now=context.now,
            max_parallel=settings.max_parallel,
        )
        yield RegistrySource(settings, context, RegistryApi(sending), store)


def _client(
    settings: RegistrySettings, transport: httpx.AsyncBaseTransport | None, **trusted: Any
) -> http.BoundedClient:
    return http.open_client(
        f"{settings.api_url}/",
        max_connections=None,  # the slots bound them: no second queue behind those
        timeout=settings.timeout,
        response_limits=http.response_limits(settings),
        transport=transport,
        **trusted,
    )
