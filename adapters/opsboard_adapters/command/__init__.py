"""Commands: models that are trained by a command on this machine.

The command is read from the config of the user who runs opsboard, and from nowhere else. Anybody
who may tag a model could name a command in its tags; such a command is never run. The core sees to
that before it asks a source of this adapter: :data:`opsboard.acting.retraining.UNTAGGED`. No shell
is involved.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, Source, SourceSettings
from opsboard.records import Kind
from opsboard_adapters.command.recipe import CommandRecipe

__all__ = ["Command", "CommandRecipe", "CommandSettings"]


class CommandSettings(SourceSettings):
    """This machine, as far as it trains models."""


class Command(Adapter[CommandSettings]):
    """The adapter for training by a command. It has no records of its own."""

    name = "command"
    title = "Commands"
    settings = CommandSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset()
    recipe = CommandRecipe

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        return ()

    @classmethod
    def connect(
        cls, settings: CommandSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.command.source import connect  # noqa: PLC0415 - loaded late

        return connect(context)
