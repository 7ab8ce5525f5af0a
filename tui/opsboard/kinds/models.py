"""Columns of registered models, their versions, and drift."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.kinds.columns import (
    ENVIRONMENT,
    REASON,
    SOURCE,
    STATUS,
    Cell,
    CellRole,
    Column,
    age_column,
    text_column,
)
from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.rules import AlertRule, FailureRule, Subject
from opsboard.kinds.sparkline import sparkline
from opsboard.records import Drift, Kind, Model, ModelVersion
from opsboard.records.commits import short_sha
from opsboard.text.numbers import format_metric, natural_key


def _metrics(record: Model | ModelVersion, _: datetime) -> Cell:
    texts = [f"{metric.name} {format_metric(metric.value)}" for metric in record.metrics]
    return Cell("  ".join([*texts, *([f"+{record.more_metrics}"] if record.more_metrics else [])]))


def _aliases(model: Model, _: datetime) -> Cell:
    return Cell(", ".join(f"{alias.name}→{alias.version}" for alias in model.aliases))


def _named(field: str, title: str, width: int, most: int) -> Column:
    """Return a column of names in natural order: ``class_2`` before ``class_10``."""
    return replace(
        text_column(field, title, width, most, priority=0),
        key=lambda record: natural_key(getattr(record, field).casefold()),
    )


def _sortable(value: float) -> float:
    """Return *value*, or the least there is for NaN, which training runs log and no order has."""
    return -math.inf if math.isnan(value) else value


def _metric_key(record: Model | ModelVersion) -> tuple[float, ...]:
    return tuple(_sortable(metric.value) for metric in record.metrics[:1])


MODELS = (
    STATUS,
    _named("name", "name", 14, 40),
    Column(
        "serving", "serving", lambda m, _: Cell(f"v{m.serving}" if m.serving else ""),
        lambda m: natural_key(m.serving), 7, 8, 1, right=True,
    ),
    Column(
        "latest", "latest",
        lambda m, _: Cell(f"v{m.latest}" if m.latest else "", role=CellRole.MUTED),
        lambda m: natural_key(m.latest), 6, 8, 2, right=True,
    ),
    REASON,
    Column(
        "metrics", "metrics", _metrics, _metric_key, 12, 60, 3
    ),
    Column("aliases", "aliases", _aliases, lambda m: m.aliases, 10, 40, 4),
    ENVIRONMENT,
    text_column("owner", "owner", 6, 16, priority=6),
    age_column("updated_at", "changed", priority=1),
    SOURCE,
)  # fmt: skip

VERSIONS = (
    STATUS,
    _named("model", "model", 12, 36),
    Column(
        "version", "version", lambda v, _: Cell(f"v{v.version}"),
        lambda v: natural_key(v.version), 7, 8, 0, right=True,
    ),
    Column(
        "aliases", "aliases", lambda v, _: Cell(", ".join(v.aliases)), lambda v: v.aliases,
        8, 24, 1,
    ),
    text_column("stage", "stage", 6, 12, priority=5),
    Column(
        "metrics", "metrics", _metrics, _metric_key, 12, 60, 2
    ),
    text_column("author", "by", 6, 16, priority=4),
    Column(
        "commit", "commit",
        lambda v, _: Cell(short_sha(v.commit), role=CellRole.MUTED), lambda v: v.commit,
        7, 7, 6,
    ),
    text_column("dataset", "data set", 8, 24, priority=7),
    age_column("created_at"),
    SOURCE,
)  # fmt: skip


def _value(drift: Drift, _: datetime) -> Cell:
    return Cell(format_metric(drift.value), drift.display_status)


def _threshold(drift: Drift, _: datetime) -> Cell:
    if drift.threshold is None:
        return Cell("", role=CellRole.MUTED)
    sign = ">" if drift.direction == "above" else "<"
    sign += "=" if drift.inclusive else ""
    return Cell(f"{sign} {format_metric(drift.threshold)}", role=CellRole.MUTED)


def _trend(drift: Drift, _: datetime) -> Cell:
    """The last values, each as one of eight levels: a digit that the screen draws as a bar."""
    return Cell(sparkline(drift.trend))


DRIFT = (
    STATUS,
    _named("model", "model", 12, 36),
    Column(
        "version", "ver", lambda d, _: Cell(f"v{d.version}" if d.version else ""),
        lambda d: natural_key(d.version), 4, 8, 1, right=True,
    ),
    _named("metric", "metric", 10, 30),
    Column("value", "value", _value, lambda d: _sortable(d.value), 7, 11, 0, right=True),
    Column(
        "threshold", "limit", _threshold, lambda d: _sortable(d.threshold or 0.0), 7, 13, 1,
        right=True,
    ),
    Column("trend", "trend", _trend, lambda d: [_sortable(v) for v in d.trend], 12, 12, 3),
    ENVIRONMENT,
    age_column("measured_at"),
    SOURCE,
)  # fmt: skip


class DriftAlertRule(AlertRule[Drift]):
    """A measure beyond its threshold is an alert, whatever the status of its record."""

    def has_verdict(self, record: Drift) -> bool:
        return True

    def is_failing(self, record: Drift) -> bool:
        return record.threshold is not None and record.crossed

    def has_recovered(self, record: Drift) -> bool:
        return not record.crossed

    def failure_id(self, record: Drift) -> str:
        return f"drift:{record.id}:{record.version}"

    def name(self, record: Drift) -> str:
        return " ".join(filter(None, (record.model, record.version, record.metric)))

    def reason(self, record: Drift) -> str:
        return record.reason or "drift"

    def message(self, record: Drift) -> str:
        if record.message or record.threshold is None:
            return record.message
        limit = f"{record.direction} {format_metric(record.threshold)}"
        return f"{record.metric} is {format_metric(record.value)}, {limit}"

    def since(self, record: Drift) -> datetime | None:
        return record.crossed_at or record.measured_at


class ModelFailureRule(FailureRule[Model]):
    """A model fails at the version that serves."""

    ends_with_record = True

    def subject(self, record: Model) -> Subject:
        return (record.source, Kind.MODEL, record.name)

    def versions(self, record: Model) -> Iterable[str]:
        return (record.serving,)


class ModelPartFailureRule(FailureRule[ModelVersion | Drift]):
    """A version of a model, or its drift, tells how the model does at that version."""

    def subject(self, record: ModelVersion | Drift) -> Subject:
        return (record.source, Kind.MODEL, record.model)

    def versions(self, record: ModelVersion | Drift) -> Iterable[str]:
        return (record.version,)


MODEL: Final = BoardKind(
    Kind.MODEL, Model, title="Models", columns=MODELS,
    search=("name", "reason", "message", "owner", "description", "environment"), charted=True,
    identities=("model-version", "model-alias"),
    aliases=("model", "m"), number=3, failures=ModelFailureRule(), natural=True,
    heartbeat=("updated_at", "message", "versions", "more_metrics"),
)  # fmt: skip
MODEL_VERSION: Final = BoardKind(
    Kind.MODEL_VERSION, ModelVersion, title="Versions", plural="model versions", columns=VERSIONS,
    charted=True,
    order="age", search=("model", "version", "stage", "author", "commit", "dataset", "reason"),
    identities=("model-version", "model-alias", "logged-model", "run", "commit", "dataset"),
    represents=("model-version", "model-alias"),
    pane="versions", aliases=("version",), failures=ModelPartFailureRule(), cached=False,
    in_status=False, natural=True, heartbeat=("updated_at", "message", "more_metrics"),
    actor="author", listed_in_part=True,
)  # fmt: skip


def drift_rank(drift: Drift) -> tuple[int, float]:
    """Return a key by which the worst of several measures is the greatest."""
    share = abs(drift.value / drift.threshold) if drift.threshold else 0.0
    return (drift.status.severity, share if share == share else 0.0)  # noqa: PLR0124 - NaN


DRIFT_MEASURE: Final = BoardKind(
    Kind.DRIFT, Drift, title="Drift", columns=DRIFT, charted=True,
    search=(
        "model", "metric", "version", "method", "feature", "reason", "message", "environment"
    ),
    identities=("model-version", "run"),
    alert=DriftAlertRule(), failures=ModelPartFailureRule(), in_status=False, natural=True,
    heartbeat=("updated_at", "message", "measured_at", "crossed_at", "trend", "run"),
    dated_by=("measured_at",),
    listed_in_part=True,
)  # fmt: skip
