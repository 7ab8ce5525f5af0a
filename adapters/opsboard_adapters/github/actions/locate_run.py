"""Find the run that a dispatch has begun.

GitHub's response names it; older servers do not. Then it is found by the plan's key, where the
workflow puts it into the run's title, or else by who began it, on which branch, and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from opsboard.adapter import Plan, Progress, Receipt, ReconcileOutcome, ReconcileResult
from opsboard.adapter.actions import PlanContext
from opsboard.adapter.actions.findings import listed
from opsboard_adapters.github.actions.base import GitHubActionClient, GitHubPayload
from opsboard_adapters.github.actions.describe import run_receipt
from opsboard_adapters.github.actions.run_progress import run_progress
from opsboard_adapters.github.models import GitHubRun
from opsboard_adapters.github.reader import RECENT_RUNS


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchPayload(GitHubPayload):
    """A dispatch of the *workflow* with that id, at the branch or tag *ref*.

    *marker* is the input that carries the plan's key, or ``""``; with *visible*, the key shows in
    the title of the run. *newest* is the id of the workflow's latest run when it was planned.
    *model* is what is trained by it, where it trains one.
    """

    workflow: int
    ref: str
    marker: str
    visible: bool
    newest: int
    model: str = ""


async def dispatched_run_progress(
    ctx: PlanContext[GitHubActionClient], payload: DispatchPayload, receipt: Receipt
) -> Progress:
    """Return how the run goes on, once it is found. What was found is kept in ``ctx.state``."""
    if receipt.reference:
        ctx.state.setdefault("run", receipt.reference)
    if "run" not in ctx.state:
        found, _ = await _candidates(ctx, payload)
        if not found:
            return Progress(message="its run is not visible yet")
        ctx.state.update(run=found[0].id, guess=_guess(payload, found))
    progress = await run_progress(ctx, payload.repository, ctx.state["run"], 1)
    return progress.model_copy(
        update={"message": f"{progress.message}{ctx.state.get('guess', '')}"}
    )


def _guess(payload: DispatchPayload, found: Sequence[GitHubRun]) -> str:
    """Return how sure it is that the first of *found* is the run."""
    if payload.visible:
        return ""
    if len(found) == 1:
        return " (taken to be the run: the only one begun since)"
    return f" (taken to be the run: the first of {len(found)} begun since)"


async def _candidates(
    ctx: PlanContext[GitHubActionClient], payload: DispatchPayload
) -> tuple[Sequence[GitHubRun], bool]:
    """Return the runs that may be the one, the oldest first, and whether the list is complete.

    It is complete where it reaches back to before the plan was made.
    """
    reader = ctx.client.reader
    event = {"event": "workflow_dispatch"}
    runs = await reader.workflow_runs(payload.repository, payload.workflow, event)
    complete = len(runs) < RECENT_RUNS or any(run.id <= payload.newest for run in runs)
    if payload.visible:
        return [run for run in runs if _has_key(run, ctx.plan)], complete
    login = await reader.login()
    branch = payload.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    fitting = [
        run
        for run in runs
        if run.id > payload.newest
        and run.head_branch == branch
        and (not login or run.actor is None or run.actor.login == login)
    ]
    return sorted(fitting, key=lambda run: run.id), complete


def _has_key(run: GitHubRun, plan: Plan) -> bool:
    return plan.key in (run.display_title or run.name or "")


async def reconcile_dispatch(
    ctx: PlanContext[GitHubActionClient], payload: DispatchPayload
) -> ReconcileResult:
    """Return whether the plan has begun a run, judged by the runs that there are."""
    found, complete = await _candidates(ctx, payload)
    if not complete and not (found and payload.visible):
        message = (
            f"more than {RECENT_RUNS} runs were begun since, and it may be one of the older ones"
        )
        return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
    if not found:
        what = "has the mark of this plan" if payload.visible else "was begun since"
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=f"no run of it {what}")
    if payload.visible:
        return _done(ctx, payload, found[0], f"run #{found[0].run_number} has its mark")
    which = listed(f"#{run.run_number}" for run in found)
    if len(found) == 1 and await ctx.client.reader.login():
        message = f"taken to be run {which}, the only one that this login has begun since"
        return _done(ctx, payload, found[0], message)
    message = f"begun since were {which}, and GitHub does not say by which request"
    return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)


def _done(
    ctx: PlanContext[GitHubActionClient], payload: DispatchPayload, run: GitHubRun, message: str
) -> ReconcileResult:
    receipt = run_receipt(ctx, payload.repository, run.id, message)
    return ReconcileResult(outcome=ReconcileOutcome.DONE, message=message, receipt=receipt)
