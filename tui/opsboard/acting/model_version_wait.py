"""Waiting for what a training run is to end in: a new version of the model."""

from typing import Final

from opsboard.acting.engine_port import EnginePort
from opsboard.adapter import Clock, Plan, Progress, SourceError, Verdict
from opsboard.records import Model, Ref

LOOKS: Final = 60
"""Looks at the registry before it is given up."""

PAUSE: Final = 3.0
"""Seconds between two looks."""


async def wait_for_new_version(plan: Plan, reach: EnginePort, clock: Clock) -> Progress:
    """Return how it ended: with another version of the model than *plan* awaits, or without."""
    why = ""
    for _ in range(LOOKS):
        try:
            latest = await latest_version(plan.ref, reach)
            if latest != plan.awaits:
                reach.refresh(plan.ref.source)
                return Progress(
                    message=f"version {latest} of {plan.name} is there",
                    verdict=Verdict.SUCCEEDED,
                    produced=plan.ref,
                )
        except SourceError as error:
            why = f" ({error.message})"
        await clock.sleep(PAUSE)
    message = f"the run succeeded, but {plan.name} has no new version{why}"
    return Progress(message=message, verdict=Verdict.FAILED)


async def latest_version(model: Ref, reach: EnginePort) -> str:
    """Return the latest version of *model* as its registry has it now. Raises SourceError."""
    collector = await reach.collector(model.source)
    detail = await collector.ask(lambda source: source.detail(model))
    if not isinstance(detail.record, Model):
        raise SourceError(f"{model.id} is no model")
    return detail.record.latest or NONE


NONE: Final = "none"
"""What stands for the latest version of a model that has none."""
