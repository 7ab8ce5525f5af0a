"""Delivery figures as JSON and CSV have them: durations in seconds, times in UTC."""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

from opsboard.delivery.changes import DeliveredChange
from opsboard.delivery.figures import DeployedItem, LaneFigures
from opsboard.delivery.spread import Share, Spread
from opsboard.history.history_json import gap_json
from opsboard.history.timeline import merged_gaps

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell."""


def lane_json(figures: LaneFigures) -> dict[str, Any]:
    """Return the measures of one lane, with all that they are made of."""
    key = figures.key
    return {
        "kind": key.kind.value,
        "name": key.name,
        "environment": key.environment,
        "since": figures.window.since.isoformat(),
        "until": figures.window.until.isoformat(),
        "first_seen": figures.first_seen.isoformat() if figures.first_seen else None,
        "deployments": figures.deployments,
        "deployments_per_week": figures.per_week,
        "attempts": figures.attempts,
        "rollbacks": figures.rollbacks,
        "lead_time": {
            **_spread_json(figures.lead_time),
            "undated_deployments": figures.undated,
            "dated_after": figures.skewed,
        },
        "recovery_time": _spread_json(figures.recovery),
        "fail_rate": _share_json(figures.failed),
        "rework_rate": _share_json(figures.rework),
        "weeks": list(figures.weeks),
        "unwatched_seconds": figures.unwatched.total_seconds(),
        "gaps": [gap_json(gap) for gap in merged_gaps(figures.gaps)],
        "steps": [_item_json(item) for item in figures.items],
    }


def _spread_json(spread: Spread) -> dict[str, Any]:
    quantiles = {}
    for name, share in (("p50", 0.5), ("p90", 0.9)):
        found = spread.quantile(share)
        quantiles[f"{name}_seconds"] = found.seconds if found else None
        quantiles[f"{name}_at_least"] = found.at_least if found else None
    return {
        "count": spread.count,
        "open": spread.open_count,
        **quantiles,
        "values": [
            {"seconds": one.seconds, "open": one.is_open, "exact": one.is_exact}
            for one in spread.values
        ],
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {
        "part": share.part,
        "whole": share.whole,
        "rate": share.rate,
        "rolled_back": share.certain,
        "inferred": share.inferred,
        "open": share.open,
    }


def _item_json(item: DeployedItem) -> dict[str, Any]:
    one, step = item.judged, item.judged.step
    return {
        "kind": step.kind.value,
        "at": step.at.isoformat(),
        "began": step.began.isoformat(),
        "earliest": step.inexact.isoformat() if step.inexact else None,
        "version": step.version.label,
        "artifact": step.version.artifact,
        "previous": step.previous.label if step.previous else "",
        "records": [list(ref) for ref in step.refs],
        "who": step.actor,
        "act": step.act,
        "backfilled": step.backfilled,
        "verdict": one.verdict.value,
        "certain": one.is_certain,
        "why": one.why,
        "unplanned": one.unplanned,
        "failed_at": one.failed_at.isoformat() if one.failed_at else None,
        "recovered_at": one.recovered_at.isoformat() if one.recovered_at else None,
        "changes": [_change_json(change) for change in item.changes],
    }


def _change_json(change: DeliveredChange) -> dict[str, Any]:
    return {
        "repository": change.repository,
        "sha": change.sha,
        "title": change.title,
        "committed_at": change.committed_at.isoformat() if change.committed_at else None,
        "came_as": change.came_as,
    }


COLUMNS: Final = (
    "kind", "name", "environment", "since", "until", "deployments", "deployments_per_week",
    "attempts", "rollbacks", "lead_count", "lead_open", "lead_p50_seconds", "lead_p50_at_least",
    "lead_p90_seconds", "lead_p90_at_least", "recovery_count", "recovery_open",
    "recovery_p50_seconds", "recovery_p50_at_least", "recovery_p90_seconds",
    "recovery_p90_at_least", "failed", "failed_of", "failed_rolled_back", "failed_inferred",
    "failed_open", "fail_rate", "rework", "rework_of", "rework_rate", "unwatched_seconds",
)  # fmt: skip


def delivery_csv(lanes: Iterable[LaneFigures]) -> str:
    """Return a row for each of *lanes*, below the names of the columns (RFC 4180)."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for figures in lanes:
        writer.writerow([_cell(value) for value in _row(figures)])
    return stream.getvalue()


def _row(figures: LaneFigures) -> list[object]:
    told = lane_json(figures)
    row: list[object] = [told[name] for name in COLUMNS[:9]]
    for name in ("lead_time", "recovery_time"):
        spread = told[name]
        row += [spread["count"], spread["open"]]
        row += [
            spread[f"p{share}_{what}"] for share in (50, 90) for what in ("seconds", "at_least")
        ]
    failed, rework = told["fail_rate"], told["rework_rate"]
    row += [failed[name] for name in ("part", "whole", "rolled_back", "inferred", "open", "rate")]
    row += [rework[name] for name in ("part", "whole", "rate")]
    return [*row, told["unwatched_seconds"]]


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value
