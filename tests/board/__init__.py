"""Records and arrivals for tests of the board."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from opsboard.adapter import Change
from opsboard.board.events import BoardEvent
from opsboard.records import Build, Deployment, Drift, Status

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def events(source: str, *changes: Change, at: datetime = NOW) -> list[BoardEvent]:
    return [BoardEvent(source, change, at) for change in changes]


def build(number: int = 1, status: Status = Status.OK, **more: object) -> Build:
    values: dict[str, Any] = {
        "source": "ci",
        "id": str(number),
        "name": "web",
        "repository": "acme/web",
        "workflow": "ci.yml",
        "number": number,
        "state": status.value,
        "status": status,
        "branch": "main",
        "created_at": NOW + number * MINUTE,
    }
    return Build(**(values | more))


def deployment(name: str = "web", status: Status = Status.OK, **more: object) -> Deployment:
    values: dict[str, Any] = {
        "source": "k8s",
        "id": name,
        "name": name,
        "workload": "Deployment",
        "status": status,
        "revision": "7",
        "environment": "production",
    }
    return Deployment(**(values | more))


def drift(value: float, version: str = "3", **more: object) -> Drift:
    values: dict[str, Any] = {
        "source": "ml",
        "id": "fraud/psi",
        "name": "psi",
        "model": "fraud",
        "version": version,
        "metric": "psi",
        "value": value,
        "threshold": 0.2,
    }
    return Drift(**(values | more))


def builds(count: int) -> list[Build]:
    return [build(number) for number in range(1, count + 1)]


def ids(refs: Iterable[tuple[str, str, str]]) -> set[str]:
    return {id_ for _, _, id_ in refs}
