"""The runs that measure the drift of a version: the one that trained it, and monitoring runs."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from opsboard_adapters.listing.completeness import RECORDS_PER_TURN
from opsboard_adapters.mlflow.drift import DriftReading, readings, subject
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.registry import RegistryState
from opsboard_adapters.mlflow.settings import MLflowSettings
from opsboard_adapters.mlflow.structs import MLflowRun

Key = tuple[str, str]
"""A model's name and a version."""


def monitors_by_version(
    runs: Iterable[MLflowRun], settings: MLflowSettings, registry: RegistryState
) -> dict[Key, list[MLflowRun]]:
    """Return those of *runs* that measure a version, by what they measure."""
    found: dict[Key, list[MLflowRun]] = {}
    for run in runs:
        about = subject(run, settings, registry)
        if about:
            found.setdefault(about, []).append(run)
    return found


async def all_monitors(
    runs: Iterable[MLflowRun], settings: MLflowSettings, registry: RegistryState
) -> dict[Key, list[MLflowRun]]:
    """As :func:`monitors_by_version`, for thousands of *runs*: other tasks run in between."""
    found: dict[Key, list[MLflowRun]] = {}
    every = tuple(runs)
    for start in range(0, len(every), RECORDS_PER_TURN):
        part = monitors_by_version(every[start : start + RECORDS_PER_TURN], settings, registry)
        for key, measuring in part.items():
            found.setdefault(key, []).extend(measuring)
        await asyncio.sleep(0)
    return found


def readings_of(
    key: Key,
    origin: VersionOrigin,
    monitors: Mapping[Key, list[MLflowRun]],
    settings: MLflowSettings,
    registry: RegistryState,
) -> list[DriftReading]:
    """Return what is known of the drift of a version, by its *origin* and its monitors."""
    own, logged = origin.trained, origin.logged
    others = monitors.get(key, [])
    # A run that both trains and measures is found twice, and must be listed once.
    runs = others if own is None else [own, *(run for run in others if run.id != own.id)]
    found = readings(*key, runs, settings, registry)
    if logged is None:
        return found
    return [
        replace(one, logged=logged) if one.run is own and one.metric in logged.latest else one
        for one in found
    ]
