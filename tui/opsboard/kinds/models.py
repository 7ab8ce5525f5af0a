"""Columns of registered models, their versions, and drift."""

import math
from dataclasses import replace
from datetime import datetime

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
from opsboard.records import Drift, Model, ModelVersion
from opsboard.text.natural_order import natural_key
from opsboard.text.numbers import format_metric

_LEVELS = 8


def _metrics(record: Model | ModelVersion, _: datetime) -> Cell:
    told = [f"{metric.name} {format_metric(metric.value)}" for metric in record.metrics]
    return Cell("  ".join([*told, *([f"+{record.more_metrics}"] if record.more_metrics else [])]))


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
    age_column("updated_at", priority=1),
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
        lambda v, _: Cell(v.commit[:7], role=CellRole.MUTED), lambda v: v.commit,
        7, 7, 6,
    ),
    text_column("dataset", "data set", 8, 24, priority=7),
    age_column("created_at"),
    SOURCE,
)  # fmt: skip


def _value(drift: Drift, _: datetime) -> Cell:
    return Cell(format_metric(drift.value), drift.status)


def _threshold(drift: Drift, _: datetime) -> Cell:
    if drift.threshold is None:
        return Cell("", role=CellRole.MUTED)
    sign = ">" if drift.direction == "above" else "<"
    sign += "=" if drift.inclusive else ""
    return Cell(f"{sign} {format_metric(drift.threshold)}", role=CellRole.MUTED)


def _trend(drift: Drift, _: datetime) -> Cell:
    """The last values, each as one of eight levels: a digit that the screen draws as a bar."""
    values = [value for value in drift.trend[-12:] if math.isfinite(value)]
    low, high = min(values, default=0.0), max(values, default=0.0)
    span = (high - low) or 1.0
    return Cell("".join("▁▂▃▄▅▆▇█"[int((v - low) / span * (_LEVELS - 1))] for v in values))


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
