"""What to know before an alias is moved."""

from collections.abc import Iterator
from typing import Final

from opsboard.adapter import Finding
from opsboard.adapter.actions.findings import (
    blocker,
    destination_failing,
    destination_not_known,
    note,
    warning,
)
from opsboard.text.numbers import natural_key
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage
from opsboard_adapters.mlflow.actions.candidates import served_before
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion

NO_COMPARE_AND_SET: Final = (
    "MLflow has no compare-and-set: it is read again right before and after, and who moves it in "
    "the same moment is overwritten"
)
LOADED: Final = "servers keep the version that they have loaded until they look the alias up again"


def findings(
    alias: AliasOrStage, before: tuple[str, ...], target: MLflowVersion, snapshot: ModelSnapshot
) -> list[Finding]:
    """Return what to know before *alias* is moved from *before* to *target*."""
    return [
        *_of_status(target),
        *_of_run(target, snapshot),
        *_of_drift(target, snapshot),
        *_of_metrics(before, target, snapshot),
        *_of_others(alias, before, snapshot),
        *_of_past(alias, target, snapshot),
        *(warning(f"not all could be read: {fault}") for fault in snapshot.unread),
        note(LOADED),
        note(NO_COMPARE_AND_SET),
    ]


def _of_status(target: MLflowVersion) -> Iterator[Finding]:
    if target.status == "READY":
        return
    why = f": {target.status_message}" if target.status_message else ""
    text = f"version {target.version} is not ready ({target.status}){why}"
    failed = target.status == "FAILED_REGISTRATION"
    yield blocker(text) if failed else warning(text)


def _of_run(target: MLflowVersion, snapshot: ModelSnapshot) -> Iterator[Finding]:
    run = snapshot.run(target)
    if run is None:
        yield _without_run(target)
    elif run.deleted:
        yield warning(f"the run that trained version {target.version} is deleted")
    elif run.info.status in {"FAILED", "KILLED"}:
        yield warning(f"the run that trained version {target.version} ended {_ended(run)}")


def _without_run(target: MLflowVersion) -> Finding:
    if not target.run_id:
        return note(f"version {target.version} was registered without a run")
    return warning(
        f"the run that trained version {target.version} is purged, or not visible: "
        "its metrics are not known"
    )


def _ended(run: MLflowRun) -> str:
    return "failed" if run.info.status == "FAILED" else "killed"


def _of_drift(target: MLflowVersion, snapshot: ModelSnapshot) -> Iterator[Finding]:
    """Yield how *target* drifts, as far as that is known."""
    drifted = snapshot.drifted(target)
    if not snapshot.drifts.get(target.version) and any(snapshot.drifts.values()):
        yield destination_not_known(
            f"how version {target.version} drifts has not been measured recently"
        )
    if drifted is not None:
        at = f" ({drifted.measured_at:%Y-%m-%d %H:%M} UTC)" if drifted.measured_at else ""
        yield destination_failing(f"when last seen{at}, {drifted.message}")


def _of_metrics(
    before: tuple[str, ...], target: MLflowVersion, snapshot: ModelSnapshot
) -> Iterator[Finding]:
    current = snapshot.registry.version(snapshot.name, before[0]) if before else None
    if current is None or snapshot.run(target) is None:
        return
    had, has = (
        {one.key for one in snapshot.translator.shown_metrics(snapshot.origin(one))}
        for one in (current, target)
    )
    missing = sorted(had - has, key=natural_key)
    if missing:
        yield note(f"version {target.version} has no {', '.join(missing)} to compare")


def _of_others(
    alias: AliasOrStage, before: tuple[str, ...], snapshot: ModelSnapshot
) -> Iterator[Finding]:
    for number in before:
        aliases = snapshot.registry.aliases_of(snapshot.name, number)
        others = [f"alias {one}" for one in aliases if one != alias.word]
        known = snapshot.registry.version(snapshot.name, number)
        if known is not None and known.stage and not alias.is_stage:
            others.append(f"stage {known.stage}")
        if others:
            yield note(f"version {number} keeps {', '.join(others)}")


def _of_past(
    alias: AliasOrStage, target: MLflowVersion, snapshot: ModelSnapshot
) -> Iterator[Finding]:
    served = served_before(alias, snapshot)
    if served and target.version not in served:
        yield note(f"version {target.version} is not known to have served before")
