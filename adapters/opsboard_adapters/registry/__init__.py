"""Container registries: images with their tags, digests, labels and provenance.

Works with whatever serves the OCI distribution API: Docker Hub, GitHub's and GitLab's registries,
Harbor, Quay, the clouds' own, and ``registry:2``. What is imported here is only what validates
config; the rest is loaded when the source is connected or looked for.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, LoginInputs, Source
from opsboard.records import Kind
from opsboard.records.claims import IMAGE, IMAGE_TAG
from opsboard_adapters.registry.settings import RegistrySettings

__all__ = ["Registry", "RegistrySettings"]


class Registry(Adapter[RegistrySettings]):
    """The adapter for container registries."""

    name = "registry"
    title = "Container registry"
    settings = RegistrySettings
    kinds = frozenset({Kind.IMAGE})
    enriches = frozenset({IMAGE})
    holds = frozenset({IMAGE, IMAGE_TAG})

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        from opsboard_adapters.registry.discover import discover  # noqa: PLC0415  (loaded late)

        return discover(host_environ)

    @classmethod
    def connect(
        cls, settings: RegistrySettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.registry.source import connect  # noqa: PLC0415  (loaded late)

        return connect(settings, context)

    @classmethod
    def login_inputs(cls, settings: RegistrySettings, host_environ: HostEnviron) -> LoginInputs:
        from opsboard_adapters.registry.login import login_inputs  # noqa: PLC0415  (loaded late)

        return login_inputs(settings, host_environ)
