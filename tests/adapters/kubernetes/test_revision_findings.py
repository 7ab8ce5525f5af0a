"""What a plan of a rollback says about the revision that it goes back to."""

import pytest

from opsboard_adapters.kubernetes.actions import rollback
from opsboard_adapters.kubernetes.revisions import RevisionHealth, WorkloadRevision

WHY = "its pods are crashing"


def _revision(health: RevisionHealth) -> WorkloadRevision:
    return WorkloadRevision(7, {}, "digest", health=health, why=WHY)


@pytest.mark.parametrize(
    ("health", "texts"),
    [
        (RevisionHealth.NEVER, [f"revision 7 itself never became healthy: {WHY}"]),
        (
            RevisionHealth.UNKNOWN,
            [f"whether revision 7 was ever healthy cannot be known: {WHY}"],
        ),
        (RevisionHealth.HEALTHY, []),
    ],
)
def test_a_revision_that_may_not_come_up_is_a_finding(
    health: RevisionHealth, texts: list[str]
) -> None:
    assert [one.text for one in rollback._of_the_revision(_revision(health))] == texts


def test_how_its_health_is_known_is_said_where_it_is_known() -> None:
    for health in RevisionHealth:
        text = rollback._health(_revision(health))
        known = health is not RevisionHealth.UNKNOWN
        assert text == (f"{health} ({WHY})" if known else str(health))
