"""Models: from drift to a retrained version that is live, and aliases that were moved back."""

from opsboard.delivery.figure_text import lead_text
from opsboard.records import ModelVersion
from tests.delivery.recorded_world import RecordedWorld, at, hours_of, verdicts_of


def _registered(world: RecordedWorld, hours: float, version: str) -> None:
    record = ModelVersion(
        source="k8s", id=f"ranker/{version}", name=f"ranker v{version}", model="ranker",
        version=version, created_at=at(hours),
    )  # fmt: skip
    world.sees(hours, record)


def _world() -> RecordedWorld:
    world = RecordedWorld()
    world.alias(0, "1")
    return world


def test_an_alias_is_a_lane_and_its_moves_are_deployments() -> None:
    world = _world()
    world.alias(10, "2")
    world.alias(12, "1")
    world.alias(20, "3")
    found = world.figures(100)
    assert found.key[1:] == ("ranker", "champion")
    assert verdicts_of(found) == [
        ("v2", "deployment", "rolled back"),
        ("v1", "rollback", "stands"),
        ("v3", "deployment", "stands"),
    ]
    assert (found.failed.part, found.failed.whole) == (1, 2)
    assert [one.seconds / 3600 for one in found.recovery.values] == [2]


def test_an_alias_that_points_nowhere_for_a_while_has_not_moved() -> None:
    world = _world()
    world.alias(10, "")
    world.alias(11, "1")
    assert world.figures(100).deployments == 0


def test_lead_time_is_from_drift_to_the_retrained_version() -> None:
    world = _world()
    world.drifts(1, 0.1, "1")
    world.drifts(5, 0.3, "1")
    world.drifts(6, 0.4, "1")
    _registered(world, 8, "2")
    world.alias(11, "2")
    assert hours_of(world.figures(100)) == [6]


def test_drift_that_went_back_by_itself_has_needed_nobody() -> None:
    world = _world()
    world.drifts(5, 0.3, "1")
    world.drifts(7, 0.1, "1")
    world.alias(11, "2")
    assert hours_of(world.figures(100)) == []


def test_a_version_that_was_there_before_the_drift_is_not_retrained() -> None:
    world = _world()
    _registered(world, 2, "2")
    world.drifts(5, 0.3, "1")
    world.alias(11, "2")
    assert hours_of(world.figures(100)) == []


def test_drift_that_nothing_has_answered_is_open() -> None:
    world = _world()
    world.drifts(5, 0.3, "1")
    (value,) = world.figures(29).lead_time.values
    assert (value.seconds / 3600, value.is_open) == (24, True)


def test_drift_of_another_version_says_nothing_of_this_one() -> None:
    world = _world()
    world.drifts(5, 0.3, "7")
    world.alias(11, "2")
    assert hours_of(world.figures(100)) == []


def test_without_drift_nothing_is_said_of_commits() -> None:
    world = _world()
    world.alias(11, "2")
    assert lead_text(world.figures(100)) == "no data"
