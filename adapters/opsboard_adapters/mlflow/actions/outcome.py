"""What came of a plan: told from where the alias points, and from the mark that was left."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import (
    Context,
    NotFound,
    Plan,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    SourceError,
    Verdict,
)
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage, versions_at
from opsboard_adapters.mlflow.actions.snapshot import SnapshotReader
from opsboard_adapters.mlflow.actions.version_text import versions
from opsboard_adapters.mlflow.links import version_ref

PAUSE: Final = 2.0
"""Seconds between two looks, while the server cannot be reached."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan moves, and from where to where."""

    model: str
    pointer: AliasOrStage
    before: tuple[str, ...]
    to: str
    trace: str
    mark_before: str

    @classmethod
    def of(cls, plan: Plan) -> "Aim":
        told = plan.precondition
        return cls(
            model=told["model"],
            pointer=AliasOrStage(told["pointer"]),
            before=tuple(filter(None, told["version"].split(","))),
            to=str(plan.payload["to"]),
            trace=str(plan.payload["trace"]),
            mark_before=told["mark"],
        )

    @staticmethod
    def done(plan: Plan) -> str:
        """Return what the mark says once *plan* is carried out; before, it is the id alone."""
        return f"{plan.id} done"


def receipt(plan: Plan, aim: Aim, seen: tuple[str, ...] | None, *, noted: bool = True) -> Receipt:
    """Return what to say of a plan that the server took; *seen* is where the alias was after."""
    message = f"{aim.pointer.title} of {aim.model} was moved to version {aim.to}"
    if seen is not None and seen != (aim.to,):
        message += f", and somebody else has moved it on to {versions(seen)}"
    if not noted:
        message += "; what served before could not be noted"
    return Receipt(
        message=message,
        reference=plan.id,
        produced=version_ref(plan.ref.source, aim.model, aim.to),
    )


async def observe(plan: Plan, reader: SnapshotReader, context: Context) -> AsyncIterator[Progress]:
    """Yield where the alias points, until that can be told."""
    aim = Aim.of(plan)
    said = ""
    while True:
        try:
            registry = await reader.registry(aim.model)
        except NotFound:
            yield _end(context, f"model {aim.model} is gone", Verdict.FAILED)
            return
        except SourceError as error:
            if error.message != said:
                yield Progress(message=error.message, total=1, at=context.now())
            said = error.message
            await context.pause(PAUSE)
            continue
        yield _judged(plan, aim, versions_at(aim.pointer, aim.model, registry), context)
        return


def _judged(plan: Plan, aim: Aim, now: tuple[str, ...], context: Context) -> Progress:
    said = f"{aim.pointer.title} of {aim.model} points to {versions(now)}"
    if now == (aim.to,):
        ref = version_ref(plan.ref.source, aim.model, aim.to)
        return _end(context, said, Verdict.SUCCEEDED).model_copy(
            update={"done": 1, "produced": ref}
        )
    return _end(context, f"{said}: somebody else has moved it", Verdict.FAILED)


def _end(context: Context, message: str, verdict: Verdict) -> Progress:
    return Progress(message=message, total=1, verdict=verdict, at=context.now())


async def reconcile(plan: Plan, reader: SnapshotReader) -> ReconcileResult:
    """Return what became of *plan*, as far as the registry tells.

    The alias is moved only once the server has taken the mark: without one, nothing that would
    move it was sent. With one, it may be under way, and MLflow has nothing that would refuse it.
    """
    aim = Aim.of(plan)
    try:
        registry = await reader.registry(aim.model)
    except NotFound:
        return ReconcileResult(
            outcome=ReconcileOutcome.UNKNOWN, message=f"model {aim.model} is gone"
        )
    now = versions_at(aim.pointer, aim.model, registry)
    mark = registry.models[aim.model].tags.get(aim.pointer.mark, "")
    fate, why = _fate(plan, aim, now, mark)
    said = f"{aim.pointer.title} of {aim.model} points to {versions(now)}: {why}"
    told = receipt(plan, aim, now) if fate is ReconcileOutcome.DONE else None
    never_begun = fate is ReconcileOutcome.NOT_DONE and mark != plan.id
    return ReconcileResult(outcome=fate, message=said, receipt=told, final=never_begun)


def _fate(plan: Plan, aim: Aim, now: tuple[str, ...], mark: str) -> tuple[ReconcileOutcome, str]:
    if mark == aim.done(plan):
        return ReconcileOutcome.DONE, "it was moved, as the mark on the model says"
    if mark == plan.id:
        return _begun(aim, now)
    if mark == aim.mark_before:
        return (
            ReconcileOutcome.NOT_DONE,
            "there is no mark of this plan on the model, so it was not begun",
        )
    return ReconcileOutcome.UNKNOWN, "another plan has left its mark since"


def _begun(aim: Aim, now: tuple[str, ...]) -> tuple[ReconcileOutcome, str]:
    if now == (aim.to,):
        return ReconcileOutcome.DONE, "it was begun, and points to where it should"
    if now == aim.before:
        return ReconcileOutcome.NOT_DONE, "it was begun, and points to where it did before"
    return ReconcileOutcome.UNKNOWN, "it was begun, and somebody has moved it since"
