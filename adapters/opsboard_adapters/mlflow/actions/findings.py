"""What to know before an alias is moved."""

from collections.abc import Iterator
from typing import Final

from opsboard.adapter import Finding, Severity
from opsboard.text.natural_order import natural_key
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
    pointer: AliasOrStage, before: tuple[str, ...], target: MLflowVersion, standing: ModelSnapshot
) -> list[Finding]:
    """Return what to know before *pointer* is moved from *before* to *target*."""
    return [
        *_of_status(target),
        *_of_run(target, standing),
        *of_drift(target, standing),
        *_of_metrics(before, target, standing),
        *_of_others(pointer, before, standing),
        *_of_past(pointer, target, standing),
        *(_warning(f"not all could be read: {told}") for told in standing.unread),
        _note(LOADED),
        _note(NO_COMPARE_AND_SET),
    ]


def _note(text: str) -> Finding:
    return Finding(severity=Severity.NOTE, text=text)


def _warning(text: str) -> Finding:
    return Finding(severity=Severity.WARNING, text=text)


def _of_status(target: MLflowVersion) -> Iterator[Finding]:
    if target.status == "READY":
        return
    why = f": {target.status_message}" if target.status_message else ""
    text = f"version {target.version} is not ready ({target.status}){why}"
    failed = target.status == "FAILED_REGISTRATION"
    yield Finding(severity=Severity.BLOCKER if failed else Severity.WARNING, text=text)


def _of_run(target: MLflowVersion, standing: ModelSnapshot) -> Iterator[Finding]:
    run = standing.run(target)
    if run is None:
        yield _without_run(target)
    elif run.deleted:
        yield _warning(f"the run that trained version {target.version} is deleted")
    elif run.info.status in {"FAILED", "KILLED"}:
        yield _warning(f"the run that trained version {target.version} ended {_ended(run)}")


def _without_run(target: MLflowVersion) -> Finding:
    if not target.run_id:
        return _note(f"version {target.version} was registered without a run")
    return _warning(
        f"the run that trained version {target.version} is purged, or not visible: "
        "its metrics cannot be told"
    )


def _ended(run: MLflowRun) -> str:
    return "failed" if run.info.status == "FAILED" else "killed"


def of_drift(target: MLflowVersion, standing: ModelSnapshot) -> Iterator[Finding]:
    """Yield how *target* drifts, as far as that is known."""
    drifted = standing.drifted(target)
    if not standing.drifts.get(target.version) and any(standing.drifts.values()):
        yield _note(f"how version {target.version} drifts has not been measured lately")
    if drifted is not None:
        at = f" ({drifted.measured_at:%Y-%m-%d %H:%M} UTC)" if drifted.measured_at else ""
        yield _warning(f"when last seen{at}, {drifted.message}")


def _of_metrics(
    before: tuple[str, ...], target: MLflowVersion, standing: ModelSnapshot
) -> Iterator[Finding]:
    current = standing.registry.version(standing.name, before[0]) if before else None
    if current is None or standing.run(target) is None:
        return
    had, has = (
        {one.key for one in standing.translator.telling(standing.origin(one))}
        for one in (current, target)
    )
    missing = sorted(had - has, key=natural_key)
    if missing:
        yield _note(f"version {target.version} has no {', '.join(missing)} to compare")


def _of_others(
    pointer: AliasOrStage, before: tuple[str, ...], standing: ModelSnapshot
) -> Iterator[Finding]:
    for number in before:
        aliases = standing.registry.aliases_of(standing.name, number)
        others = [f"alias {alias}" for alias in aliases if alias != pointer.word]
        known = standing.registry.version(standing.name, number)
        if known is not None and known.stage and not pointer.is_stage:
            others.append(f"stage {known.stage}")
        if others:
            yield _note(f"version {number} keeps {', '.join(others)}")


def _of_past(
    pointer: AliasOrStage, target: MLflowVersion, standing: ModelSnapshot
) -> Iterator[Finding]:
    served = served_before(pointer, standing)
    if served and target.version not in served:
        yield _note(f"version {target.version} is not known to have served before")
