"""The demo is the same company whenever it begins: screens, tests and guides name what is in it."""

from datetime import UTC, datetime, timedelta

import pytest

from opsboard.demo.options import DemoOptions
from opsboard.demo.serve import create_demo
from opsboard.demo.world.clusters import DemoJob
from opsboard.demo.world.world import DemoWorld

MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LATER = timedelta(minutes=12)


def told(world: DemoWorld, at: datetime) -> list[tuple[object, ...]]:
    """Return what *world* shows, its times as ages; jobs run by the calendar, and are left out."""
    pods = (pod for cluster in world.clusters.values() for pod in cluster.pods.values())
    runs = (run for repository in world.repositories.values() for run in repository.runs)
    return [
        *(
            (pod.name, pod.state, at - pod.created_at)
            for pod in pods
            if not isinstance(pod.owner, DemoJob)
        ),
        *((run.id, run.number, run.conclusion, at - run.created_at) for run in runs),
        *((model.name, sorted(model.aliases.items())) for model in world.models.values()),
    ]


@pytest.mark.parametrize("minutes", [34, 60 * 24 * 40 + 7.5])
def test_a_world_is_the_same_at_any_time_of_day(minutes: float) -> None:
    at = MORNING + timedelta(minutes=minutes)
    (usual, _), (other, _) = create_demo(DemoOptions(at=MORNING)), create_demo(DemoOptions(at=at))
    assert told(other, at) == told(usual, MORNING)
    usual.advance(MORNING + LATER)
    other.advance(at + LATER)
    assert told(other, at + LATER) == told(usual, MORNING + LATER)
