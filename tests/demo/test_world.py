"""The world: deterministic, moving, and plausible."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from opsboard.demo.options import DemoScale
from opsboard.demo.world.ci import DemoConclusion, DemoRunStatus
from opsboard.demo.world.clusters import DemoPodState, DemoWorkload, PodOutcome
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.true_facts import state_ref
from opsboard.demo.world.world import DemoWorld

BEGIN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def _digest(world: DemoWorld) -> object:
    return (
        world.change_count,
        [
            (pod.uid, pod.name, pod.state, pod.restarts, pod.since)
            for cluster in world.clusters.values()
            for pod in cluster.pods.values()
        ],
        [
            (run.id, run.commit.sha, run.status(world.now))
            for repository in world.repositories.values()
            for run in repository.runs
        ],
        [(run.id, run.metrics) for run in world.training_runs.values()],
        {model.name: dict(model.aliases) for model in world.models.values()},
    )


def _advance_until(world: DemoWorld, holds: Callable[[], bool], *, minutes: int = 30) -> None:
    end = world.now + timedelta(minutes=minutes)
    while not holds():
        assert world.now < end, "it did not happen in time"
        world.advance(world.now + timedelta(seconds=1))


@pytest.fixture
def made() -> tuple[DemoWorld, WorldControllers]:
    return create_world(7, BEGIN)


@pytest.fixture
def world(made: tuple[DemoWorld, WorldControllers]) -> DemoWorld:
    return made[0]


def _workload(world: DemoWorld, cluster: str, namespace: str, name: str) -> DemoWorkload:
    workload = world.clusters[cluster].workload(namespace, name)
    assert workload is not None
    return workload


@pytest.mark.parametrize("steps", [2, 37])
def test_the_same_seed_and_time_give_the_same_world(steps: int) -> None:
    whole, _ = create_world(7, BEGIN)
    whole.advance(BEGIN + timedelta(minutes=30))
    stepwise, _ = create_world(7, BEGIN)
    for step in range(1, steps + 1):
        stepwise.advance(BEGIN + timedelta(minutes=30) * step / steps)
    assert _digest(whole) == _digest(stepwise)


def test_another_seed_gives_another_world() -> None:
    assert _digest(create_world(7, BEGIN)[0]) != _digest(create_world(8, BEGIN)[0])


def test_it_is_of_the_size_of_a_plausible_company(world: DemoWorld) -> None:
    assert set(world.clusters) == {"production-eu", "staging-eu"}
    assert [len(cluster.workloads) for cluster in world.clusters.values()] == [12, 12]
    assert len(world.repositories) == 8
    assert len(world.models) == 6
    assert sum(len(repository.runs) for repository in world.repositories.values()) > 100


def test_it_begins_with_one_bad_roll_out_in_each_cluster(world: DemoWorld) -> None:
    bad = {
        (cluster.name, workload.name, workload.wanted_revision.outcome, workload.stuck)
        for cluster in world.clusters.values()
        for workload in cluster.workloads.values()
        if not workload.complete
    }
    assert bad == {
        ("production-eu", "checkout", PodOutcome.CRASH, True),
        ("staging-eu", "search", PodOutcome.PULL_FAILED, True),
    }


def test_each_stuck_commit_was_built_and_its_deployment_failed(world: DemoWorld) -> None:
    commit = _workload(world, "production-eu", "shop", "checkout").wanted_revision.commit
    runs = [run for run in world.repositories["checkout"].runs if run.commit.sha == commit]
    assert {run.workflow.spec.name: run.conclusion for run in runs} == {
        "ci": DemoConclusion.SUCCESS,
        "deploy": DemoConclusion.FAILURE,
    }


def test_a_release_rolls_out_pod_by_pod_and_never_below_its_minimum(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    workload = _workload(world, "production-eu", "shop", "storefront")
    controllers.rollouts.release(workload, "registry.example/storefront:new")
    least = workload.replicas

    def done() -> bool:
        nonlocal least
        least = min(least, sum(pod.ready for pod in workload.live_pods()))
        return workload.complete

    _advance_until(world, done)
    assert least >= workload.replicas - workload.replicas // 4
    assert {pod.image for pod in workload.live_pods()} == {"registry.example/storefront:new"}


@pytest.mark.parametrize("name", ["event-queue", "log-agent"])
def test_stateful_sets_and_daemon_sets_roll_out_one_at_a_time(
    made: tuple[DemoWorld, WorldControllers], name: str
) -> None:
    world, controllers = made
    workload = _workload(world, "production-eu", "platform", name)
    controllers.rollouts.release(workload, "registry.example/new:1")
    away = 0

    def done() -> bool:
        nonlocal away
        away = max(away, workload.replicas - sum(pod.ready for pod in workload.live_pods()))
        return workload.complete

    _advance_until(world, done)
    assert away == 1


def test_a_bad_release_gets_stuck_and_a_roll_back_mends_it(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    workload = _workload(world, "production-eu", "shop", "catalog")
    good = workload.wanted_revision
    controllers.rollouts.release(workload, "registry.example/catalog:bad", fate=PodOutcome.CRASH)
    _advance_until(world, lambda: workload.stuck)
    assert any(
        pod.state is DemoPodState.CRASHED for pod in workload.live_pods(workload.wanted_revision)
    )
    number = workload.wanted_revision.number
    controllers.rollouts.roll_back(workload, good)
    _advance_until(world, lambda: workload.complete)
    assert workload.wanted_revision is good
    assert good.number == number + 1
    assert not workload.stuck


def test_scaling_down_to_nothing_removes_every_pod(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    workload = _workload(world, "staging-eu", "shop", "cart")
    controllers.rollouts.scale(workload, 0)
    _advance_until(world, lambda: not workload.pods)


def test_work_goes_on_by_itself(world: DemoWorld) -> None:
    before = sum(len(repository.runs) for repository in world.repositories.values())
    versions = sum(len(model.versions) for model in world.models.values())
    world.advance(BEGIN + timedelta(minutes=40))
    assert sum(len(repository.runs) for repository in world.repositories.values()) > before + 20
    assert sum(len(model.versions) for model in world.models.values()) > versions
    revisions = [
        workload.wanted_revision.created_at
        for cluster in world.clusters.values()
        for workload in cluster.workloads.values()
    ]
    assert max(revisions) > BEGIN


def test_an_apply_in_production_comes_shortly_before_the_roll_out_that_fails(
    world: DemoWorld,
) -> None:
    applied = world.states["production"].written_at
    failed = _workload(world, "production-eu", "shop", "checkout").wanted_revision.created_at
    assert timedelta() < failed - applied < timedelta(minutes=5)
    (settings,) = [
        one
        for one in world.clusters["production-eu"].configs.values()
        if one.name == "checkout-config"
    ]
    assert (settings.changed_at, settings.manager) == (applied, "Terraform")


def test_states_are_locked_and_applied_now_and_then(world: DemoWorld) -> None:
    state = world.states["staging"]
    serial = state.serial
    _advance_until(world, lambda: state.lock is not None)
    assert (state.serial, state.lock and state.lock.since) == (serial, world.now)
    _advance_until(world, lambda: state.serial > serial)
    assert (state.lock, state.written_at) == (None, world.now)
    log = world.change_log
    assert log.facts(state_ref(state), world.now) == {
        "serial": serial + 1, "lineage": state.lineage,
    }  # fmt: skip
    assert log.facts(state_ref(state), BEGIN) == {"serial": serial, "lineage": state.lineage}


def test_exactly_one_model_has_drifted(world: DemoWorld) -> None:
    drifted = {
        run.model
        for run in world.training_runs.values()
        if run.monitored_version and run.metrics["psi"][-1].value > run.thresholds["psi"]
    }
    assert drifted == {"product-ranker"}


def test_a_training_that_is_asked_for_yields_a_version_that_does_not_drift(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    model = world.models["product-ranker"]
    before = len(model.versions)
    run = controllers.training.retrain(model.name, {"epochs": "20"}, seconds=60)
    assert run.params["epochs"] == "20"
    world.advance(world.now + timedelta(seconds=30))
    assert run.finished_at is None
    _advance_until(world, lambda: run.finished_at is not None)
    version = next(one for one in model.versions[before:] if one.run is run)
    assert run.metrics["psi"][-1].value < run.thresholds["psi"]
    controllers.training.set_alias(model, "champion", version.number)
    world.advance(world.now + timedelta(minutes=20))
    (watch,) = [
        run
        for run in world.training_runs.values()
        if run.monitored_version == str(version.number) and run.model == model.name
    ]
    assert max(one.value for one in watch.metrics["psi"]) < 0.25


def test_a_version_that_learnt_from_old_data_drifts_again_when_it_serves(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    model = world.models["product-ranker"]
    controllers.training.set_alias(model, "champion", 1)
    world.advance(world.now + timedelta(minutes=20))
    (watch,) = [
        one for one in world.training_runs.values()
        if (one.model, one.monitored_version, one.finished_at) == (model.name, "1", None)
    ]  # fmt: skip
    assert watch.metrics["psi"][-1].value > watch.thresholds["psi"]


def test_a_training_that_is_abandoned_yields_nothing(
    made: tuple[DemoWorld, WorldControllers],
) -> None:
    world, controllers = made
    model = world.models["churn-predictor"]
    run = controllers.training.retrain(model.name, seconds=60)
    world.advance(world.now + timedelta(seconds=20))
    controllers.training.fail_run(run)
    world.advance(world.now + timedelta(minutes=5))
    assert run.failed
    assert run not in [version.run for version in model.versions]


def test_a_run_is_told_the_same_by_its_jobs_at_any_time(world: DemoWorld) -> None:
    for repository in world.repositories.values():
        for run in repository.runs:
            assert run.status(run.ends_at) is DemoRunStatus.COMPLETED
            assert run.status(run.created_at - timedelta(seconds=1)) is not DemoRunStatus.COMPLETED
            assert all(job.queued_at <= job.starts_at <= job.ends_at for job in run.jobs)


def test_a_time_in_the_past_changes_nothing(world: DemoWorld) -> None:
    before = _digest(world)
    world.advance(BEGIN - timedelta(days=1))
    assert _digest(world) == before


def test_load_fills_the_world_up_to_its_scale() -> None:
    world, _ = create_world(7, BEGIN, DemoScale.parse("pods=500,builds=300,models=20", churn=0.1))
    pods = [pod for cluster in world.clusters.values() for pod in cluster.pods.values()]
    assert 500 <= len(pods) < 550
    assert sum(len(repository.runs) for repository in world.repositories.values()) >= 300
    assert len(world.models) == 20
    restarts = sum(pod.restarts for pod in pods)
    world.advance(BEGIN + timedelta(seconds=2.5))
    assert sum(pod.restarts for pod in pods) >= restarts + 100


@pytest.mark.parametrize("text", ["pods", "pods=many", "cats=3", "churn=2"])
def test_a_scale_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no whole number|there is no"):
        DemoScale.parse(text)
