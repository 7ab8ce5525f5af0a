"""What the page of a model tells beside its versions: its drift by feature, and what trains now."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from opsboard.adapter import Grid, GridRow, Series, SourceError
from opsboard.records import Drift, listed_ref
from opsboard.text.numbers import format_metric
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.listing.partial import collecting_errors
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.listings import RUNS
from opsboard_adapters.mlflow.sections import iso, series
from opsboard_adapters.mlflow.states import RUN_STATES
from opsboard_adapters.mlflow.structs import MLflowMetric, MLflowRun, moment, thinned
from opsboard_adapters.mlflow.translate import MLflowTranslator

DRIFT_CHARTS: Final = 4
"""Measures of drift that are plotted, the worst first."""
UNDER_WAY: Final = 20
"""Runs under way that are listed, the newest."""
EXPERIMENTS: Final = 20
"""Experiments of the newest versions that are searched for runs under way."""
POINTS: Final = 200
"""Points of a plot: more do not fit a terminal."""
_ACTIVE: Final = "attributes.status = 'RUNNING'"


# --- drift ---------------------------------------------------------------------------------------


def drift_grid(drifts: Sequence[Drift]) -> Grid:
    """Return how each measure of a model stands, the worst first, with the feature it is of."""
    features = any(drift.feature for drift in drifts)
    shown = sorted(drifts, key=_badness)
    return Grid(
        title="Drift",
        columns=(
            "Metric",
            *(("Feature",) if features else ()),
            "Version",
            "Value",
            "Threshold",
            "Measured",
        ),
        rows=tuple(_drift_row(drift, features=features) for drift in shown),
        empty="no drift is measured",
    )


def _badness(drift: Drift) -> tuple[int, float, str]:
    """Return a key by which the worst is the first: by status, then by how near it is."""
    share = abs(drift.value / drift.threshold) if drift.threshold else 0.0
    known = share if share == share else 0.0  # noqa: PLR0124 - NaN
    nearness = known if drift.direction == "above" else -known
    return (-drift.status.severity, -nearness, drift.metric)


def _drift_row(drift: Drift, *, features: bool) -> GridRow:
    return GridRow(
        cells=(
            drift.metric,
            *((drift.feature,) if features else ()),
            drift.version,
            format_metric(drift.value),
            "" if drift.threshold is None else format_metric(drift.threshold),
            iso(drift.measured_at),
        ),
        status=drift.status,
        record=drift,
    )


def drift_charts(
    drifts: Iterable[Drift],
    readings: Iterable[tuple[DriftReading, Sequence[MLflowMetric]]],
) -> list[Series]:
    """Return plots of the worst of *drifts*, each with its threshold.

    *readings* come with what is known of their history within their run.
    """
    measured = {reading.key: (reading, history) for reading, history in readings}
    found: list[Series] = []
    for drift in sorted(drifts, key=_badness):
        reading, history = measured.get((drift.model, drift.version, drift.metric), (None, ()))
        if reading is None:
            continue
        own = [*(one for one in history if one != reading.latest), reading.latest]
        points = thinned([*reading.earlier, *own], POINTS)
        axis: Literal["", "time"] = "time" if reading.earlier else ""
        if len(points) > 1:
            found.append(series(drift.metric, points, drift.threshold, axis))
    return found[:DRIFT_CHARTS]


# --- what trains now -----------------------------------------------------------------------------


async def under_way(
    translator: MLflowTranslator,
    origins: Iterable[VersionOrigin],
    api: MLflowApi,
    faults: list[SourceError],
) -> tuple[Grid, ...]:
    """Return the runs under way in the experiments in which versions of a model were trained.

    A run says of which model it is only once it has registered a version: none is taken for one of
    this model before. What measures drift is left out.
    """
    ids = dict.fromkeys(origin.run.info.experiment_id for origin in origins if origin.run)
    experiments = list(ids)[:EXPERIMENTS]
    if not experiments:
        return ()
    skips = SkippedRecords("runs")
    runs: Sequence[MLflowRun] = ()
    names: Mapping[str, str] = {}
    with collecting_errors(faults):
        found = await api.search_runs(_ACTIVE, experiments, skips, UNDER_WAY)
        runs = [one for one in found.items if not translator.is_monitor(one)][:UNDER_WAY]
        names = await api.experiment_names(one.info.experiment_id for one in runs)
    return (
        Grid(
            title="Under way in the experiments of its versions",
            columns=("Run", "By", "Started", "Metrics", "Experiment"),
            rows=tuple(_run_row(translator, one, names) for one in runs),
            empty="could not be read" if faults else "no run trains now",
        ),
    )


def _run_row(translator: MLflowTranslator, run: MLflowRun, names: Mapping[str, str]) -> GridRow:
    tags, info = run.data.tags, run.info
    measured = translator.ordered(run.data.metrics)[:2]
    metrics = [f"{one.key} {format_metric(one.value)}" for one in measured]
    return GridRow(
        cells=(
            info.run_name or run.id,
            tags.get("mlflow.user", "") or info.user_id,
            iso(moment(info.start_time)),
            "  ".join(metrics),
            names[info.experiment_id],
        ),
        status=RUN_STATES.get(info.status),
        ref=listed_ref(translator.source, RUNS.name, run.id),
    )
