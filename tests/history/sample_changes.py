"""Records and transitions for the tests of the history."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from opsboard.history.model import Transition
from opsboard.records import (
    Activity,
    ActivityState,
    Build,
    Deployment,
    Drift,
    Pod,
    Record,
    Status,
)

NOW = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_numbers = count(1)


def deployment(name: str = "checkout", tag: str = "v55", **fields: Any) -> Deployment:
    values: dict[str, Any] = {
        "source": "k8s",
        "id": f"prod-eu/shop/Deployment/{name}/{fields.get('environment', 'production')}",
        "name": name,
        "workload": "Deployment",
        "cluster": "prod-eu",
        "namespace": "shop",
        "environment": "production",
        "images": (f"registry.example/shop/{name}:{tag}",),
        "revision": tag.removeprefix("v"),
        "desired": 4,
        "ready": 4,
        "status": Status.OK,
    }
    return Deployment(**{**values, **fields})


def build(number: int = 1, status: Status = Status.OK, **fields: Any) -> Build:
    values: dict[str, Any] = {
        "source": "github",
        "id": f"run-{number}",
        "name": f"ci #{number}",
        "repository": "acme/checkout",
        "workflow": "ci",
        "branch": "main",
        "number": number,
        "state": "success" if status is Status.OK else "failure",
        "status": status,
        "created_at": NOW - timedelta(hours=1) + number * MINUTE,
    }
    return Build(**{**values, **fields})


def drift(value: float, **fields: Any) -> Drift:
    values: dict[str, Any] = {
        "source": "mlflow",
        "id": "ranker/psi",
        "name": "psi",
        "model": "ranker",
        "metric": "psi",
        "value": value,
        "threshold": 0.2,
        "status": Status.FAILED if value > 0.2 else Status.OK,
    }
    return Drift(**{**values, **fields})


def pod(name: str, status: Status = Status.OK, **fields: Any) -> Pod:
    values: dict[str, Any] = {
        "source": "k8s", "id": f"prod-eu/shop/{name}", "name": name, "cluster": "prod-eu",
        "namespace": "shop", "status": status, "environment": "production",
    }  # fmt: skip
    return Pod(**{**values, **fields})


def act(action: str, target: Record, minutes: float, **fields: Any) -> Activity:
    values: dict[str, Any] = {
        "source": "opsboard",
        "id": f"plan-{action}-{target.name}",
        "name": f"{action}: {target.name}",
        "status": Status.OK,
        "action": action,
        "about": target.ref,
        "target": target.name,
        "state": ActivityState.SUCCEEDED,
        "actor": "dana",
        "environment": target.environment,
        "created_at": NOW + minutes * MINUTE,
    }
    return Activity(**{**values, **fields})


def changed(
    before: Record | None, after: Record | None, minutes: float, **fields: Any
) -> Transition:
    """Return the transition from *before* to *after*, so many minutes after NOW."""
    record = after or before
    assert record is not None
    at = NOW + minutes * MINUTE
    return Transition(next(_numbers), record.ref, "all", at, at, before, after, **fields)
