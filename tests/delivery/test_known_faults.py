"""The faults that fourkeys, devlake and others have had, each with the right value.

What they are: fourkeys METRICS.md and #119; devlake #8890, #4989, #7193, #5909, #6873, #4217;
RedGate #19; port-docs #1594; LumenFlow's documentation.
"""

import pytest

from opsboard.delivery.spread import Duration, Quantile, spread_of
from opsboard_adapters.github.status_map import status_of
from tests.delivery.recorded_world import (
    BAD,
    OK,
    RecordedWorld,
    hours_of,
    sha,
    verdicts_of,
    workload,
)


@pytest.fixture
def world() -> RecordedWorld:
    world = RecordedWorld()
    world.runs(0, "v1")
    return world


def test_the_fail_rate_is_of_deployments_and_not_of_changes(world: RecordedWorld) -> None:
    """One deployment of three commits that failed is one of one."""
    for number in range(3):
        world.commits(number, f"c{number}")
        world.compares("v1", f"c{number}")
        world.compares(f"c{number}", "v2")
    world.runs(10, "v2")
    world.runs(11, "v1")
    found = world.figures(100)
    assert len(hours_of(found)) == 3
    assert (found.failed.part, found.failed.whole) == (1, 1)


def test_failed_deployments_are_counted_and_not_incidents(world: RecordedWorld) -> None:
    """Of 23 deployments, 4 failed, one of them with three alerts: 17.4 %, and not 26.1 %."""
    for number in range(2, 25):
        hours = number * 48.0
        world.runs(hours, f"v{number}")
        if number in {3, 7, 11, 15}:
            for again in range(3 if number == 7 else 1):
                reason = f"reason {again}"
                world.runs(hours + 1 + again, f"v{number}", BAD, reason=reason)
            world.runs(hours + 9, f"v{number - 1}")
    found = world.figures(5000)
    assert (found.failed.part, found.failed.whole) == (4, 23)
    rate = found.failed.rate
    assert rate is not None
    assert round(100 * rate, 1) == 17.4


def test_an_incident_is_of_one_deployment_whatever_the_window(world: RecordedWorld) -> None:
    """An alert that stays open over three deployments is held against the first alone."""
    world.runs(10, "v2")
    other = workload("x", BAD, cluster="us")
    world.sees(9, workload("v1", OK, cluster="us"))
    world.sees(11, workload("v1", BAD, cluster="us"))
    for hours, tag in ((12, "v3"), (13, "v4")):
        world.runs(hours, tag)
    assert other.ref in {one.ref for one in world.rows}
    for since in (0, 9.5, 11.5, 12.5):
        found = world.figures(100, since)
        failed = [tag for tag, _, verdict in verdicts_of(found) if verdict != "stands"]
        assert failed == (["v2"] if since < 10 else [])


def test_recovery_is_measured_from_the_deployment(world: RecordedWorld) -> None:
    """The alert came after three hours, and one hour later it was rolled back: four hours."""
    world.runs(10, "v2")
    world.runs(13, "v2", BAD)
    world.runs(14, "v1")
    assert [one.seconds / 3600 for one in world.figures(100).recovery.values] == [4]


def test_a_change_that_is_dated_after_its_deployment_is_not_dropped(world: RecordedWorld) -> None:
    world.commits(12, "v2")
    world.runs(10, "v2")
    found = world.figures(100)
    assert hours_of(found) == [0]
    assert (found.skewed, found.lead_time.values[0].is_exact) == (1, False)


def test_the_first_deployment_does_not_swallow_all_history() -> None:
    """The ledger begins with v1: that and all before it is not measured."""
    world = RecordedWorld()
    for number in range(5):
        world.commits(-1000 * number, f"old{number}")
        world.compares(f"old{number}", "v1")
    world.commits(8, "v2")
    world.compares("v1", "v2")
    world.runs(0, "v1")
    world.runs(10, "v2")
    assert hours_of(world.figures(100, since=-10)) == [2]


def test_where_nobody_has_compared_only_the_deployed_commit_counts(world: RecordedWorld) -> None:
    world.commits(-500, "old")
    world.compares("old", "v2")
    world.commits(8, "v2")
    world.runs(10, "v2")
    assert hours_of(world.figures(100)) == [2]


def test_a_squashed_branch_has_a_deploy_time(world: RecordedWorld) -> None:
    """The commit of the branch counts, by what it was merged as: from when it was made."""
    world.commits(4, "branch")
    world.commits(7, "squashed")
    world.merges("branch", "squashed")
    world.compares("v1", "squashed")
    world.compares("squashed", "v2")
    world.commits(9, "v2")
    world.runs(10, "v2")
    assert hours_of(world.figures(100)) == [1, 6]


def test_a_cherry_pick_is_the_change_that_it_is_of(world: RecordedWorld) -> None:
    """It comes by the pick, at the time when it was made first; later it does not come again."""
    world.commits(2, "fix")
    world.commits(9, "picked", picked_from=(sha("fix"),))
    world.compares("v1", "picked")
    world.runs(10, "v2", head=sha("picked"))
    world.compares("picked", "v3", ahead=2, behind=1)
    world.compares("v1", "v3", ahead=2)
    world.compares("v1", "fix")
    world.compares("fix", "v3")
    world.commits(19, "v3")
    world.runs(20, "v3")
    assert hours_of(world.figures(15)) == [8]
    assert hours_of(world.figures(100)) == [1, 8]


def test_a_deployment_that_github_calls_inactive_had_succeeded() -> None:
    world = RecordedWorld()
    for hours, tag, state in (
        (0, "a", "success"), (5, "b", "success"), (6, "b", "inactive"), (9, "c", "success"),
    ):  # fmt: skip
        world.runs(
            hours, tag, status_of(state), images=(), workload="GitHub", source="github",
            commit=tag * 40, revision=tag, id="acme/shop", head=tag * 40, reason=state,
        )  # fmt: skip
    found = world.figures(100, since=-1)
    assert [kind for _, kind, _ in verdicts_of(found)] == ["baseline", "deployment", "deployment"]
    assert found.failed.part == 0


def test_a_median_lies_between_the_two_in_the_middle() -> None:
    """Of 1, 2, 3, 4, 5 and 100 it is 3.5; by rank alone, 3 or 4."""
    found = spread_of([Duration(one) for one in (100, 1, 3, 2, 5, 4)])
    assert found.quantile(0.5) == Quantile(3.5)
    assert found.quantile(0.9) == Quantile(52.5)


def test_medians_are_pooled_and_never_averaged(world: RecordedWorld) -> None:
    """Five changes in one deployment and one in another: the median of all six."""
    for number, hours in enumerate((1, 2, 3, 4)):
        world.commits(hours, f"c{number}")
        world.compares("v1", f"c{number}")
        world.compares(f"c{number}", "v2")
    world.commits(5, "v2")
    world.runs(10, "v2")
    world.commits(19, "v3")
    world.compares("v2", "v3")
    world.runs(20, "v3")
    median = world.figures(100).lead_time.quantile(0.5)
    assert median is not None
    assert median.seconds / 3600 == 6.5  # 1, 5, 6, 7, 8, 9; the mean of medians would be 4


def test_a_failure_that_goes_on_is_told(world: RecordedWorld) -> None:
    world.runs(10, "v2")
    world.runs(11, "v2", BAD)
    found = world.figures(13)
    assert (found.failed.part, found.failed.open) == (1, 1)
    (value,) = found.recovery.values
    assert (value.seconds / 3600, value.is_open) == (3, True)


def test_a_failure_that_goes_on_is_told_also_long_after(world: RecordedWorld) -> None:
    world.runs(10, "v2")
    world.runs(11, "v2", BAD)
    assert world.figures(500).failed.open == 1
    world.runs(600, "v3")
    found = world.figures(700)
    assert [one.seconds / 3600 for one in found.recovery.values] == [590]


def test_a_median_with_durations_that_go_on_says_at_least() -> None:
    short = [Duration(one) for one in (1, 2, 3)]
    assert spread_of([*short, Duration(9, is_open=True), Duration(8, is_open=True)]).quantile(
        0.5
    ) == Quantile(3)
    open_early = spread_of([*short, Duration(1.5, is_open=True), Duration(8)])
    assert open_early.quantile(0.5) == Quantile(2, at_least=True)


def test_commits_are_no_deployments(world: RecordedWorld) -> None:
    for number in range(9):
        world.commits(number, f"c{number}")
    assert world.figures(100).deployments == 0


def test_below_five_nothing_is_summed_up(world: RecordedWorld) -> None:
    for number in range(2, 6):
        world.commits(number * 10 - 1, f"v{number}")
        world.runs(number * 10, f"v{number}")
    found = world.figures(100)
    assert (found.deployments, found.per_week, found.failed.rate) == (4, None, None)
    assert found.lead_time.quantile(0.5) is None
    assert hours_of(found) == [1, 1, 1, 1]
    world.commits(60, "v6")
    world.runs(61, "v6")
    assert world.figures(100).lead_time.quantile(0.5) == Quantile(3600)
    assert world.figures(168).per_week == 5


def test_what_was_told_later_of_a_gap_is_not_in_the_rate_of_the_rest(world: RecordedWorld) -> None:
    for day in range(1, 29):
        world.runs(24 * day - 1, f"v{day + 1}")
    world.misses(24 * 7, 24 * 21)
    found = world.figures(24 * 28)
    assert (found.deployments, found.per_week) == (28, 7)
    world.misses(24 * 3, 24 * 26)
    assert world.figures(24 * 28).per_week == 7
    world.misses(24 * 3, 24 * 27)
    assert world.figures(24 * 28).per_week is None


def test_gaps_stand_beside_the_figure(world: RecordedWorld) -> None:
    world.misses(20, 30)
    world.misses(25, 44)
    world.runs(44, "v2", since=20)
    found = world.figures(168)
    assert found.unwatched.total_seconds() == 24 * 3600
    assert [gap.reason.value for gap in found.gaps] == ["no board", "no board"]
    assert not found.items[0].judged.step.is_exact


def test_what_was_before_the_ledger_began_is_not_watched(world: RecordedWorld) -> None:
    found = world.figures(24, since=-24)
    assert found.unwatched.total_seconds() == 24 * 3600
    assert found.first_seen is not None
    assert world.history(-1).lanes == ()
