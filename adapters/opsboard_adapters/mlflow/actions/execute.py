"""Carry out a plan: look again, leave a mark, move, look again."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from opsboard.adapter import (
    NotFound,
    OutcomeUnknown,
    Permit,
    Plan,
    PreconditionFailed,
    Receipt,
    SourceError,
)
from opsboard_adapters.mlflow.actions.aliases import versions_at
from opsboard_adapters.mlflow.actions.outcome import Aim, receipt
from opsboard_adapters.mlflow.actions.snapshot import SnapshotReader
from opsboard_adapters.mlflow.actions.version_text import versions
from opsboard_adapters.mlflow.api import MLflowApi

_TAG = "registered-models/set-tag"


async def execute(plan: Plan, permit: Permit, api: MLflowApi, reader: SnapshotReader) -> Receipt:
    """Move what *plan* moves, to where it says.

    The mark comes first, so that a crash in between can be told from a plan that nobody began;
    it says that it is done once it is. Where it cannot be written, nothing was moved.
    """
    aim = Aim.of(plan)
    with permit.used_for(plan):
        await _look_again(aim, reader)
        await _mark(plan, aim, api, permit)
        await _move(aim, api, permit)
        noted = await _note_done(plan, aim, api, permit)
    return receipt(plan, aim, await _seen(aim, reader), noted=noted)


async def _look_again(aim: Aim, reader: SnapshotReader) -> None:
    """Raise :exc:`PreconditionFailed` where the world is not any more as planned."""
    try:
        registry = await reader.registry(aim.model)
    except NotFound:
        raise PreconditionFailed(f"model {aim.model} is gone", "look at the registry") from None
    now = versions_at(aim.pointer, aim.model, registry)
    if now != aim.before:
        raise PreconditionFailed(
            f"{aim.pointer.title} of {aim.model} points to {versions(now)} now, "
            f"and pointed to {versions(aim.before)}",
            "look at who moved it, and plan again",
        )
    if not any(one.version == aim.to for one in registry.versions_of(aim.model)):
        raise PreconditionFailed(
            f"version {aim.to} of {aim.model} is gone", "plan again, with another version"
        )


async def _mark(plan: Plan, aim: Aim, api: MLflowApi, permit: Permit) -> None:
    try:
        await api.change("POST", _TAG, _tag(aim.model, aim.pointer.mark, plan.id), permit)
    except OutcomeUnknown as error:
        raise SourceError(f"nothing was moved: {error.message}", error.hint) from None


async def _move(aim: Aim, api: MLflowApi, permit: Permit) -> None:
    body: dict[str, Any] = {"name": aim.model, "version": aim.to}
    if aim.pointer.is_stage:
        body |= {"stage": aim.pointer.name, "archive_existing_versions": True}
        await api.change("POST", "model-versions/transition-stage", body, permit)
    else:
        body |= {"alias": aim.pointer.name}
        await api.change("POST", "registered-models/alias", body, permit)


async def _note_done(plan: Plan, aim: Aim, api: MLflowApi, permit: Permit) -> bool:
    """Leave a trace of what served before; return whether that could be done."""
    try:
        for key, value in ((aim.pointer.trace, aim.trace), (aim.pointer.mark, aim.done(plan))):
            await api.change("POST", _TAG, _tag(aim.model, key, value), permit)
    except SourceError:
        return False  # it is moved all the same
    return True


async def _seen(aim: Aim, reader: SnapshotReader) -> tuple[str, ...] | None:
    with suppress(SourceError):
        return versions_at(aim.pointer, aim.model, await reader.registry(aim.model))
    return None


def _tag(model: str, key: str, value: str) -> Mapping[str, str]:
    return {"name": model, "key": key, "value": value}
