"""Running a job again: the one thing that a Nightly server can be told to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from opsboard.adapter import (
    ActionSpec,
    Difference,
    Permit,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Verdict,
)
from opsboard.adapter.actions import Action, Draft, PlanContext, ReadContext, SendContext
from opsboard.adapter.actions.findings import not_ended
from opsboard.records import Kind, Record, Status

Job = Mapping[str, Any]


class Server(Protocol):
    """What acting needs of the source."""

    async def job(self, number: str) -> Job: ...
    async def run_again(self, number: str, permit: Permit) -> None: ...


@dataclass(frozen=True)
class RerunPayload:
    """Which job is run again, and when it had run last."""

    job: str
    at: str


def _running(record: Record, settings: object) -> str:
    return "it is running" if record.status is Status.RUNNING else ""


class Rerun(Action[Server, RerunPayload]):
    """Runs a job once more."""

    spec = ActionSpec(
        "rerun",
        "Run again",
        "Run the job again.",
        frozenset({Kind.BUILD}),
        disruptive=False,
        disabled_reason=_running,
    )
    payload = RerunPayload

    async def draft(
        self, ctx: ReadContext[Server], request: Request, values: Mapping[str, str]
    ) -> Draft[RerunPayload]:
        job = await _job(ctx, request.ref.id)
        state, project = str(job["state"]), str(job["project"])
        return Draft(
            payload=RerunPayload(job=request.ref.id, at=str(job["at"])),
            target=f"job {job['name']} of {project}",
            name=str(job["name"]),
            environment=ctx.source.environment_of(project),
            environments=ctx.source.environments_of(project),
            before=state,
            after="running",
            changes=(Difference(group="state", name="job", before=state, after="running"),),
            findings=(not_ended(state),) if state == "running" else (),
        )

    async def precondition(
        self, ctx: ReadContext[Server], payload: RerunPayload
    ) -> Mapping[str, str]:
        job = await _job(ctx, payload.job)
        return {"at": str(job["at"]), "state": str(job["state"])}

    async def send(self, ctx: SendContext[Server], payload: RerunPayload) -> Receipt:
        await ctx.client.run_again(payload.job, ctx.permit)
        return Receipt(message="runs again", produced=ctx.plan.ref)

    async def observe(
        self, ctx: PlanContext[Server], payload: RerunPayload, receipt: Receipt
    ) -> Progress:
        state = str((await _job(ctx, payload.job))["state"])
        verdict = {"passed": Verdict.SUCCEEDED, "failed": Verdict.FAILED}.get(state)
        return Progress(message=state, verdict=verdict, produced=ctx.plan.ref)

    async def reconcile(self, ctx: PlanContext[Server], payload: RerunPayload) -> ReconcileResult:
        """Tell by the time of its last run whether it was run again."""
        if str((await _job(ctx, payload.job))["at"]) == payload.at:
            message = "it has not run since"
            return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=message)
        receipt = Receipt(message="runs again", produced=ctx.plan.ref)
        return ReconcileResult(
            outcome=ReconcileOutcome.DONE, message="it has run since", receipt=receipt
        )


async def _job(ctx: ReadContext[Server], number: str) -> Job:
    return await ctx.once(("job", number), lambda: ctx.client.job(number))
