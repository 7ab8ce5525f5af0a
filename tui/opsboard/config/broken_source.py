"""A source that stands for one which cannot be used, so that the board can say so.

A typo in one source's settings must not take the others away, and a repository without a login
is worth a word. Both become a source like any other, whose only news is what is wrong with it.
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
    """What is wrong and how to fix it. *login* tells a missing login from a faulty config."""

    message: str
    hint: str
    login: bool = False


class BrokenSource(Source):
    """Raises the same error whenever it is asked."""

    def __init__(self, settings: BrokenSourceSettings) -> None:
        error = Unauthenticated if settings.login else Misconfigured
        self._error: SourceError = error(settings.message, settings.hint)

    async def changes(self) -> AsyncIterator[Change]:
        raise self._error
        yield  # what makes this an async generator

    async def checks(self) -> AsyncIterator[Check]:
        yield Check("configured", Status.FAILED, self._error.message, self._error.hint)


class BrokenSourceAdapter(Adapter[BrokenSourceSettings]):
    """The adapter of such sources. Not registered: nobody configures one."""

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
