"""The sections of a detail: plain functions from what was read to what is shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from opsboard.adapter import Fact, Facts, Grid, GridRow, Point, Series, SourceError, TextSection
from opsboard.records import Drift, Model, ModelVersion
from opsboard.text.numbers import format_metric, natural_key
from opsboard_adapters.mlflow.drift import DriftReading
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.structs import (
    MLflowMetric,
    MLflowRun,
    MLflowVersion,
    RegisteredModel,
    moment,
)
from opsboard_adapters.mlflow.translate import metric_of
from opsboard_adapters.times import format_time

NAMED: Final = 20
"""Metrics that are left out, and named."""
COMPARED: Final = 4
"""Metrics that stand side by side in the comparison of versions."""


def labelled(*pairs: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)


def iso(time: datetime | None) -> str:
    return format_time(time.replace(microsecond=0) if time else None)


def _by_name(pair: tuple[str, str]) -> str:
    return natural_key(pair[0])


def passage(title: str, text: str) -> tuple[TextSection, ...]:
    return (TextSection(title=title, text=text),) if text.strip() else ()


def model_facts(model: RegisteredModel, record: Model) -> tuple[Fact, ...]:
    serving, latest = record.serving, record.latest
    aliases = ", ".join(
        f"{name} → {to}" for name, to in sorted(model.aliases.items(), key=_by_name)
    )
    return labelled(
        ("Serving", f"version {serving}" if serving else "no version is marked as serving"),
        ("Latest", f"version {latest}" if latest else "no version yet"),
        ("Environment", record.environment),
        ("Aliases", aliases),
        ("Owner", model.tags.get("owner") or model.user_id),
        ("Created", iso(moment(model.creation_timestamp))),
        ("Changed", iso(moment(model.last_updated_timestamp))),
    )


def left_out(label: str, names: Sequence[str], where: str) -> tuple[Facts, ...]:
    """Return that metrics are left out of what is above, which, and *where* they are to be seen."""
    if not names:
        return ()
    listed = ", ".join(names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    text = f"{len(names)} metric{'s' if len(names) > 1 else ''}: {listed}{more}; {where}"
    return (Facts(title="Left out", facts=(Fact(label=label, value=text),)),)


def versions_grid(rows: Sequence[ModelVersion], names: Sequence[str]) -> Grid:
    """Return the versions side by side, with the metrics of these *names*."""
    return Grid(
        title="Versions",
        columns=("Version", "Aliases", "Stage", *names, "By", "Created"),
        rows=tuple(_version_row(row, names) for row in rows),
        empty="no version yet",
    )


def _version_row(row: ModelVersion, names: Sequence[str]) -> GridRow:
    values = {one.name: format_metric(one.value) for one in row.metrics}
    return GridRow(
        cells=(
            row.version,
            ", ".join(row.aliases),
            row.stage,
            *(values.get(name, "") for name in names),
            row.author,
            iso(row.created_at),
        ),
        status=row.status,
        record=row,
    )


def pairs_grid(title: str, pairs: Mapping[str, str]) -> Grid:
    rows = tuple(GridRow(cells=(key, value)) for key, value in sorted(pairs.items(), key=_by_name))
    return Grid(title=title, columns=("Name", "Value"), rows=rows)


def metrics_grid(metrics: Sequence[MLflowMetric]) -> Grid:
    rows = [metric_of(one) for one in metrics]
    return Grid(
        title="Metrics",
        columns=("Name", "Value", "Step", "Logged"),
        rows=tuple(
            GridRow(cells=(one.name, format_metric(one.value), str(one.step), iso(one.at)))
            for one in rows
        ),
    )


def datasets_grid(run: MLflowRun) -> Grid:
    return Grid(
        title="Datasets",
        columns=("Name", "Used for", "Digest", "From", "Source"),
        rows=tuple(
            GridRow(
                cells=(
                    one.dataset.name,
                    one.tags.get("mlflow.data.context", ""),
                    one.dataset.digest,
                    one.dataset.source_type,
                    one.dataset.source,
                )
            )
            for one in run.inputs.dataset_inputs
        ),
    )


def version_facts(version: MLflowVersion, record: ModelVersion) -> tuple[Fact, ...]:
    return (
        Fact(label="Status", value=version.status.lower(), status=record.status),
        *labelled(
            ("Message", version.status_message),
            ("Aliases", ", ".join(record.aliases)),
            ("Stage", record.stage),
            ("By", record.author),
            ("Commit", record.commit),
            ("Dataset", record.dataset),
            ("Created", iso(record.created_at)),
            ("Changed", iso(record.updated_at)),
            ("Artifacts", version.source),
        ),
    )


def no_run(version: MLflowVersion, faults: Sequence[SourceError]) -> tuple[Facts, ...]:
    """Return why there is no run to show; *faults* if it could not be read."""
    why = "deleted for good, or not visible" if version.run_id else "registered without a run"
    why = "could not be read" if faults else why
    return (Facts(title="Training run", facts=labelled(("Run", version.run_id), ("Note", why))),)


def logged_model(origin: VersionOrigin) -> tuple[Facts, ...]:
    """Return what is known of the logged model that a version is of, where it is of one."""
    if not origin.model_id:
        return ()
    pairs = [("Logged model", origin.model_id)]
    if origin.logged is None:
        pairs.append(("Note", "not on this server any more" if origin.gone else "not read"))
    else:
        info = origin.logged.info
        pairs += [
            ("Name", info.name),
            ("Type", info.model_type),
            ("Status", info.status.removeprefix("LOGGED_MODEL_").lower()),
            ("Message", info.status_message),
            ("Source run", info.source_run_id),
            ("Created", iso(moment(info.creation_timestamp_ms))),
            *((f"Tag {key}", info.tags[key]) for key in sorted(info.tags, key=natural_key)),
        ]
    return (Facts(title="Logged model", facts=labelled(*pairs)),)


def series(
    title: str,
    points: Sequence[MLflowMetric],
    threshold: float | None = None,
    axis: Literal["", "step", "time"] = "",
) -> Series:
    return Series(
        title=title,
        points=tuple(
            Point(value=one.value, step=one.step, at=moment(one.timestamp)) for one in points
        ),
        threshold=threshold,
        axis=axis,
    )


def drift_facts(drift: Drift, reading: DriftReading) -> tuple[Fact, ...]:
    limit = reading.limit
    threshold = "none: it is only shown"
    if limit.threshold is not None:
        threshold = f"{limit.side} {format_metric(limit.threshold)} ({limit.origin})"
    return (
        Fact(label="Value", value=format_metric(drift.value), status=drift.status),
        *labelled(
            ("Drifts", threshold),
            ("Beyond it since", iso(drift.crossed_at)),
            ("Method", drift.method),
            ("Feature", drift.feature),
            ("Model", drift.model),
            ("Version", drift.version),
            ("Environment", drift.environment),
            ("Measured", iso(drift.measured_at)),
        ),
    )
