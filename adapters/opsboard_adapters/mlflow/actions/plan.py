"""The plan: what moving an alias would mean, found out by reading only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from opsboard.adapter import Difference, Fact, Permission, Plan, Request, Unsupported
from opsboard.environments.names import UNKNOWN
from opsboard_adapters.mlflow.actions.aliases import AliasOrStage, versions_at
from opsboard_adapters.mlflow.actions.candidates import served_before, traced
from opsboard_adapters.mlflow.actions.comparison import differences
from opsboard_adapters.mlflow.actions.findings import findings, of_drift
from opsboard_adapters.mlflow.actions.snapshot import ModelSnapshot
from opsboard_adapters.mlflow.actions.version_text import is_own, versions
from opsboard_adapters.mlflow.sections import iso, labelled
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion, moment

PATIENCE: Final = 60.0


def make_plan(
    request: Request,
    values: Mapping[str, str],
    pointer: AliasOrStage,
    target: MLflowVersion,
    standing: ModelSnapshot,
    *,
    permission: tuple[Permission, str],
    environments: tuple[str, ...],
    now: datetime,
) -> Plan:
    """Return the plan that moves *pointer* to *target*. Raises :exc:`Unsupported` if it is there.

    *values* are those of the form, filled in.
    """
    before = versions_at(pointer, standing.name, standing.registry)
    if before == (target.version,):
        raise Unsupported(
            f"{pointer.title} of {standing.name} points to version {target.version} already",
            "choose another version",
        )
    current = standing.registry.version(standing.name, before[0]) if before else None
    return Plan(
        made_at=now,
        action=request.action,
        title=f"{_verb(current, target)} {standing.name}",
        ref=request.ref,
        target=f"Model {standing.name} ({pointer.title}) in {request.ref.source}",
        name=standing.name,
        environment=environments[0] if environments[0] != UNKNOWN else "",
        environments=environments,
        before=versions(before),
        after=versions((target.version,)),
        origin=before,
        destination=(target.version,),
        about_destination=tuple(one.text for one in of_drift(target, standing)),
        changes=(*_moves(pointer, before, target), *differences(current, target, standing)),
        facts=_facts(pointer, target, standing),
        findings=tuple(findings(pointer, before, target, standing)),
        permission=permission[0],
        permission_note=permission[1],
        values=values,
        precondition={
            "model": standing.name,
            "pointer": pointer.word,
            "version": ",".join(before),
            "mark": standing.model.tags.get(pointer.mark, ""),
        },
        payload={"to": target.version, "trace": traced(pointer, standing)},
        timeout=PATIENCE,
    )


def _verb(current: MLflowVersion | None, target: MLflowVersion) -> str:
    if current is None:
        return "Serve"
    return "Promote" if target.number > current.number else "Roll back"


def _moves(
    pointer: AliasOrStage, before: tuple[str, ...], target: MLflowVersion
) -> list[Difference]:
    if not pointer.is_stage:
        told = versions(before) if before else None
        after = versions((target.version,))
        return [Difference(group="alias", name=pointer.name, before=told, after=after)]
    archived = [number for number in before if number != target.version]
    entered = [] if target.version in before else [(target.version, target.stage, pointer.name)]
    moved = [*entered, *((number, pointer.name, "Archived") for number in archived)]
    return [
        Difference(group="stage", name=f"version {number}", before=old or None, after=new)
        for number, old, new in moved
    ]


def _facts(
    pointer: AliasOrStage, target: MLflowVersion, standing: ModelSnapshot
) -> tuple[Fact, ...]:
    origin = standing.origin(target)
    tags = [f"{key}={value}" for key, value in sorted(target.tags.items()) if is_own(key)]
    served = target.version in served_before(pointer, standing)
    return labelled(
        ("Version", target.version),
        ("Created", iso(moment(target.creation_timestamp))),
        ("By", origin.author(target)),
        ("Commit", origin.commit(target)),
        ("Run", _run(target, origin.run)),
        ("Dataset", origin.dataset),
        ("Served", "before, as far as is known" if served else ""),
        ("Tags", ", ".join(tags)),
        ("Logged model", target.logged_model),
        ("Artifacts", target.source),
    )


def _run(target: MLflowVersion, run: MLflowRun | None) -> str:
    if not target.run_id:
        return "none"
    if run is None:
        return f"{target.run_id} (purged, or not visible)"
    deleted = ", deleted" if run.deleted else ""
    return f"{run.info.run_name or run.id} ({run.info.status.lower()}{deleted})"
