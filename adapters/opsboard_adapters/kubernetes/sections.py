"""Pieces that the details of several kinds have in common."""

from collections.abc import Iterable, Mapping
from typing import Any

from opsboard.adapter import Fact, Facts, Grid, GridRow
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.structs import V1Condition, V1Object
from opsboard_adapters.times import format_time


def conditions(cluster: ClusterContext, found: Iterable[V1Condition]) -> Grid:
    """Return the status conditions."""
    rows = [
        GridRow(
            cells=(
                one.type,
                one.status,
                one.reason,
                format_time(cluster.time(one.last_transition_time)),
                one.message,
            )
        )
        for one in found
    ]
    columns = ("condition", "is", "reason", "since", "message")
    return Grid(title="Conditions", columns=columns, rows=tuple(rows))


def labels(item: V1Object) -> Facts:
    """Return the labels."""
    return facts_of("Labels", item.metadata.labels)


def facts_of(title: str, values: Mapping[str, Any]) -> Facts:
    """Return those of *values* that are not empty."""
    facts = [Fact(label=key, value=str(value)) for key, value in values.items() if value]
    return Facts(title=title, facts=tuple(facts))


def flat(values: Mapping[str, Any]) -> str:
    """Return a small tree on one line."""
    inner = [f"{k} {flat(v) if isinstance(v, dict) else v}" for k, v in values.items()]
    return ", ".join(inner)
