"""Versions in few words: for options of a form, facts of a plan, and messages."""

from datetime import datetime
from typing import Final

from opsboard.text.numbers import format_metric
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.structs import MLflowVersion, moment
from opsboard_adapters.times import format_ago

METRICS: Final = 3
"""Metrics that tell a version from the others."""
COMMIT: Final = 7


def versions(numbers: tuple[str, ...]) -> str:
    """Return the versions that something points to, in words."""
    if not numbers:
        return "no version"
    return f"version{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def note(version: MLflowVersion, standing: ModelSnapshot, now: datetime, *, served: bool) -> str:
    """Return what tells *version* from the others."""
    origin = standing.origin(version)
    metrics = standing.translator.metrics(origin)[:METRICS]
    drifted = standing.drifted(version)
    parts = [
        format_ago(moment(version.creation_timestamp), now),
        ", ".join(f"{one.name} {format_metric(one.value)}" for one in metrics),
        origin.author(version),
        origin.commit(version)[:COMMIT],
        _tags(version),
        "served before" if served else "",
        f"drifted: {drifted.metric} {format_metric(drifted.value)}" if drifted else "",
        "" if version.status == "READY" else version.status.lower().replace("_", " "),
    ]
    return " · ".join(part for part in parts if part)


def _tags(version: MLflowVersion) -> str:
    own = [(key, value) for key, value in sorted(version.tags.items()) if is_own(key)]
    return ", ".join(f"{key}={value}" if value else key for key, value in own[:METRICS])


def is_own(tag: str) -> bool:
    """Tell whether a tag was given by people, and not by MLflow or from here."""
    return not tag.startswith(("mlflow.", "opsboard."))
