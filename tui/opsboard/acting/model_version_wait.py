"""Waiting for the new model version that a training run ends in."""

from typing import Final

from opsboard.acting.engine_port import EnginePort
from opsboard.adapter import Clock, Plan, Progress, SourceError, Verdict
from opsboard.records import Model, Ref

LOOKS: Final = 60
"""Looks at the registry before waiting ends."""

PAUSE: Final = 3.0
"""Seconds between two polls."""


async def wait_for_new_version(plan: Plan, engine: EnginePort, clock: Clock) -> Progress:
    """Return the verdict: whether the model has a later version than ``plan.awaits``.

    Waits up to :data:`LOOKS` times :data:`PAUSE` seconds.
    """
    why = ""
    for _ in range(LOOKS):
        try:
            latest = await latest_version(plan.ref, engine)
            if latest != plan.awaits:
                engine.refresh(plan.ref.source)
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


async def latest_version(model: Ref, engine: EnginePort) -> str:
    """Return the latest version of *model* as its registry has it now. Raises SourceError."""
    collector = await engine.collector(model.source)
    detail = await collector.ask(lambda source: source.detail(model))
    if not isinstance(detail.record, Model):
        raise SourceError(f"{model.id} is no model")
    return detail.record.latest or NONE


NONE: Final = "none"
"""The latest version of a model that has none, in ``plan.awaits``."""
