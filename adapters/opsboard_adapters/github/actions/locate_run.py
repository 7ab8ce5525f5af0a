"""Which run a dispatch has begun: as GitHub says, by the plan's own mark, or by who and when."""

from collections.abc import AsyncGenerator, Sequence

from opsboard.adapter import Plan, Progress, Receipt, ReconcileOutcome, ReconcileResult
from opsboard_adapters.github.actions import reconcile, run_progress
from opsboard_adapters.github.actions.base import build_ref
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.format import listed
from opsboard_adapters.github.models import GitHubRun
from opsboard_adapters.github.reader import RECENT_RUNS


def receipt_of(site: GitHubContext, plan: Plan, number: int, message: str) -> Receipt:
    """Return the receipt for *number*, the run that *plan* has begun."""
    repository = str(plan.payload["repository"])
    return Receipt(
        message=message,
        reference=str(number),
        produced=build_ref(site, repository, number),
        url=f"{site.translator.web}/{repository}/actions/runs/{number}",
    )


def observe(site: GitHubContext, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
    """Yield how the run goes on, once it is found, to its conclusion."""
    number, guessed = receipt.reference, ""

    async def look(site: GitHubContext) -> Progress:
        nonlocal number, guessed
        if not number:
            found = await candidates(site, plan)
            if not found:
                return Progress(message="its run is not to be seen yet")
            number, guessed = str(found[0].id), _guessed(plan, found)
        seen = await run_progress.run_now(site, str(plan.payload["repository"]), number, 1)
        return seen.model_copy(update={"message": f"{seen.message}{guessed}"})

    return run_progress.watch(site, look)


def _guessed(plan: Plan, found: Sequence[GitHubRun]) -> str:
    """Return what to say of how the run was found."""
    if plan.payload["visible"]:
        return ""
    if len(found) == 1:
        return " (taken to be the run: the only one begun since)"
    return f" (taken to be the run: the first of {len(found)} begun since)"


async def candidates(site: GitHubContext, plan: Plan) -> Sequence[GitHubRun]:
    """Return the runs that may be the one that *plan* has begun, the oldest first."""
    return (await _looked_for(site, plan))[0]


async def _looked_for(site: GitHubContext, plan: Plan) -> tuple[Sequence[GitHubRun], bool]:
    """Return the candidates, and whether the listing goes back to before the plan was made."""
    payload = plan.payload
    found = await site.reader.workflow_runs(
        str(payload["repository"]), payload["workflow"], {"event": "workflow_dispatch"}
    )
    newest = int(payload["newest"])
    whole = len(found) < RECENT_RUNS or any(run.id <= newest for run in found)
    if payload["visible"]:
        return [run for run in found if plan.key in (run.display_title or run.name or "")], whole
    me = await site.reader.login()
    branch = str(payload["ref"]).removeprefix("refs/heads/").removeprefix("refs/tags/")
    fitting = [
        run
        for run in found
        if run.id > newest
        and run.head_branch == branch
        and (not me or run.actor is None or run.actor.login == me)
    ]
    return sorted(fitting, key=lambda run: run.id), whole


async def reconcile_run(site: GitHubContext, plan: Plan) -> ReconcileResult:
    """Tell by the runs there are whether *plan* has begun one.

    That there is none is known only where the runs go back to before the plan was made.
    """
    found, whole = await _looked_for(site, plan)
    if not whole and not (found and plan.payload["visible"]):
        message = (
            f"more than {RECENT_RUNS} runs were begun since, and it may be one of the older ones"
        )
        return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
    if not found:
        what = "bears the mark of this plan" if plan.payload["visible"] else "was begun since"
        return ReconcileResult(outcome=ReconcileOutcome.NOT_DONE, message=f"no run of it {what}")
    if plan.payload["visible"]:
        return reconcile.done(site, plan, found[0].id, f"run #{found[0].run_number} bears its mark")
    which = listed(f"#{run.run_number}" for run in found)
    if len(found) == 1 and await site.reader.login():
        message = f"taken to be run {which}, the only one that this login has begun since"
        return reconcile.done(site, plan, found[0].id, message)
    message = f"begun since were {which}, and GitHub does not say by which request"
    return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
