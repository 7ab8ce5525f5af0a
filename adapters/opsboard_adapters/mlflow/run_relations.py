"""What a run belongs to, which runs it began, and what was registered of it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Grid, GridRow, NotFound, SourceError
from opsboard.records import listed_ref
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import collecting_errors
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import RUNS_LISTING, version_ref
from opsboard_adapters.mlflow.listed_pages import run_row
from opsboard_adapters.mlflow.run_rows import PARENT
from opsboard_adapters.mlflow.sections import iso
from opsboard_adapters.mlflow.structs import MLflowRun, MLflowVersion, moment
from opsboard_adapters.mlflow.transport import quoted

CHILDREN: Final = 100
"""Runs that a run began which its page lists, the newest."""


async def belongs_to(source: str, run: MLflowRun, api: MLflowApi) -> Grid:
    """Return the experiment of *run*, and the run that it is nested in.

    Where their names cannot be read, their ids stand for them.
    """
    parent_id = run.data.tags.get(PARENT, "")
    names, parent = await asyncio.gather(
        api.experiment_names([run.info.experiment_id]),
        _run_name(parent_id, api),
    )
    rows = [
        GridRow(
            cells=("experiment", names[run.info.experiment_id]),
            ref=listed_ref(source, "experiments", run.info.experiment_id),
        )
    ]
    if parent_id:
        ref = listed_ref(source, RUNS_LISTING, parent_id)
        rows.append(GridRow(cells=("run", parent), ref=ref))
    return Grid(title="Belongs to", columns=("What", "Name"), rows=tuple(rows))


async def _run_name(identity: str, api: MLflowApi) -> str:
    if not identity:
        return ""
    try:
        return (await api.run(identity)).info.run_name or identity
    except NotFound:
        return f"{identity} (not on this server any more)"
    except SourceError:
        return identity


async def children(
    source: str, run: MLflowRun, api: MLflowApi, faults: list[SourceError]
) -> tuple[Grid, ...]:
    """Return the runs that are nested in *run*, the newest first; no section where none is."""
    found: Sequence[MLflowRun] = ()
    condition = f"tags.`{PARENT}` = {quoted(run.id)}"
    experiments = [run.info.experiment_id]
    with collecting_errors(faults):
        skips = SkippedRecords("runs")
        found = (await api.search_runs(condition, experiments, skips, CHILDREN + 1)).items
    if not found:
        return ()
    more = f", the newest {CHILDREN}" if len(found) > CHILDREN else ""
    return (
        Grid(
            title=f"Nested runs{more}",
            columns=("Run", "Metrics", "By", "Started"),
            rows=tuple(run_row(source, one) for one in found[:CHILDREN]),
        ),
    )


async def registered_as(
    source: str, run: MLflowRun, registry_api: MLflowApi, faults: list[SourceError]
) -> tuple[Grid, ...]:
    """Return the versions of models that *run* trained; no section where none is registered."""
    found: Sequence[MLflowVersion] = ()
    with collecting_errors(faults):
        found = await registry_api.versions_of_run(run.id, SkippedRecords("versions"))
    if not found:
        return ()
    return (
        Grid(
            title="Registered as",
            columns=("Model", "Version", "Created"),
            rows=tuple(_version_row(source, one) for one in found),
        ),
    )


def _version_row(source: str, one: MLflowVersion) -> GridRow:
    return GridRow(
        cells=(one.name, one.version, iso(moment(one.creation_timestamp))),
        ref=version_ref(source, one.name, one.version),
    )
