"""The pages of an experiment, with its runs, and of a logged model."""

from dataclasses import replace
from typing import Final

from opsboard.adapter import Detail, Facts, Grid, GridRow, SourceError
from opsboard.records import Ref, Status, listed_key, listed_ref, row_of
from opsboard.text.numbers import format_metric
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.listing.partial import collecting_errors
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.detail import MLflowDetailReader
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.links import RUNS_LISTING
from opsboard_adapters.mlflow.sections import iso, labelled
from opsboard_adapters.mlflow.states import MODEL_STATES, RUN_STATES
from opsboard_adapters.mlflow.structs import MLflowRun, moment

RUNS_SHOWN: Final = 100
"""Runs of an experiment that its page lists, the newest; the listing of runs has more."""
_METRICS: Final = 3


async def experiment_page(ref: Ref, api: MLflowApi) -> Detail:
    """Return the page of the experiment *ref*. Raises :exc:`NotFound`."""
    _, experiment_id = listed_key(ref)
    one = await api.experiment(experiment_id)
    faults: list[SourceError] = []
    skips = SkippedRecords("runs")
    runs: list[MLflowRun] = []
    with collecting_errors(faults):
        runs = list((await api.search_runs("", [experiment_id], skips, RUNS_SHOWN + 1)).items)
    record = replace(
        row_of(ref),
        name=one.name or experiment_id,
        created_at=moment(one.creation_time),
    )
    more = f", the newest {RUNS_SHOWN}" if len(runs) > RUNS_SHOWN else ""
    return Detail(
        record=record,
        sections=(
            Facts(
                title="Experiment",
                facts=labelled(
                    ("Id", experiment_id),
                    ("Created", iso(moment(one.creation_time))),
                    ("Changed", iso(moment(one.last_update_time))),
                ),
            ),
            Grid(
                title=f"Runs{more}",
                columns=("Run", "Metrics", "By", "Started"),
                rows=tuple(run_row(ref.source, run) for run in runs[:RUNS_SHOWN]),
                empty="could not be read" if faults else "no run yet",
            ),
            *unread_section(faults, skips),
        ),
    )


def run_row(source: str, run: MLflowRun) -> GridRow:
    measured = [f"{one.key} {format_metric(one.value)}" for one in run.data.metrics]
    more = f"  +{len(measured) - _METRICS}" if len(measured) > _METRICS else ""
    return GridRow(
        cells=(
            run.info.run_name or run.id,
            f"{'  '.join(measured[:_METRICS])}{more}",
            run.data.tags.get("mlflow.user", "") or run.info.user_id,
            iso(moment(run.info.start_time)),
        ),
        status=RUN_STATES.get(run.info.status),
        ref=listed_ref(source, RUNS_LISTING, run.id),
    )


async def logged_model_page(ref: Ref, api: MLflowApi, reader: MLflowDetailReader) -> Detail:
    """Return the page of the logged model *ref*. Raises :exc:`NotFound`."""
    _, model_id = listed_key(ref)
    logged = await api.logged_model(model_id)
    info = logged.info
    faults: list[SourceError] = []
    origin = VersionOrigin(logged=logged, model_id=model_id)
    record = replace(
        row_of(ref),
        name=info.name or model_id,
        status=MODEL_STATES.get(info.status.removeprefix("LOGGED_MODEL_"), Status.UNKNOWN),
        created_at=moment(info.creation_timestamp_ms),
    )
    sections = await reader.origin_sections(origin, faults)
    return Detail(
        record=record,
        sections=(
            *sections,
            *unread_section(faults, SkippedRecords("history")),
        ),
    )
