"""Make a source of settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from opsboard.adapter import Context, Source
from opsboard_adapters import http
from opsboard_adapters.github import login
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.rate_limits import RateLimits
from opsboard_adapters.github.settings import GitHubSettings, is_cloud
from opsboard_adapters.github.source import GitHubSource
from opsboard_adapters.github.translate import GitHubTranslator

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@asynccontextmanager
async def connect(
    settings: GitHubSettings,
    context: Context,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Source]:
    """Hold a source for as long as the context is open. Nothing is asked before it is used."""
    who = await login.resolve(settings, context)
    headers = {**HEADERS, **({"Authorization": f"Bearer {who.token}"} if who.token else {})}
    base = settings.base_url
    async with (
        http.open_client(
            base + "/",
            headers=headers,
            ca_file=settings.ca_file,
            max_connections=None,  # the slots bound them: no second queue behind those
            timeout=settings.timeout,
            response_limits=http.response_limits(settings),
            transport=transport,
        ) as client,
        http.open_client(
            base + "/",
            ca_file=settings.ca_file,
            max_connections=None,
            timeout=settings.timeout,
            response_limits=http.response_limits(settings),
            transport=transport,
        ) as stranger,
    ):
        api = GitHubApi(
            client,
            stranger,
            RateLimits(authenticated=bool(who.token)),
            now=context.now,
            max_parallel=settings.max_parallel,
        )
        translator = GitHubTranslator(context.name, context.environment_of, web_origin(settings))
        yield GitHubSource(settings, context, api, translator, who)


def web_origin(settings: GitHubSettings) -> str:
    """Return where the pages for people are."""
    scheme = urlsplit(settings.base_url).scheme
    host = settings.web_host
    return f"https://{host}" if is_cloud(host) else f"{scheme}://{host}"
