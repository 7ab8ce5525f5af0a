"""What is a deployment, what a rollback, and what failed."""

from datetime import timedelta

import pytest

from opsboard.delivery.lane import StepKind
from opsboard.records import Activity, ActivityState, Ref, Status
from tests.delivery.recorded_world import (
    BAD,
    GOING,
    OK,
    RecordedWorld,
    at,
    digest,
    verdicts_of,
    workload,
)


@pytest.fixture
def world() -> RecordedWorld:
    """Two versions: the baseline, and a deployment ten hours later."""
    world = RecordedWorld()
    world.runs(0, "v1")
    world.runs(10, "v2")
    return world


def test_the_first_that_is_seen_is_a_baseline(world: RecordedWorld) -> None:
    found = world.figures(100, since=-10)
    assert verdicts_of(found) == [
        ("v1", "baseline", "stands"),
        ("v2", "deployment", "stands"),
    ]
    assert found.deployments == 1


def test_the_same_digest_by_another_tag_is_no_deployment(world: RecordedWorld) -> None:
    world.runs(20, "v2-again", digest=digest("v2"))
    world.runs(30, "v2", revision="17")
    assert world.figures(100).deployments == 1


def test_a_tag_that_is_pushed_again_is_a_deployment(world: RecordedWorld) -> None:
    world.runs(20, "v2", digest=digest("other"))
    assert world.figures(100).deployments == 2


def test_a_digest_that_is_found_out_later_changes_nothing() -> None:
    world = RecordedWorld()
    world.runs(0, "v1", inputs=())
    world.runs(1, "v1")
    world.runs(10, "v2", inputs=())
    world.runs(11, "v2")
    assert world.figures(100).deployments == 1


def test_the_digest_of_one_of_two_containers_tells_nothing() -> None:
    world = RecordedWorld()
    both = ("registry.example/shop/shop:{}", "registry.example/proxy:1")
    for hours, tag in ((0, "v1"), (10, "v2")):
        images = tuple(one.format(tag) for one in both)
        world.runs(hours, tag, images=images, digest=digest("proxy"))
    assert world.figures(100).deployments == 1


def test_a_version_is_deployed_when_it_is_healthy(world: RecordedWorld) -> None:
    world.runs(20, "v3", GOING)
    assert world.figures(100).deployments == 1
    world.runs(21, "v3", OK)
    last = world.figures(100).items[-1].judged.step
    assert (last.kind, last.began, last.at) == (StepKind.DEPLOYMENT, at(20), at(21))


def test_going_back_is_a_rollback_and_going_on_again_is_neither(world: RecordedWorld) -> None:
    world.runs(20, "v1")
    world.runs(30, "v2")
    found = world.figures(100)
    assert verdicts_of(found) == [
        ("v2", "deployment", "rolled back"),
        ("v1", "rollback", "stands"),
        ("v2", "again", "stands"),
    ]
    assert (found.deployments, found.rollbacks, found.failed.certain) == (1, 1, 1)


def test_what_never_became_healthy_and_was_taken_back_has_failed(world: RecordedWorld) -> None:
    world.runs(20, "v3", GOING)
    world.runs(21, "v3", BAD)
    world.runs(23, "v2", GOING)
    world.runs(24, "v2", OK)
    found = world.figures(100)
    assert verdicts_of(found)[1:] == [
        ("v3", "attempt", "rolled back"),
        ("v2", "rollback", "stands"),
    ]
    assert (found.deployments, found.attempts) == (1, 1)
    assert (found.failed.part, found.failed.whole) == (1, 2)
    assert [one.seconds for one in found.recovery.values] == [4 * 3600]


def test_what_failed_on_its_way_and_is_healthy_in_the_end_is_a_deployment(
    world: RecordedWorld,
) -> None:
    world.runs(20, "v3", BAD)
    world.runs(22, "v3", OK)
    found = world.figures(100)
    assert (found.deployments, found.attempts, found.failed.part) == (2, 0, 0)


def test_a_version_that_was_overtaken_on_its_way_counts_nowhere(world: RecordedWorld) -> None:
    world.runs(20, "v3", GOING)
    world.runs(21, "v4", GOING)
    world.runs(22, "v4", OK)
    found = world.figures(100)
    assert (found.deployments, found.attempts) == (2, 0)


def test_a_failed_attempt_that_is_overtaken_has_failed_as_is_inferred(
    world: RecordedWorld,
) -> None:
    world.runs(20, "v3", BAD)
    world.runs(21, "v4", GOING)
    world.runs(22, "v4", OK)
    found = world.figures(100)
    assert (found.failed.part, found.failed.inferred, found.failed.whole) == (1, 1, 3)
    assert (found.rework.part, found.rework.whole) == (1, 2)


def test_replaced_after_an_alert_is_inferred(world: RecordedWorld) -> None:
    world.runs(12, "v2", BAD)
    world.runs(13, "v3", GOING)
    world.runs(14, "v3", OK)
    found = world.figures(100)
    assert verdicts_of(found) == [
        ("v2", "deployment", "replaced"),
        ("v3", "deployment", "stands"),
    ]
    assert found.items[0].judged.why == "inferred: alert CrashLoopBackOff, replaced by v3"
    assert [one.seconds for one in found.recovery.values] == [4 * 3600]
    assert (found.rework.part, found.rework.whole) == (1, 2)


def test_an_alert_long_after_is_not_held_against_a_deployment(world: RecordedWorld) -> None:
    world.runs(40, "v2", BAD)
    world.runs(41, "v3")
    assert world.figures(100).failed.part == 0
    assert world.figures(100, fix_within=timedelta(hours=48)).failed.part == 1


def test_what_became_well_by_itself_has_not_failed(world: RecordedWorld) -> None:
    world.runs(12, "v2", BAD)
    world.runs(13, "v2", OK)
    world.runs(14, "v3")
    assert world.figures(100).failed.part == 0


def test_a_failure_is_over_when_a_version_is_live_that_has_not_failed(
    world: RecordedWorld,
) -> None:
    world.runs(12, "v2", BAD)
    world.runs(13, "v3")
    world.runs(14, "v3", BAD)
    world.runs(16, "v4")
    found = world.figures(100)
    assert [one.seconds / 3600 for one in found.recovery.values] == [3, 6]


def test_the_audit_knows_a_rollback_to_what_nobody_had_seen(world: RecordedWorld) -> None:
    ref = workload("v2").ref
    world.acts.append(_rollback(ref))
    world.runs(20, "v0", act="plan-1", actor="dana")
    found = world.figures(100)
    assert (found.deployments, found.rollbacks) == (1, 1)
    assert found.items[0].judged.why == "rolled back by an act from here"


def test_a_rollback_that_was_refused_is_none(world: RecordedWorld) -> None:
    world.acts.append(_rollback(workload("v2").ref, ActivityState.REFUSED))
    world.runs(20, "v0")
    assert (world.figures(100).deployments, world.figures(100).rollbacks) == (2, 0)


def test_an_act_counts_for_what_it_did_while_it_went_on(world: RecordedWorld) -> None:
    world.acts.append(_rollback(workload("v2").ref))
    world.runs(20, "v0")
    world.runs(22, "v3")
    found = world.figures(100)
    assert (found.deployments, found.rollbacks) == (2, 1)


def _rollback(ref: Ref, state: ActivityState = ActivityState.SUCCEEDED) -> Activity:
    return Activity(
        source="opsboard", id="plan-1", name="rollback", action="rollback", about=ref,
        target="shop", state=state, created_at=at(19.9), finished_at=at(20), actor="dana",
    )  # fmt: skip


def test_what_is_contained_in_the_live_version_is_older(world: RecordedWorld) -> None:
    world.compares("v0", "v2")
    world.runs(20, "v0")
    assert (world.figures(100).deployments, world.figures(100).rollbacks) == (1, 1)


def test_several_clusters_that_get_one_version_are_one_deployment(world: RecordedWorld) -> None:
    world.runs(0, "v1", cluster="us")
    world.runs(11, "v2", cluster="us")
    world.runs(20, "v1")
    world.runs(21, "v1", cluster="us")
    found = world.figures(100)
    assert (found.deployments, found.rollbacks) == (1, 1)
    assert len(found.items[0].judged.step.refs) == 2


def test_clusters_that_began_apart_have_no_older_and_newer(world: RecordedWorld) -> None:
    world.runs(5, "v0", cluster="us")
    world.runs(6, "v1", cluster="us")
    assert (world.figures(100).deployments, world.figures(100).rollbacks) == (1, 0)


def test_a_cluster_that_is_behind_deploys_nothing_again(world: RecordedWorld) -> None:
    world.runs(1, "v1", cluster="us")
    world.runs(20, "v3")
    world.runs(21, "v2", cluster="us")
    world.runs(22, "v3", cluster="us")
    assert (world.figures(100).deployments, world.figures(100).rollbacks) == (2, 0)


def test_a_new_cluster_with_a_new_version_does_not_hide_the_deployment(
    world: RecordedWorld,
) -> None:
    world.runs(20, "v3", cluster="us")
    world.runs(21, "v3")
    assert world.figures(100).deployments == 2


def test_a_version_that_fixes_may_be_overtaken(world: RecordedWorld) -> None:
    world.runs(12, "v2", BAD)
    world.runs(13, "v3", GOING)
    world.runs(14, "v4", GOING)
    assert world.figures(14.5).failed.open == 1
    world.runs(15, "v4", OK)
    found = world.figures(100)
    assert found.failed.inferred == 1
    assert [one.seconds / 3600 for one in found.recovery.values] == [5]


def test_environments_are_apart_and_spelled_in_full() -> None:
    world = RecordedWorld()
    for environment in ("prod", "staging"):
        world.runs(0, "v1", environment=environment)
        world.runs(1, "v2", environment=environment)
    found = world.history(10).lanes
    assert [lane.key.environment for lane in found] == ["production", "staging"]


def test_what_is_scaled_to_zero_is_not_live(world: RecordedWorld) -> None:
    world.runs(20, "v3", desired=0, updated=0, ready=0, available=0)
    assert world.figures(100).deployments == 1


def test_a_ci_server_counts_where_no_cluster_tells(world: RecordedWorld) -> None:
    def said(hours: float, head: str, status: Status = OK, name: str = "shop") -> None:
        fields = {"images": (), "workload": "GitHub", "source": "github", "commit": head}
        world.runs(hours, head, status, name=name, id=f"acme/{name}", head=head * 40, **fields)

    for name in ("shop", "other"):
        said(0, "a", name=name)
        said(11, "b", name=name)
    counted = {lane.key.name: lane for lane in world.history(100).lanes}
    assert counted.keys() == {"other", "shop"}
    assert counted["shop"].judged[-1].step.version.label == "v2"
    assert counted["other"].judged[-1].step.kind is StepKind.DEPLOYMENT


def test_each_workload_of_a_service_is_a_lane_where_they_are_called_otherwise() -> None:
    world = RecordedWorld()
    for name in ("shop", "shop-worker"):
        world.runs(0, "v1", name=name)
        world.runs(1, "v2", name=name)
    refs = {workload("v1", name=name).ref: "shop" for name in ("shop", "shop-worker")}
    names = [lane.key.name for lane in world.history(10, services=refs).lanes]
    assert names == ["shop", "shop: shop-worker"]


def test_the_verdict_does_not_depend_on_the_window(world: RecordedWorld) -> None:
    world.runs(12, "v2", BAD)
    world.runs(30, "v3")
    whole, part = world.figures(100), world.figures(100, since=20)
    assert whole.failed.part == 1
    assert (part.failed.part, part.failed.whole) == (0, 1)
    assert part.rework.part == 1


@pytest.mark.parametrize("first", ["eu", "us"])
def test_what_is_taken_back_in_one_cluster_has_failed_whichever_had_it_first(first: str) -> None:
    world = RecordedWorld()
    for cluster in ("eu", "us"):
        world.runs(0, "v1", cluster=cluster)
    begun = (10, 12) if first == "eu" else (12, 10)
    world.runs(begun[0], "v2", GOING, cluster="eu")
    world.runs(begun[0] + 1, "v2", BAD, cluster="eu")
    world.runs(begun[1], "v2", cluster="us")
    world.runs(14, "v1", cluster="eu")
    found = world.figures(24)
    assert verdicts_of(found) == [("v2", "deployment", "rolled back"), ("v1", "rollback", "stands")]
    assert (found.failed.part, found.failed.whole, found.rollbacks) == (1, 1, 1)
