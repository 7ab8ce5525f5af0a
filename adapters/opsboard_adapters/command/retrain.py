"""Training a model by a command on this machine.

The command is a job that outlives opsboard: see :mod:`.jobs`. It is started once, under the id of
its plan; what became of it is read from the files that its runner writes.
"""

import asyncio
import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from opsboard.adapter import (
    RETRAIN,
    ActionSpec,
    Difference,
    Finding,
    Form,
    HostEnviron,
    Input,
    OutcomeUnknown,
    Permission,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    SourceError,
    Unsupported,
    Verdict,
)
from opsboard.adapter.actions import (
    Action,
    Draft,
    PermissionAnswer,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.adapter.actions.findings import blocker, facts, note
from opsboard.records import Kind
from opsboard.text.sanitize import sanitize
from opsboard_adapters.command.jobs import (
    CommandJobs,
    JobExistsError,
    JobState,
    masked,
    secrets_of,
)
from opsboard_adapters.command.recipe import MODEL, CommandRecipe, read_recipe

OBSERVED_FOR: Final = 7_200.0
"""Seconds that a command is observed, where ``[[retrain]]`` does not say otherwise."""
PACE: Final = 1.0
"""Seconds between two polls: they cost nothing but reading a file."""
LINES: Final = 5
"""Lines of the output that are told of a command that failed."""
STARTED_LOOKS: Final = 100
STARTED_PAUSE: Final = 0.05
"""How often, and seconds between, it is looked for a first sign of life."""
_NUL: Final = "\0"


@dataclass(frozen=True, slots=True)
class CommandPayload:
    """What is run: *argv* in the folder *cwd*, to train *model*; *program* is the file it runs."""

    argv: tuple[str, ...]
    cwd: str
    model: str
    program: str = ""


class RetrainWithCommand(Action[CommandJobs, CommandPayload]):
    """Runs the command of the recipe, in a session of its own."""

    spec = ActionSpec(
        RETRAIN, "Retrain", "Run the command that trains the model.", frozenset({Kind.MODEL}),
        needs_input=True,
    )  # fmt: skip
    payload = CommandPayload
    payload_may_hold_secrets = True  # the command line is the user's own, as config tells it

    # --- planning --------------------------------------------------------------------------------

    async def form(self, ctx: ReadContext[CommandJobs], request: Request) -> Form:
        """Return the placeholders of the command. Raises :exc:`Misconfigured`."""
        recipe = read_recipe(request.recipe)
        return Form(inputs=tuple(Input(name=name, required=True) for name in recipe.names()))

    def invalid_values(self, request: Request, faults: Mapping[str, str]) -> SourceError:
        name, fault = next(iter(faults.items()))
        return Unsupported(f"{name} {fault}", "look at the form for what can be given")

    async def draft(
        self, ctx: ReadContext[CommandJobs], request: Request, values: Mapping[str, str]
    ) -> Draft[CommandPayload]:
        _refuse_nul(values)
        recipe, model, host = read_recipe(request.recipe), request.ref.id, ctx.source.host_environ
        argv = recipe.argv({**values, MODEL: model})
        cwd = _folder(recipe, host)
        program = _program(argv[0], cwd, host)
        return Draft(
            payload=CommandPayload(tuple(argv), str(cwd), model, program),
            title=f"Retrain {model} by a command",
            target=f"a command on {socket.gethostname()}",
            name=model,
            environments=ctx.source.environments_of(socket.gethostname()),
            after="a new version",
            changes=(Difference(group="command", name="argv", after=shlex.join(argv)),),
            facts=facts(
                ("Program", program or "none"),
                ("Folder", str(cwd)),
                ("Output", str(ctx.client.log(ctx.plan_id))),
            ),
            findings=tuple(_findings(argv, cwd, program)),
            timeout=OBSERVED_FOR,
        )

    async def precondition(
        self, ctx: ReadContext[CommandJobs], payload: CommandPayload
    ) -> Mapping[str, str]:
        """Return which file is run, and what tells that it is still the same."""
        return {"program": payload.program, "is": _fingerprint(payload.program)}

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        program = plan.precondition["program"]
        return PreconditionFailed(
            f"{program} is not the file any more that it was", "look at it, and plan again"
        )

    async def permission(
        self, ctx: ReadContext[CommandJobs], payload: CommandPayload
    ) -> PermissionAnswer:
        permission = Permission.ALLOWED if payload.program else Permission.UNKNOWN
        return PermissionAnswer(permission, f"runs as {getpass.getuser()}")

    # --- carrying out ----------------------------------------------------------------------------

    async def send(self, ctx: SendContext[CommandJobs], payload: CommandPayload) -> Receipt:
        """Start the command, and wait for its first sign of life."""
        await _start(ctx, payload)
        for _ in range(STARTED_LOOKS):
            state = ctx.client.state(ctx.plan_id)
            if state.error:
                raise Unsupported(f"the command could not be started: {state.error}")
            if state.pid or state.code is not None:
                return _receipt(ctx, state)
            await asyncio.sleep(STARTED_PAUSE)
        raise OutcomeUnknown("the command gives no sign of life", f"look into {ctx.client.folder}")

    # --- afterwards ------------------------------------------------------------------------------

    async def observe(
        self, ctx: PlanContext[CommandJobs], payload: CommandPayload, receipt: Receipt
    ) -> Progress:
        """Return the last line that it prints, and how it ended once it has."""
        state = ctx.client.state(ctx.plan_id)
        secrets = secrets_of(ctx.source.host_environ.env)
        lines = _last_lines(ctx.client.output(ctx.plan_id), secrets)
        if state.running:
            return Progress(message=lines[-1] if lines else "it runs")
        verdict = Verdict.SUCCEEDED if state.code == 0 else Verdict.FAILED
        shown = lines[-1:] if state.code == 0 else lines
        message = ": ".join(filter(None, (_how_it_ended(state), " | ".join(shown))))
        return Progress(message=message, verdict=verdict)

    def pace(self, client: CommandJobs, unchanged: int) -> float:
        return PACE

    async def reconcile(
        self, ctx: PlanContext[CommandJobs], payload: CommandPayload
    ) -> ReconcileResult:
        """Tell by the files of the job. A job that has not begun by now is called off for good."""
        jobs, key = ctx.client, ctx.plan_id
        called_off = not jobs.state(key).begun and jobs.call_off(key)
        state = jobs.state(key)
        if not state.begun:
            message = _how_it_ended(state) if state.error else "it was not begun"
            final = called_off or bool(state.error)
            return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message, final=final)
        if not (state.running or state.pid or state.code is not None):
            message = "what would start it came to nothing, before or after it did"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
        message = "it is running" if state.running else _how_it_ended(state)
        return ReconcileResult(
            outcome=ReconcileOutcome.DONE, message=message, receipt=_receipt(ctx, state)
        )


# --- what is run ---------------------------------------------------------------------------------


def _refuse_nul(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if _NUL in value:
            raise Unsupported(f"{name} has a NUL in it", "leave it out")


def _folder(recipe: CommandRecipe, host: HostEnviron) -> Path:
    if recipe.cwd == "~" or recipe.cwd.startswith("~/"):
        return host.home / recipe.cwd[2:]
    return host.cwd / recipe.cwd


def _program(name: str, cwd: Path, host: HostEnviron) -> str:
    """Return the file that *name* means where it is run, ``""`` for none."""
    if "/" not in name:
        return shutil.which(name, path=host.env.get("PATH")) or ""
    path = cwd / name
    return str(path) if path.is_file() and os.access(path, os.X_OK) else ""


def _fingerprint(program: str) -> str:
    """Return size and time of change of *program*; ``""`` where it is not there."""
    try:
        found = Path(program).stat() if program else None
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}" if found else ""


def _findings(argv: list[str], cwd: Path, program: str) -> Iterator[Finding]:
    if not program:
        yield blocker(f"there is no program {argv[0]!r} that could be run")
    if not cwd.is_dir():
        yield blocker(f"there is no folder {cwd}")
    yield note("it goes on when opsboard ends, and cannot be stopped from here")


# --- starting it ---------------------------------------------------------------------------------


async def _start(ctx: SendContext[CommandJobs], payload: CommandPayload) -> None:
    own = ctx.source.host_environ.env
    shown = masked(shlex.join(payload.argv), secrets_of(own))
    start = partial(
        ctx.client.start,
        ctx.plan_id,
        payload.argv,
        payload.cwd,
        _environment(ctx.plan, payload, own),
        shown=shown,
    )
    try:
        await asyncio.to_thread(start)
    except JobExistsError:
        raise PreconditionFailed("it has been started before", "plan it again") from None
    except OSError as error:
        raise Unsupported(
            f"cannot keep a job in {ctx.client.folder}: {error.strerror}", "fix the folder"
        ) from None
    except subprocess.SubprocessError:
        raise OutcomeUnknown("what starts commands gives no answer") from None


def _environment(plan: Plan, payload: CommandPayload, own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the command: that of opsboard, and what it is told."""
    inputs = {
        f"OPSBOARD_INPUT_{name.upper().replace('-', '_')}": value
        for name, value in plan.values.items()
    }
    return {**own, **inputs, "OPSBOARD_MODEL": payload.model, "OPSBOARD_PLAN": plan.id}


def _receipt(ctx: PlanContext[CommandJobs], state: JobState) -> Receipt:
    process = f" as process {state.pid}" if state.pid else ""
    log = ctx.client.log(ctx.plan_id)
    return Receipt(
        message=f"the command was started{process}; it prints to {log}", reference=ctx.plan_id
    )


# --- what became of it ---------------------------------------------------------------------------


def _last_lines(output: str, secrets: tuple[str, ...]) -> list[str]:
    lines = [sanitize(line).strip() for line in output.replace("\r", "\n").split("\n")[-200:]]
    return [masked(line, secrets) for line in lines if line][-LINES:]


def _how_it_ended(state: JobState) -> str:
    """Return how a command that is not under way ended."""
    if state.error:
        return f"it could not be started ({state.error})"
    if not state.known:
        return "there is no trace of it"
    if state.code is None:
        return "it ended, and nobody saw how"
    if state.code < 0:
        return f"it was ended by {_signal_name(-state.code)}"
    return "it succeeded" if state.code == 0 else f"it ended with code {state.code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
