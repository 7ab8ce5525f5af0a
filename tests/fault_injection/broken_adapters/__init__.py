"""Adapters that fail in every way, for tests of the registry."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from opsboard.adapter import (
    Adapter,
    Context,
    Discovery,
    HostEnviron,
    LoginInputs,
    Source,
    SourceSettings,
)
from opsboard.records import Kind

NUMBER = 42


class Raising(Adapter[SourceSettings]):
    """Raises, whatever it is asked."""

    name = "raising"
    title = "Raising"
    settings = SourceSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset()

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        raise RuntimeError("I never find")

    @classmethod
    def connect(
        cls, settings: SourceSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        raise RuntimeError("I never connect")

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        raise RuntimeError("I am nobody")
