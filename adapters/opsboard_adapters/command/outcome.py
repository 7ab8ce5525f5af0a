"""What becomes of a command, told from what its job runner has written."""

import signal
from collections.abc import AsyncIterator
from typing import Final

from opsboard.adapter import (
    Context,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Verdict,
)
from opsboard.text.sanitize import sanitize
from opsboard_adapters.command.jobs import CommandJobs, JobState
from opsboard_adapters.command.secrets import masked, secrets_of

PAUSE: Final = 1.0
"""Seconds between two looks."""
LINES: Final = 5
"""Lines of the output that are told when it failed."""


def receipt(plan: Plan, state: JobState, jobs: CommandJobs) -> Receipt:
    """Return what to say of a command that was started."""
    process = f" as process {state.pid}" if state.pid else ""
    return Receipt(
        message=f"the command was started{process}; it prints to {jobs.log(plan.id)}",
        reference=plan.id,
    )


async def observe(plan: Plan, jobs: CommandJobs, context: Context) -> AsyncIterator[Progress]:
    """Yield the last line that it prints, until it has ended."""
    secrets = secrets_of(context.host_environ.env)
    said = None
    while True:
        state = jobs.state(plan.id)
        lines = _last_lines(jobs.output(plan.id), secrets)
        if not state.running:
            yield _ended(state, lines, context)
            return
        if lines[-1:] != said:
            said = lines[-1:]
            yield Progress(message=said[0] if said else "it runs", at=context.now())
        await context.pause(PAUSE)


def _last_lines(output: str, secrets: tuple[str, ...]) -> list[str]:
    lines = [sanitize(line).strip() for line in output.replace("\r", "\n").split("\n")[-200:]]
    return [masked(line, secrets) for line in lines if line][-LINES:]


def _ended(state: JobState, lines: list[str], context: Context) -> Progress:
    verdict = Verdict.SUCCEEDED if state.code == 0 else Verdict.FAILED
    told = lines[-1:] if state.code == 0 else lines
    message = ": ".join(filter(None, (_how(state), " | ".join(told))))
    return Progress(message=message, verdict=verdict, at=context.now())


def _how(state: JobState) -> str:
    """Return how a command that is not under way ended."""
    if state.error:
        return f"it could not be started ({state.error})"
    if not state.known:
        return "there is no trace of it"
    if state.code is None:
        return "it ended, and nobody saw how"
    if state.code < 0:
        return f"it was ended by {_signal(-state.code)}"
    return "it succeeded" if state.code == 0 else f"it ended with code {state.code}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def reconcile(plan: Plan, jobs: CommandJobs) -> ReconcileResult:
    """Return what became of *plan*; what has not begun by now is called off."""
    called_off = not jobs.state(plan.id).begun and jobs.call_off(plan.id)
    state = jobs.state(plan.id)
    if not state.begun:
        how = _how(state) if state.error else "it was not begun"
        final = called_off or bool(state.error)
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=how, final=final)
    if not (state.running or state.pid or state.code is not None):
        said = "what would start it came to nothing, before or after it did"
        return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=said)
    how = "it is running" if state.running else _how(state)
    return ReconcileResult(
        outcome=ReconcileOutcome.DONE, message=how, receipt=receipt(plan, state, jobs)
    )
