"""How the world begins: the company with a past, and with work under way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world import company
from opsboard.demo.world.ci import DemoCommit, DemoConclusion, DemoRepository, DemoWorkflow
from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoCronJob,
    DemoPodState,
    DemoRevision,
    DemoWorkload,
    PodOutcome,
)
from opsboard.demo.world.company import DemoService, DemoWorkloadKind
from opsboard.demo.world.cron_jobs import CronJobController
from opsboard.demo.world.delivery import DeliveryController
from opsboard.demo.world.edge_cases import add_edge_cases
from opsboard.demo.world.first_models import found_models
from opsboard.demo.world.kubelet import DemoKubelet
from opsboard.demo.world.load import add_load
from opsboard.demo.world.rng import DEFAULT_SEED
from opsboard.demo.world.rollouts import PROGRESS_DEADLINE, RolloutController
from opsboard.demo.world.run_schedule import schedule_run
from opsboard.demo.world.scale import DemoScale
from opsboard.demo.world.training import TrainingController
from opsboard.demo.world.workflows import CI, DEPLOY, workflows_of
from opsboard.demo.world.world import DemoWorld

__all__ = ["DEFAULT_SEED", "WorldControllers", "create_world"]

COMPANY_AGE: Final = timedelta(days=200)
PAST_PUSHES: Final = 14


@dataclass(frozen=True, slots=True)
class WorldControllers:
    """What moves a world; :attr:`rollouts` also takes the orders that come through an API."""

    rollouts: RolloutController
    delivery: DeliveryController
    training: TrainingController
    cron_jobs: CronJobController


def create_world(
    seed: int, now: datetime, scale: DemoScale | None = None
) -> tuple[DemoWorld, WorldControllers]:
    """Return the world as it is at *now*, and what moves it."""
    world = DemoWorld(seed, now, scale or DemoScale())
    kubelet = DemoKubelet(world)
    rollouts = RolloutController(world, kubelet)
    world.learning = TrainingController(world)
    world.delivery = DeliveryController(world, rollouts)
    stories = WorldControllers(
        rollouts, world.delivery, world.learning, CronJobController(world, kubelet)
    )
    _found_repositories(world, stories.delivery)
    found_models(world, stories.training)
    _found_clusters(world)
    for cluster in world.clusters.values():
        for service in company.SERVICES:
            _found_workload(world, kubelet, cluster, service)
        _found_crons(world, stories.cron_jobs, cluster)
    _found_trouble(world, kubelet, stories.delivery)
    add_edge_cases(world)
    add_load(world, kubelet, stories.delivery, stories.training)
    stories.delivery.start()
    stories.training.start()
    return world, stories


def _found_repositories(world: DemoWorld, delivery: DeliveryController) -> None:
    for name, description in company.REPOSITORIES.items():
        at = world.now - COMPANY_AGE
        first = DemoCommit(world.rng.hex(40), "First commit", "amara", at)
        workflows = tuple(DemoWorkflow(world.next_id(), spec, at) for spec in workflows_of(name))
        world.commits[first.sha] = first
        repository = DemoRepository(
            world.next_id(), company.OWNER, name, description, at, workflows, first
        )
        world.repositories[name] = repository
        _give_past(world, delivery, repository)


def _give_past(world: DemoWorld, delivery: DeliveryController, repository: DemoRepository) -> None:
    deploys = any(service.repository == repository.name for service in company.SERVICES)
    for age in range(PAST_PUSHES, 0, -1):
        at = world.now - timedelta(minutes=age * 95 - world.rng.randint(0, 60))
        run = delivery.push(repository, at)
        if deploys and run.branch == "main" and run.conclusion is DemoConclusion.SUCCESS:
            delivery.deploy(repository, run.commit, run.ends_at, PodOutcome.GOOD)


def _found_clusters(world: DemoWorld) -> None:
    for name, environment, nodes in (
        ("production-eu", "production", 5),
        ("staging-eu", "staging", 3),
    ):
        cluster = DemoCluster(
            name,
            environment,
            "v1.36.2",
            world.rng.uid(),
            world.now - COMPANY_AGE,
            tuple(f"{name}-node-{number}" for number in range(1, nodes + 1)),
        )
        for namespace in ("default", "kube-system", *company.TEAMS):
            cluster.namespaces[namespace] = world.rng.uid()
        world.clusters[name] = cluster


def _found_workload(
    world: DemoWorld, kubelet: DemoKubelet, cluster: DemoCluster, service: DemoService
) -> None:
    replicas = service.replicas if cluster.environment == "production" else 2
    if service.kind is DemoWorkloadKind.DAEMON_SET:
        replicas = len(cluster.nodes)
    workload = DemoWorkload(
        cluster,
        service.team,
        service.name,
        world.rng.uid(),
        service.kind,
        service,
        replicas,
        cluster.created_at,
        revisions=_past_revisions(world, cluster, service),
        labels={"team": service.team},
        annotations=dict(company.GITOPS.get(service.name, {})),
    )
    workload.generation = workload.wanted_revision.number
    workload.progressed_at = workload.wanted_revision.created_at + timedelta(seconds=40)
    cluster.workloads[workload.uid] = workload
    for number in range(replicas):
        _place(kubelet, workload, number)
    world.mark_changed(workload)


def _past_revisions(
    world: DemoWorld, cluster: DemoCluster, service: DemoService
) -> list[DemoRevision]:
    repository = world.repositories[service.repository]
    released = [
        (release.commit, release.job.ends_at)
        for release in repository.deployments
        if release.environment == cluster.environment and release.job.ends_at < world.now
    ][-4:] or [(repository.head, world.now - COMPANY_AGE / 2)]
    number = world.rng.randint(8, 60)
    return [
        DemoRevision(
            number + index,
            world.rng.uid(),
            world.rng.suffix(10),
            f"{service.image}:{commit.sha[:7]}",
            commit.sha,
            at,
            cause=commit.title,
            model=_served(world, service),
        )
        for index, (commit, at) in enumerate(released)
    ]


def _served(world: DemoWorld, service: DemoService) -> str:
    if not service.model:
        return ""
    return f"{service.model}/{world.models[service.model].aliases['champion']}"


def _place(kubelet: DemoKubelet, workload: DemoWorkload, number: int) -> None:
    revision, chance = workload.wanted_revision, kubelet.world.rng
    names = {
        DemoWorkloadKind.DEPLOYMENT: f"{workload.name}-{revision.hash}-{chance.suffix(5)}",
        DemoWorkloadKind.STATEFUL_SET: f"{workload.name}-{number}",
        DemoWorkloadKind.DAEMON_SET: f"{workload.name}-{chance.suffix(5)}",
    }
    kubelet.add_pod(
        workload,
        names[workload.kind],
        revision.image,
        DemoPodState.READY,
        since=revision.created_at + timedelta(seconds=10 + 5 * number),
        revision=revision,
        node=workload.cluster.nodes[number % len(workload.cluster.nodes)],
    )


def _found_crons(world: DemoWorld, periodics: CronJobController, cluster: DemoCluster) -> None:
    for periodic in company.CRON_JOBS:
        image = f"{company.REGISTRY}/{periodic.team}/{periodic.name}:stable"
        cron = DemoCronJob(
            cluster, periodic.team, periodic, world.rng.uid(), cluster.created_at, image
        )
        cluster.cron_jobs[cron.uid] = cron
        periodics.seed_history(cron)
        periodics.schedule(cron)


def _found_trouble(world: DemoWorld, kubelet: DemoKubelet, delivery: DeliveryController) -> None:
    """Let one roll-out in production be stuck, and one in staging."""
    for cluster, service, fate in (
        ("production-eu", "checkout", PodOutcome.CRASH),
        ("staging-eu", "search", PodOutcome.PULL_FAILED),
    ):
        workload = world.clusters[cluster].workload("shop", service)
        if workload is not None:
            commit = _fail_to_deploy(world, delivery, workload)
            _get_stuck(world, kubelet, workload, commit, fate)


def _fail_to_deploy(
    world: DemoWorld, delivery: DeliveryController, workload: DemoWorkload
) -> DemoCommit:
    """Let the commit that is stuck have been built, and its deployment have failed."""
    repository = world.repositories[workload.service.repository]
    commit = delivery.create_commit(repository, world.now - timedelta(minutes=25))
    repository.head = commit
    schedule_run(world, repository, CI, commit, commit.at)
    failing = f"deploy to {workload.cluster.environment}"
    at = world.now - timedelta(minutes=16)
    run = schedule_run(world, repository, DEPLOY, commit, at, failing=failing)
    delivery.record_deployments(run)
    return commit


def _get_stuck(
    world: DemoWorld,
    kubelet: DemoKubelet,
    workload: DemoWorkload,
    commit: DemoCommit,
    fate: PodOutcome,
) -> None:
    at = world.now - 3 * PROGRESS_DEADLINE
    tag = commit.sha[:7] if fate is PodOutcome.CRASH else f"{commit.sha[:7]}-arm64"
    before = workload.wanted_revision
    workload.revisions.append(
        DemoRevision(
            before.number + 1,
            world.rng.uid(),
            world.rng.suffix(10),
            f"{workload.service.image}:{tag}",
            commit.sha,
            at,
            cause=commit.title,
            model=before.model,
            outcome=fate,
        )
    )
    workload.generation += 1
    workload.progressed_at, workload.stuck = at, True
    _place(kubelet, workload, workload.replicas)
    pod = workload.pods[-1]
    pod.restarts, pod.ready_at = (6, None) if fate is PodOutcome.CRASH else (0, None)
    (kubelet.crash if fate is PodOutcome.CRASH else kubelet.fail_pull)(pod)
