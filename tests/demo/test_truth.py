"""The world's own log: what was true at any time, to hold to it what a board says of that time."""

from datetime import UTC, datetime, timedelta

import pytest

from opsboard.demo.world.change_log import KEPT, ChangeLog
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.true_facts import (
    config_ref,
    model_ref,
    run_facts,
    run_ref,
    version_ref,
    workload_facts,
    workload_ref,
)
from opsboard.demo.world.truth import WorldTruth
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Alias, Identity, Kind, Ref
from opsboard.records.identity import digest_in, is_commit

BEGIN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REF = Ref("clusters", Kind.DEPLOYMENT, "c/n/Deployment/d")


@pytest.fixture
def made() -> tuple[DemoWorld, WorldControllers]:
    return create_world(7, BEGIN)


@pytest.fixture
def world(made: tuple[DemoWorld, WorldControllers]) -> DemoWorld:
    return made[0]


def test_a_log_tells_what_held_at_a_time() -> None:
    log = ChangeLog()
    for minute, facts in ((1, {"revision": "1"}), (3, {"revision": "2"}), (5, None)):
        log.note(REF, facts, BEGIN + timedelta(minutes=minute))
    told = [log.facts(REF, BEGIN + timedelta(minutes=minute)) for minute in (0, 1, 2, 3, 4.9, 5, 9)]
    assert [facts and facts["revision"] for facts in told] == [None, "1", "1", "2", "2", None, None]
    assert log.known_since(REF) == BEGIN + timedelta(minutes=1)


def test_what_was_said_before_is_no_change() -> None:
    log = ChangeLog()
    for minute in range(3):
        log.note(REF, {"revision": "1"}, BEGIN + timedelta(minutes=minute))
    assert [change.at for change in log.changes(BEGIN - timedelta(1), BEGIN + timedelta(1))] == [
        BEGIN
    ]


def test_a_log_does_not_grow_for_ever() -> None:
    log = ChangeLog()
    for number in range(KEPT + 10):
        log.note(REF, {"revision": str(number)}, BEGIN + timedelta(seconds=number))
    assert log.known_since(REF) == BEGIN + timedelta(seconds=10)
    assert log.facts(REF, BEGIN) is None


def test_the_truth_of_each_minute_is_as_the_world_was(world: DemoWorld) -> None:
    """Looked at as it went by, and asked about afterwards."""
    seen: dict[datetime, dict[Ref, object]] = {}
    for minute in range(45):
        world.advance(BEGIN + timedelta(minutes=minute, seconds=7))
        now = {
            workload_ref(one): workload_facts(one)
            for cluster in world.clusters.values()
            for one in cluster.workloads.values()
        }
        aliases = {
            model_ref(one.name): tuple(sorted((name, str(to)) for name, to in one.aliases.items()))
            for one in world.models.values()
        }
        runs = {
            run_ref(run): run.status(world.now).value
            for repository in world.repositories.values()
            for run in repository.runs
        }
        seen[world.now] = {**now, **aliases, **runs}
    truth = WorldTruth(world)
    for when, things in seen.items():
        told = truth.at(when)
        for ref, expected in things.items():
            facts = told[ref]
            if ref.kind is Kind.MODEL:
                assert facts["aliases"] == expected
            elif ref.kind is Kind.BUILD:
                assert facts["state"] == expected or expected == "completed"
            else:
                assert facts == expected
            assert truth.of(ref, when) == facts


def test_a_run_that_was_run_again_is_told_at_the_attempt_of_the_time(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    run = next(
        run
        for run in world.repositories["catalog"].runs
        if run.ends_at < world.now and not run.previous_attempts
    )
    before = run_facts(run, world.now)
    world.advance(BEGIN + timedelta(minutes=1))
    controllers.user_actions.rerun(run, "hana")
    world.advance(BEGIN + timedelta(minutes=1, seconds=5))
    assert before is not None
    assert before["attempt"] == 1
    assert run_facts(run, BEGIN + timedelta(seconds=30)) == before
    again = run_facts(run, world.now)
    assert again is not None
    assert (again["attempt"], again["state"] in {"queued", "in_progress"}) == (2, True)
    turns = WorldTruth(world).changes(BEGIN, world.now)
    first = next(one for one in turns if one.ref == run_ref(run))
    assert first.at == BEGIN + timedelta(minutes=1)
    assert run_facts(run, run.created_at - timedelta(seconds=1)) is None


def test_aliases_moved_and_deleted_are_in_the_log(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    model = world.models["fraud-detector"]
    first, second = model.versions[0].number, model.aliases["champion"]
    for minute, alias, number in ((1, "champion", first), (2, "champion", second)):
        world.advance(BEGIN + timedelta(minutes=minute))
        controllers.training.set_alias(model, alias, number)
    world.advance(BEGIN + timedelta(minutes=3))
    controllers.training.delete_alias(model, "champion")
    truth = WorldTruth(world)

    def champion(minutes: float) -> list[str]:
        facts = truth.of(model_ref(model.name), BEGIN + timedelta(minutes=minutes))
        assert facts is not None
        return [alias.version for alias in facts["aliases"] if alias.name == "champion"]

    assert [champion(at) for at in (0.5, 1.5, 2.5, 3.5)] == [
        [str(second)], [str(first)], [str(second)], [],
    ]  # fmt: skip
    of_version = truth.of(version_ref(model.name, first), BEGIN + timedelta(minutes=1.5))
    assert of_version is not None
    assert "champion" in of_version["aliases"]
    assert Alias("champion", str(first))


def test_a_model_that_is_deleted_is_gone_from_then_on(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    model = world.models["image-tagger"]
    world.advance(BEGIN + timedelta(minutes=1))
    controllers.training.delete_model(model)
    truth = WorldTruth(world)
    assert model_ref(model.name) in truth.at(BEGIN + timedelta(seconds=30))
    assert model_ref(model.name) not in truth.at(world.now)
    assert version_ref(model.name, 1) not in truth.at(world.now)


def test_config_is_changed_by_whoever_changed_an_entry_and_by_no_leader(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    """A lease that is renewed in an annotation is no change of config."""
    world, controllers = made
    config = next(
        one
        for one in world.clusters["production-eu"].configs.values()
        if one.name == "checkout-config"
    )
    world.advance(BEGIN + timedelta(minutes=1))
    controllers.configs.change(config, "RETRIES", "7", "helm")
    world.advance(BEGIN + timedelta(minutes=4))
    changes = WorldTruth(world).changes(BEGIN, world.now)
    told = [one for one in changes if one.ref == config_ref(config)]
    assert [(one.at, one.facts) for one in told] == [
        (
            BEGIN + timedelta(minutes=1),
            {"changed_at": BEGIN + timedelta(minutes=1), "manager": "helm"},
        )
    ]
    assert not [one for one in changes if one.ref.id.endswith("/leader-election")]


def test_config_is_joined_to_the_workload_that_reads_it(world: DemoWorld) -> None:
    joined = {
        (join.first.id, join.second.id)
        for join in WorldTruth(world).joins()
        if join.identity.type == "resource"
    }
    assert (
        "production-eu/shop/ConfigMap/checkout-config",
        "production-eu/shop/Deployment/checkout",
    ) in joined
    assert all(first.split("/")[0] == second.split("/")[0] for first, second in joined)


def test_drift_is_crossed_where_the_data_has_moved(world: DemoWorld) -> None:
    world.advance(BEGIN + timedelta(minutes=30))
    told = WorldTruth(world).at(world.now)
    drifting = {
        ref.id.partition("/")[0]
        for ref, facts in told.items()
        if ref.kind is Kind.DRIFT and facts["crossed"]
    }
    assert drifting == {"product-ranker"}


def test_joins_reach_from_commit_to_model(world: DemoWorld) -> None:
    world.advance(BEGIN + timedelta(minutes=30))
    truth = WorldTruth(world)
    joins = truth.joins()
    kinds = {(join.first.kind, join.second.kind, join.identity.type) for join in joins}
    assert {
        (Kind.DEPLOYMENT, Kind.BUILD, "image") in kinds
        or (Kind.BUILD, Kind.DEPLOYMENT, "image") in kinds,
        (Kind.DEPLOYMENT, Kind.MODEL_VERSION, "model-version") in kinds,
        (Kind.DRIFT, Kind.MODEL_VERSION, "model-version") in kinds,
        (Kind.BUILD, Kind.MODEL_VERSION, "commit") in kinds,
    } == {True}
    for identities in truth.identities().values():
        for identity in identities:
            assert isinstance(identity, Identity)
            assert identity.type != "commit" or is_commit(identity.value)
            assert identity.type != "image" or digest_in(identity.value)


def test_everything_that_runs_is_joined_to_the_build_that_pushed_it(world: DemoWorld) -> None:
    """Whether or not the image says of what commit it is."""
    truth = WorldTruth(world)
    built = {
        join.second if join.second.source == "clusters" else join.first
        for join in truth.joins()
        if join.identity.type == "image"
    }
    runs = {
        workload_ref(workload)
        for cluster in world.clusters.values()
        for workload in cluster.workloads.values()
        if world.images.find(workload.wanted_revision.image, world.now)
    }
    assert len(runs) > 15
    assert runs <= built


def test_an_outage_lasts_from_the_last_ready_pod_to_the_next(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    workload = world.clusters["production-eu"].workload("ml", "forecasting")
    assert workload is not None
    world.advance(BEGIN + timedelta(minutes=1))
    controllers.rollouts.scale(workload, 0)
    world.advance(BEGIN + timedelta(minutes=2))
    controllers.rollouts.scale(workload, 2)
    world.advance(BEGIN + timedelta(minutes=6))
    found = WorldTruth(world).outages(BEGIN, world.now)
    (outage,) = (one for one in found if one.ref == workload_ref(workload))
    assert outage.since == BEGIN + timedelta(minutes=2)  # nobody wanted it before
    assert outage.since < outage.until < world.now
