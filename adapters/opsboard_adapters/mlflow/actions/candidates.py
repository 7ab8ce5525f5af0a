"""Which version to go back to: one that served before, or the newest healthy earlier one."""

from collections.abc import Iterator, Sequence
from typing import Final

from opsboard_adapters.mlflow.actions.aliases import AliasOrStage, versions_at
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.structs import MLflowVersion

MAX_TRACED: Final = 20
"""Versions that a trace holds."""


def served_before(alias: AliasOrStage, snapshot: ModelSnapshot) -> list[str]:
    """Return the versions known to have served, the latest first.

    MLflow keeps no history of aliases. What is known is what was moved from here, since that
    leaves a trace in a tag; and with stages, what has been archived.
    """
    archived = [one.version for one in snapshot.versions if one.stage == "Archived"]
    return list(dict.fromkeys([*_traced(alias, snapshot), *archived]))


def versions_served(alias: AliasOrStage, snapshot: ModelSnapshot) -> str:
    """Return what the trace says once *alias* is moved from where it points now."""
    now = versions_at(alias, snapshot.name, snapshot.registry)
    return ",".join(list(dict.fromkeys([*now, *_traced(alias, snapshot)]))[:MAX_TRACED])


def _traced(alias: AliasOrStage, snapshot: ModelSnapshot) -> list[str]:
    trace = snapshot.model.tags.get(alias.trace, "")
    return [word for word in trace.split(",") if word.isdigit()]


def default_target(alias: AliasOrStage, snapshot: ModelSnapshot) -> str:
    """Return the version to go back to: the last earlier one that served and is healthy.

    Without one, the newest earlier one that is healthy as far as is known; ``""`` where
    there is none. Where nothing serves, all versions are earlier ones.
    """
    now = versions_at(alias, snapshot.name, snapshot.registry)
    current = snapshot.registry.version(snapshot.name, now[0]) if now else None
    earlier = [one for one in snapshot.versions if current is None or one.number < current.number]
    ordered = list(_preferred(earlier, served_before(alias, snapshot)))
    well = [one for one in ordered if is_healthy(one, snapshot)]
    ready = [one for one in ordered if one.status == "READY"]
    return next((one.version for one in (*well, *ready)), "")


def promotion_target(alias: AliasOrStage, snapshot: ModelSnapshot) -> str:
    """Return the version to promote: the newest one that is healthy, as far as is known.

    Without one that is newer than what serves, ``""``.
    """
    now = versions_at(alias, snapshot.name, snapshot.registry)
    current = snapshot.registry.version(snapshot.name, now[0]) if now else None
    newer = [one for one in snapshot.versions if current is None or one.number > current.number]
    ordered = sorted(newer, key=lambda one: one.number, reverse=True)
    well = [one for one in ordered if is_healthy(one, snapshot)]
    ready = [one for one in ordered if one.status == "READY"]
    return next((one.version for one in (*well, *ready)), "")


def _preferred(earlier: Sequence[MLflowVersion], served: Sequence[str]) -> Iterator[MLflowVersion]:
    by_number = {one.version: one for one in earlier}
    yield from (by_number[number] for number in served if number in by_number)
    yield from (one for one in earlier if one.version not in served)


def is_healthy(version: MLflowVersion, snapshot: ModelSnapshot) -> bool:
    """Return whether *version* is ready, its run did not fail, and it has not drifted."""
    run = snapshot.run(version)
    failed = run is not None and run.info.status in {"FAILED", "KILLED"}
    return version.status == "READY" and not failed and snapshot.drifted(version) is None
