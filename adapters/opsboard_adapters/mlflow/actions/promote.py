"""Promoting a version: the alias, or the stage, that says what serves moves forward to it.

It is the same move as a rollback, with the same marks, and judged in the other direction: what is
offered first is the newest version that is well, and metrics that are worse than those of the
version that serves are a warning.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from opsboard.adapter import Difference, Effect, Finding, Request, SourceError, Unsupported
from opsboard.adapter.actions import Draft, ReadContext
from opsboard.adapter.actions.findings import note, warning
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage
from opsboard_adapters.mlflow.actions.candidates import promotion_target
from opsboard_adapters.mlflow.actions.rollback import (
    ModelRollbackPayload,
    RollbackModel,
    read_snapshot,
)
from opsboard_adapters.mlflow.actions.signature import signature_changes
from opsboard_adapters.mlflow.actions.snapshot import ModelReader, ModelSnapshot
from opsboard_adapters.mlflow.actions.specs import PROMOTE

NAMED: Final = 8
"""Metrics that a finding names."""


class PromoteModel(RollbackModel):
    """Lets an alias, or a stage, point to a version that is to serve."""

    spec = PROMOTE

    def default_version(self, alias: AliasOrStage, snapshot: ModelSnapshot) -> str:
        return promotion_target(alias, snapshot)

    def invalid_values(self, request: Request, faults: Mapping[str, str]) -> SourceError:
        if "to" in faults and not request.values.get("to"):
            return Unsupported(
                f"{request.ref.id} has no newer version to promote",
                "choose the version that is to serve",
            )
        return super().invalid_values(request, faults)

    async def draft(
        self, ctx: ReadContext[ModelReader], request: Request, values: Mapping[str, str]
    ) -> Draft[ModelRollbackPayload]:
        draft = await super().draft(ctx, request, values)
        snapshot, _ = await read_snapshot(ctx, request)
        current = snapshot.registry.version(snapshot.name, next(iter(draft.origin), ""))
        changed: Sequence[Difference] = ()
        signed: Sequence[Finding] = ()
        if current is not None:
            target = snapshot.version(draft.payload.to)
            changed, signed = await signature_changes(ctx.client, snapshot, current, target)
        told = (*_worse(draft), *signed, *_backwards(draft), *draft.findings)
        return replace(draft, changes=(*draft.changes, *changed), findings=told)


def _worse(draft: Draft[ModelRollbackPayload]) -> Iterator[Finding]:
    """Yield that metrics are worse than those of the version that serves."""
    compared = [one for one in draft.changes if one.group == "metrics" and one.before and one.after]
    worse = [one for one in compared if one.effect is Effect.WORSE]
    if worse:
        names = ", ".join(map(_change, worse[:NAMED]))
        more = f" and {len(worse) - NAMED} more" if len(worse) > NAMED else ""
        text = f"{len(worse)} of {len(compared)} metrics are worse than those of {draft.before}"
        yield warning(f"{text}: {names}{more}")


def _change(one: Difference) -> str:
    return f"{one.name} {one.before} to {one.after}"


def _backwards(draft: Draft[ModelRollbackPayload]) -> Iterator[Finding]:
    """Yield that the version is older than the one that serves."""
    numbers = [number for number in (*draft.origin, draft.payload.to) if number.isdigit()]
    if len(numbers) > 1 and int(numbers[-1]) < int(numbers[0]):
        yield note(f"{draft.after} is older than {draft.before}: this is a rollback")
