"""Running a job again: the one thing that a Nightly server can be told to do."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Form,
    Permit,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Unsupported,
    Verdict,
)
from opsboard.records import Kind, Ref

RERUN: Final = ActionSpec(
    "rerun", "Run again", "Run the job again.", frozenset({Kind.BUILD}), disruptive=False
)

Job = Mapping[str, Any]


class Server(Protocol):
    """What acting needs of the source."""

    async def job(self, ref: Ref) -> Job: ...
    async def run_again(self, number: str, permit: Permit) -> None: ...
    async def pause(self) -> None: ...


async def form(request: Request) -> Form:
    """Return a form without inputs: there is nothing to tell."""
    if request.action != RERUN.id:
        raise Unsupported(f"Nightly knows no {request.action}")
    return Form()


async def plan(server: Server, request: Request, now: datetime, environment: str) -> Plan:
    """Return what running it again comes to."""
    await form(request)
    job = await server.job(request.ref)
    return Plan(
        made_at=now,
        action=RERUN.id,
        title=RERUN.title,
        ref=request.ref,
        target=f"job {job['name']} of {job['project']}",
        name=str(job["name"]),
        environment=environment,
        disruptive=RERUN.disruptive,
        before=str(job["state"]),
        after="running",
        changes=(Difference(group="state", name="job", before=job["state"], after="running"),),
        precondition={"at": str(job["at"]), "state": str(job["state"])},
    )


async def execute(server: Server, plan: Plan, permit: Permit) -> Receipt:
    """Run it again, unless it has run meanwhile."""
    with permit.used_for(plan):
        job = await server.job(plan.ref)
        if any(str(job[key]) != value for key, value in plan.precondition.items()):
            raise PreconditionFailed(f"job {plan.ref.id} has run again since", "plan it again")
        await server.run_again(plan.ref.id, permit)
    return Receipt(message="runs again", produced=plan.ref)


async def observe(server: Server, plan: Plan) -> AsyncIterator[Progress]:
    """Tell its state until it has passed or failed."""
    while True:
        state = str((await server.job(plan.ref))["state"])
        if state in {"passed", "failed"}:
            good = state == "passed"
            verdict = Verdict.SUCCEEDED if good else Verdict.FAILED
            yield Progress(message=state, verdict=verdict, produced=plan.ref)
            return
        yield Progress(message=state)
        await server.pause()


async def reconcile(server: Server, plan: Plan) -> ReconcileResult:
    """Tell by the time of its last run whether it was run again."""
    job = await server.job(plan.ref)
    if str(job["at"]) == plan.precondition["at"]:
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message="it has not run since")
    receipt = Receipt(message="runs again", produced=plan.ref)
    return ReconcileResult(
        outcome=ReconcileOutcome.DONE, message="it has run since", receipt=receipt
    )
