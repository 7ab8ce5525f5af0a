"""The cause of a seeded story stands among the first three of what changed before it went red."""

import pytest
from bench.stories import draw_seeds, run_story, share_within

SEED = 4_711
"""Another one than that of the figures in ``docs/bench.md``."""


@pytest.fixture(scope="module")
def shares() -> tuple[float, float]:
    """The shares of stories whose cause is among the first three: ranked, and by time alone."""
    results = [run_story(one) for one in draw_seeds(60, SEED)]
    return share_within(results, lambda one: one.ranked), share_within(
        results, lambda one: one.latest_first
    )


def test_the_cause_is_among_the_first_three(shares: tuple[float, float]) -> None:
    assert shares[0] >= 0.9


def test_that_is_clearly_better_than_the_latest_change_first(shares: tuple[float, float]) -> None:
    assert shares[0] >= shares[1] + 0.3


def test_a_story_has_enough_changes_to_be_lost_among() -> None:
    assert all(run_story(one).listed > 5 for one in draw_seeds(20, SEED))
