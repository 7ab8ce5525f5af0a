"""What became of a plan whose execution nobody saw to its end."""

from typing import Final

from opsboard.adapter import NotFound, Plan, Receipt, ReconcileOutcome, ReconcileResult
from opsboard_adapters.github.actions.base import build_ref
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.format import listed
from opsboard_adapters.github.models import GitHubRun

_ATTEMPTS: Final = "/attempts/"


async def rerun(site: GitHubContext, plan: Plan) -> ReconcileResult:
    """Tell by the attempts of its run whether *plan* was carried out.

    It is never certain that it was not: what is held up may begin any attempt after another's.
    """
    try:
        return await _rerun(site, plan)
    except NotFound as error:
        return ReconcileResult(
            outcome=ReconcileOutcome.UNKNOWN, message=f"the run is gone: {error.message}"
        )


async def _rerun(site: GitHubContext, plan: Plan) -> ReconcileResult:
    repository, number = str(plan.payload["repository"]), plan.payload["run"]
    planned = int(plan.precondition["attempt"])
    latest = (await site.reader.run(repository, number)).run_attempt or 1
    if latest <= planned:
        return ReconcileResult(
            outcome=ReconcileOutcome.NOT_DONE,
            message=f"the run is at attempt {planned} still: it was not begun",
        )
    me, others = await site.reader.login(), []
    for attempt in range(planned + 1, latest + 1):
        who = _begun_by(await site.reader.run(repository, number, attempt))
        if not me or not who:
            message = f"attempt {attempt} was begun; it is not known by whom"
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message=message)
        if who == me:
            reference = f"{number}{_ATTEMPTS}{attempt}"
            return done(site, plan, reference, f"attempt {attempt} was begun by {who}")
        others.append(f"attempt {attempt} was begun by {who}")
    return ReconcileResult(
        outcome=ReconcileOutcome.NOT_DONE, message=f"{listed(others)}, and not from here"
    )


def attempt_of(plan: Plan, receipt: Receipt) -> int:
    """Return which attempt of its run *plan* has begun: the next one, unless it was another."""
    known = receipt.reference.partition(_ATTEMPTS)[2]
    return int(known) if known.isdigit() else int(plan.precondition["attempt"]) + 1


def _begun_by(run: GitHubRun) -> str:
    actor = run.triggering_actor or run.actor
    return actor.login if actor else ""


def done(site: GitHubContext, plan: Plan, reference: object, message: str) -> ReconcileResult:
    """Return that *plan* was carried out, and its run is to be followed.

    *reference* is the number of the run, and may name an attempt as the API's paths do.
    """
    repository = str(plan.payload["repository"])
    number = str(reference).partition(_ATTEMPTS)[0]
    receipt = Receipt(
        message=message,
        reference=str(reference),
        produced=build_ref(site, repository, number),
        url=f"{site.translator.web}/{repository}/actions/runs/{number}",
    )
    return ReconcileResult(outcome=ReconcileOutcome.DONE, message=message, receipt=receipt)
