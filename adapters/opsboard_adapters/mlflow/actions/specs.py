"""The specs of what can be done to a model. Imports nothing heavy: menus are made of them."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import ActionSpec
from opsboard.records import Kind, Model, ModelVersion, Record, Status
from opsboard_adapters.mlflow.links import RUNS_LISTING
from opsboard_adapters.mlflow.settings import MLflowSettings

OBSERVED_FOR: Final = 60.0
"""Seconds until what was written or moved has to be seen."""


def _disabled_reason(record: Record, settings: MLflowSettings) -> str:
    """Return why the alias of *record* cannot be moved now, or ``""``."""
    if isinstance(record, Model):
        return _disabled_for_model(record)
    if isinstance(record, ModelVersion):
        return _disabled_for_version(record, settings.leading_aliases)
    return ""


def _disabled_for_model(model: Model) -> str:
    if model.versions == 0:
        return "no version has been registered yet"
    if model.versions == 1 and model.serving:
        return f"version {model.serving} is the only one"
    return ""


def _disabled_for_version(version: ModelVersion, leading_aliases: Sequence[str]) -> str:
    if version.status is Status.FAILED:
        return version.reason or "it is not ready"
    leading = {alias.lower() for alias in leading_aliases}
    serves_as = [alias for alias in version.aliases if alias.lower() in leading]
    return f"it serves already, as {serves_as[0]}" if serves_as else ""


PROMOTE: Final = ActionSpec(
    id="promote",
    title="Promote: move alias",
    help="Let the leading alias, or the stage, point to a newer version; compares the two.",
    kinds=frozenset({Kind.MODEL, Kind.MODEL_VERSION}),
    disabled_reason=_disabled_reason,
)
ROLLBACK: Final = ActionSpec(
    id="rollback",
    title="Roll back: move alias",
    help="Move the leading alias, or the stage, to another version.",
    kinds=frozenset({Kind.MODEL, Kind.MODEL_VERSION}),
    disabled_reason=_disabled_reason,
)
TAG: Final = ActionSpec(
    id="tag",
    title="Edit a tag",
    help="Set a tag of it, or take it away.",
    kinds=frozenset({Kind.MODEL, Kind.MODEL_VERSION, Kind.LISTED}),
    listings=frozenset({RUNS_LISTING}),
    disruptive=False,
    needs_input=True,
)
DESCRIPTION: Final = ActionSpec(
    id="description",
    title="Edit the description",
    help="Write what it is.",
    kinds=frozenset({Kind.MODEL, Kind.MODEL_VERSION, Kind.LISTED}),
    listings=frozenset({RUNS_LISTING}),
    disruptive=False,
    needs_input=True,
)
