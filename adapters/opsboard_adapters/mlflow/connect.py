"""Make a source of settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from opsboard.adapter import Context, Source
from opsboard_adapters import http
from opsboard_adapters.mlflow import login
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.settings import MLflowSettings, split_login
from opsboard_adapters.mlflow.source import MLflowSource


@asynccontextmanager
async def connect(
    settings: MLflowSettings, context: Context, *, page_limit: int | None = None
) -> AsyncIterator[Source]:
    """Hold a source for as long as the context is open. Nothing is asked before it is used."""
    who = await login.resolve(settings, context)
    async with AsyncExitStack() as stack:

        async def api(uri: str) -> MLflowApi:
            client = http.open_client(
                split_login(uri)[0] + "/",
                headers=who.headers,
                auth=who.basic,
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
        yield MLflowSource(settings, context, tracking, registry, who)
