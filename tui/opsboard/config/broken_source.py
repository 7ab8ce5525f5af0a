"""A stand-in for a source that cannot be used, so that the board shows why.

A typo in the settings of one source must not disable the others, and a repository that was found
without a login should be mentioned. Both become a source whose only message is what is wrong.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import ClassVar

from opsboard.adapter import (
    Adapter,
    Change,
    Check,
    Context,
    Discovery,
    HostEnviron,
    Misconfigured,
    Source,
    SourceError,
    SourceSettings,
    Unauthenticated,
)
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Kind, Status


class BrokenSourceSettings(SourceSettings):
    """What is wrong and how to fix it. *login*: it is a missing login, not a config fault."""

    message: str
    hint: str
    login: bool = False


class BrokenSource(Source):
    """Raises the same error at every call."""

    def __init__(self, settings: BrokenSourceSettings) -> None:
        error = Unauthenticated if settings.login else Misconfigured
        self._error: SourceError = error(settings.message, settings.hint)

    async def changes(self) -> AsyncIterator[Change]:
        raise self._error
        yield  # makes this an async generator

    async def checks(self) -> AsyncIterator[Check]:
        yield Check("configured", Status.FAILED, self._error.message, self._error.hint)


class BrokenSourceAdapter(Adapter[BrokenSourceSettings]):
    """The adapter of stand-ins. It is not registered, so no config can name it."""

    name = "unusable"
    title = "Unusable"
    settings = BrokenSourceSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset()

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        return ()

    @classmethod
    def connect(
        cls, settings: BrokenSourceSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        return nullcontext(BrokenSource(settings))


def broken_source(
    name: str, message: str, hint: str, *, login: bool = False, because: str = "config file"
) -> ResolvedSource:
    """Return the stand-in for the source called *name*."""
    settings = BrokenSourceSettings(message=message, hint=hint, login=login)
    return ResolvedSource(name, BrokenSourceAdapter, settings, because)
