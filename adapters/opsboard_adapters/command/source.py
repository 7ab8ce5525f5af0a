"""This machine as a source: it shows nothing, and trains models by commands."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from opsboard.adapter import Change, Check, Context, Fresh, HostEnviron, Source
from opsboard.adapter.actions import ActionRunner
from opsboard.records import Status
from opsboard_adapters.command.jobs import CommandJobs, secrets_of
from opsboard_adapters.command.retrain import RetrainWithCommand

QUIET: Final = 3_600.0
"""Seconds between two signs of life: there is nothing to show."""


@asynccontextmanager
async def connect(context: Context) -> AsyncIterator[Source]:
    """Hold a source. Nothing is run or written before it is told to."""
    for secret in secrets_of(context.host_environ.env):
        context.register_secret(secret)
    yield CommandSource(context)


def state_folder(host: HostEnviron) -> Path:
    """Return where jobs are kept: in the state folder of this user (XDG)."""
    state_home = host.env.get("XDG_STATE_HOME", "")
    base = Path(state_home) if state_home.startswith("/") else host.home / ".local" / "state"
    return base / "opsboard" / "commands"


class CommandSource(Source):
    """This machine."""

    def __init__(self, context: Context) -> None:
        self._context = context
        jobs = CommandJobs(state_folder(context.host_environ))
        self.action_runner = ActionRunner([RetrainWithCommand()], context, jobs)

    async def changes(self) -> AsyncIterator[Change]:
        while True:
            yield Fresh("commands")
            await self._context.pause(QUIET)

    async def checks(self) -> AsyncIterator[Check]:
        yield Check("ready", Status.OK, f"commands run as {getpass.getuser()}")
