"""What became of a plan whose execution nobody saw to its end."""

from collections.abc import Awaitable, Callable
from typing import Final

from opsboard.adapter import Fate, NotFound, Plan, Receipt, Settlement
from opsboard_adapters.github.act.act import build_ref
from opsboard_adapters.github.act.site import Site
from opsboard_adapters.github.shapes import Run

LOOKS: Final = 3
PAUSE: Final = 5.0
"""Seconds between looks: what was asked for takes a moment to be seen."""


async def patiently(site: Site, look: Callable[[], Awaitable[Settlement]]) -> Settlement:
    """Return what *look* finds; that nothing was done only when it was seen several times."""
    for _ in range(LOOKS - 1):
        settled = await look()
        if settled.fate is not Fate.NOT_DONE:
            return settled
        await site.context.pause(PAUSE)
    return await look()


async def rerun(site: Site, plan: Plan) -> Settlement:
    """Tell by the attempts of its run whether *plan* was carried out."""

    async def look() -> Settlement:
        try:
            return await _rerun(site, plan)
        except NotFound as error:
            return Settlement(fate=Fate.UNKNOWN, message=f"the run is gone: {error.message}")

    return await patiently(site, look)


async def _rerun(site: Site, plan: Plan) -> Settlement:
    repository, number = str(plan.payload["repository"]), plan.payload["run"]
    planned = int(plan.precondition["attempt"])
    seen = await site.run(repository, number)
    if (seen.run_attempt or 1) <= planned:
        return Settlement(
            fate=Fate.NOT_DONE, message=f"the run is at attempt {planned} still: it was not begun"
        )
    first = await site.run(repository, number, planned + 1)
    who, me = _begun_by(first), await site.me()
    if not me or not who:
        message = f"attempt {planned + 1} was begun; it is not known by whom"
        return Settlement(fate=Fate.UNKNOWN, message=message)
    if who != me:
        message = f"attempt {planned + 1} was begun by {who}, and not from here"
        return Settlement(fate=Fate.NOT_DONE, message=message)
    return done(site, plan, number, f"attempt {planned + 1} was begun by {who}")


def _begun_by(run: Run) -> str:
    actor = run.triggering_actor or run.actor
    return actor.login if actor else ""


def done(site: Site, plan: Plan, number: object, message: str) -> Settlement:
    """Return that *plan* was carried out, and its run is to be followed."""
    repository = str(plan.payload["repository"])
    receipt = Receipt(
        message=message,
        reference=str(number),
        produced=build_ref(site, repository, number),
        url=f"{site.translator.web}/{repository}/actions/runs/{number}",
    )
    return Settlement(fate=Fate.DONE, message=message, receipt=receipt)
