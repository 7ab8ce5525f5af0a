"""Nightly on opsboard: names, settings, and where to find a server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import Field

from opsboard.adapter import (
    Adapter,
    Context,
    Discovery,
    HostEnviron,
    Source,
    SourceSettings,
)
from opsboard.records import Kind
from opsboard.system.secrets import Secret
from opsboard_nightly.actions import Rerun
from opsboard_nightly.runners import RUNNER


class NightlySettings(SourceSettings):
    """A table ``[sources.NAME]`` with ``adapter = "nightly"``."""

    url: str = Field(description="Where the server is, such as 'https://nightly.example.com'.")
    token: Secret | None = Field(None, description="Bearer token; none for a public server.")
    every: float = Field(30.0, gt=0, description="Seconds between two polls.")


class Nightly(Adapter[NightlySettings]):
    """Jobs of a Nightly server, as builds, and the runners that run them."""

    name = "nightly"
    title = "Nightly"
    settings = NightlySettings
    kinds = (Kind.BUILD, RUNNER)
    log_kinds = frozenset({Kind.BUILD})
    actions = (Rerun.spec,)

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        url = host_environ.env.get("NIGHTLY_URL")
        if not url:
            return ()
        settings = NightlySettings.model_validate({"url": url, "token": {"env": "NIGHTLY_TOKEN"}})
        return (Discovery("nightly", "NIGHTLY_URL", settings),)

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: NightlySettings, context: Context) -> AsyncIterator[Source]:
        from opsboard_nightly.source import NightlySource  # late: it imports httpx

        async with NightlySource(settings, context) as source:
            yield source
