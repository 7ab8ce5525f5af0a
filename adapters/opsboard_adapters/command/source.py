"""This machine as a source: it shows nothing, and trains models by commands."""

import asyncio
import getpass
import shlex
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from opsboard.adapter import (
    RETRAIN,
    Change,
    Check,
    Context,
    Form,
    Fresh,
    HostEnviron,
    OutcomeUnknown,
    Permit,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
    Source,
    Unsupported,
)
from opsboard.adapter.permit import require_permit
from opsboard.records import Status
from opsboard_adapters.command import outcome
from opsboard_adapters.command.jobs import CommandJobs, JobExistsError, JobState
from opsboard_adapters.command.plan import environment, fingerprint, make_form, make_plan
from opsboard_adapters.command.secrets import masked, secrets_of

QUIET: Final = 3_600.0
"""Seconds between two signs of life: there is nothing to show."""
BEGUN_WITHIN: Final = 100
"""Looks for the first sign of a job runner."""


@asynccontextmanager
async def connect(context: Context) -> AsyncIterator[Source]:
    """Hold a source. Nothing is run or written before it is told to."""
    for secret in secrets_of(context.host_environ.env):
        context.register_secret(secret)
    yield CommandSource(context)


def state_folder(around: HostEnviron) -> Path:
    """Return where jobs are kept: in the state folder of this user (XDG)."""
    told = around.env.get("XDG_STATE_HOME", "")
    base = Path(told) if told.startswith("/") else around.home / ".local" / "state"
    return base / "opsboard" / "commands"


class CommandSource(Source):
    """This machine."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._jobs = CommandJobs(state_folder(context.host_environ))

    async def changes(self) -> AsyncIterator[Change]:
        while True:
            yield Fresh("commands")
            await self._context.pause(QUIET)

    async def checks(self) -> AsyncIterator[Check]:
        yield Check("ready", Status.OK, f"commands run as {getpass.getuser()}")

    async def form(self, request: Request) -> Form:
        _is_training(request.action)
        return make_form(request)

    async def plan(self, request: Request) -> Plan:
        _is_training(request.action)
        around, now = self._context.host_environ, self._context.now()
        here = self._context.environments_of(socket.gethostname())
        return make_plan(request, around, self._jobs.folder, now, here)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        """Start the command, in a session of its own and with a job runner."""
        with permit.used_for(plan):
            require_permit(permit, "running a command")
            if fingerprint(plan.precondition["program"]) != plan.precondition["is"]:
                raise PreconditionFailed(
                    f"{plan.precondition['program']} is not the file any more that it was",
                    "look at it, and plan again",
                )
            await self._start(plan)
        state = await self._begun(plan)
        if state.error:
            raise Unsupported(f"the command could not be started: {state.error}")
        return outcome.receipt(plan, state, self._jobs)

    async def _start(self, plan: Plan) -> None:
        argv, cwd = plan.payload["argv"], plan.payload["cwd"]
        env = environment(plan, self._context.host_environ.env)
        try:
            shown = masked(shlex.join(argv), secrets_of(self._context.host_environ.env))
            start = partial(self._jobs.start, plan.id, argv, cwd, env, shown=shown)
            await asyncio.to_thread(start)
        except JobExistsError:
            raise PreconditionFailed("it has been started before", "plan it again") from None
        except OSError as error:
            raise Unsupported(
                f"cannot keep a job in {self._jobs.folder}: {error.strerror}", "fix the folder"
            ) from None
        except subprocess.SubprocessError:
            raise OutcomeUnknown("what starts commands gives no answer") from None

    async def _begun(self, plan: Plan) -> JobState:
        """Return how it is once its job runner has said anything. Raises :exc:`OutcomeUnknown`."""
        for _ in range(BEGUN_WITHIN):
            state = self._jobs.state(plan.id)
            if state.pid or state.error or state.code is not None:
                return state
            await asyncio.sleep(0.05)
        raise OutcomeUnknown("the command gives no sign of life", f"look into {self._jobs.folder}")

    def observe(self, plan: Plan, receipt: Receipt) -> AsyncIterator[Progress]:
        return outcome.observe(plan, self._jobs, self._context)

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        return outcome.reconcile(plan, self._jobs)


def _is_training(action: str) -> None:
    if action != RETRAIN:
        raise Unsupported(f"{action} is not offered by commands")
