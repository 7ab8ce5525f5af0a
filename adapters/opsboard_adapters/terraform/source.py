"""Connected states: what changes, pages, doctor checks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from opsboard.adapter import Change, Check, Context, Detail, Principal, Source, read_since
from opsboard.records import Ref
from opsboard_adapters.installation_key import load_installation_key
from opsboard_adapters.terraform import checks
from opsboard_adapters.terraform.backends.backend import Backend
from opsboard_adapters.terraform.backends.open_backend import open_backend
from opsboard_adapters.terraform.detail import detail_of
from opsboard_adapters.terraform.fingerprints import Fingerprints, key_file
from opsboard_adapters.terraform.plans import PlanFiles
from opsboard_adapters.terraform.poller import TerraformPoller
from opsboard_adapters.terraform.settings import TerraformSettings
from opsboard_adapters.terraform.translate import Translator


class TerraformSource(Source):
    """The states of one backend."""

    def __init__(self, settings: TerraformSettings, context: Context, backend: Backend) -> None:
        self.address = backend.address
        self._settings = settings
        self._context = context
        self._backend = backend
        translator = Translator(
            context.name,
            backend.name,
            context.environment_of,
            lock_warning=timedelta(minutes=settings.lock_warning),
            cluster=settings.cluster or "",
        )
        self._poller = TerraformPoller(
            settings,
            backend,
            PlanFiles(settings.plan, settings.max_bytes),
            translator,
            hashes=Fingerprints(load_installation_key(key_file(context.host_environ)).secret),
            now=context.now,
        )

    async def principal(self) -> Principal | None:
        return await self._backend.principal()

    async def changes(self) -> AsyncIterator[Change]:
        self._poller.restart()
        while True:
            began = self._context.now()
            async for change in self._poller.poll():
                yield read_since(change, began)
            await self._context.pause(self._settings.poll_interval)

    async def detail(self, ref: Ref) -> Detail:
        return detail_of(self._poller, ref)

    def checks(self) -> AsyncIterator[Check]:
        return checks.run(self._settings, self._backend)


@asynccontextmanager
async def connect(settings: TerraformSettings, context: Context) -> AsyncIterator[Source]:
    """Hold a source for as long as the context is open. Nothing is asked before it is used."""
    async with open_backend(settings, context) as backend:
        yield TerraformSource(settings, context, backend)
