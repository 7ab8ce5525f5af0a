"""How the world begins: the company with a past, and with work under way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world import company
from opsboard.demo.world.chance import DEFAULT_SEED
from opsboard.demo.world.clusters import Cluster, Cron, Fate, PodState, Revision, Workload
from opsboard.demo.world.code import Commit, Conclusion, Repository, Workflow
from opsboard.demo.world.company import Service, WorkloadKind
from opsboard.demo.world.delivery import Delivery
from opsboard.demo.world.first_models import found_models
from opsboard.demo.world.kubelet import Kubelet
from opsboard.demo.world.learning import Learning
from opsboard.demo.world.load import add_load
from opsboard.demo.world.oddities import add_oddities
from opsboard.demo.world.periodic import Periodics
from opsboard.demo.world.plans import plan
from opsboard.demo.world.rollouts import DEADLINE, Rollouts
from opsboard.demo.world.scale import Scale
from opsboard.demo.world.workflows import CI, DEPLOY, workflows_of
from opsboard.demo.world.world import World

__all__ = ["DEFAULT_SEED", "Stories", "found"]

AGE: Final = timedelta(days=200)
PAST_PUSHES: Final = 14


@dataclass(frozen=True, slots=True)
class Stories:
    """What moves a world; :attr:`rollouts` also takes the orders that come through an API."""

    rollouts: Rollouts
    delivery: Delivery
    learning: Learning
    periodics: Periodics


def found(seed: int, now: datetime, scale: Scale | None = None) -> tuple[World, Stories]:
    """Return the world as it is at *now*, and what moves it."""
    world = World(seed, now, scale or Scale())
    kubelet = Kubelet(world)
    rollouts = Rollouts(world, kubelet)
    world.learning = Learning(world)
    world.delivery = Delivery(world, rollouts)
    stories = Stories(rollouts, world.delivery, world.learning, Periodics(world, kubelet))
    _found_repositories(world, stories.delivery)
    found_models(world, stories.learning)
    _found_clusters(world)
    for cluster in world.clusters.values():
        for service in company.SERVICES:
            _found_workload(world, kubelet, cluster, service)
        _found_crons(world, stories.periodics, cluster)
    _found_trouble(world, kubelet, stories.delivery)
    add_oddities(world)
    add_load(world, kubelet, stories.delivery, stories.learning)
    stories.delivery.begin()
    stories.learning.begin()
    return world, stories


def _found_repositories(world: World, delivery: Delivery) -> None:
    for name, description in company.REPOSITORIES.items():
        at = world.now - AGE
        first = Commit(world.chance.hex(40), "First commit", "amara", at)
        workflows = tuple(Workflow(world.next_id(), spec, at) for spec in workflows_of(name))
        world.commits[first.sha] = first
        repository = Repository(
            world.next_id(), company.OWNER, name, description, at, workflows, first
        )
        world.repositories[name] = repository
        _give_past(world, delivery, repository)


def _give_past(world: World, delivery: Delivery, repository: Repository) -> None:
    deploys = any(service.repository == repository.name for service in company.SERVICES)
    for age in range(PAST_PUSHES, 0, -1):
        at = world.now - timedelta(minutes=age * 95 - world.chance.count(0, 60))
        run = delivery.push(repository, at)
        if deploys and run.branch == "main" and run.conclusion is Conclusion.SUCCESS:
            delivery.deploy(repository, run.commit, run.ends_at, Fate.GOOD)


def _found_clusters(world: World) -> None:
    for name, environment, nodes in (
        ("production-eu", "production", 5),
        ("staging-eu", "staging", 3),
    ):
        cluster = Cluster(
            name,
            environment,
            "v1.36.2",
            world.chance.uid(),
            world.now - AGE,
            tuple(f"{name}-node-{number}" for number in range(1, nodes + 1)),
        )
        for namespace in ("default", "kube-system", *company.TEAMS):
            cluster.namespaces[namespace] = world.chance.uid()
        world.clusters[name] = cluster


def _found_workload(world: World, kubelet: Kubelet, cluster: Cluster, service: Service) -> None:
    replicas = service.replicas if cluster.environment == "production" else 2
    if service.kind is WorkloadKind.DAEMON_SET:
        replicas = len(cluster.nodes)
    workload = Workload(
        cluster,
        service.team,
        service.name,
        world.chance.uid(),
        service.kind,
        service,
        replicas,
        cluster.created_at,
        revisions=_past_revisions(world, cluster, service),
        labels={"team": service.team},
        annotations=dict(company.GITOPS.get(service.name, {})),
    )
    workload.generation = workload.revision.number
    workload.progressed_at = workload.revision.created_at + timedelta(seconds=40)
    cluster.workloads[workload.uid] = workload
    for number in range(replicas):
        _place(kubelet, workload, number)
    world.touch(workload)


def _past_revisions(world: World, cluster: Cluster, service: Service) -> list[Revision]:
    repository = world.repositories[service.repository]
    released = [
        (release.commit, release.job.ends_at)
        for release in repository.releases
        if release.environment == cluster.environment and release.job.ends_at < world.now
    ][-4:] or [(repository.head, world.now - AGE / 2)]
    number = world.chance.count(8, 60)
    return [
        Revision(
            number + index,
            world.chance.uid(),
            world.chance.letters(10),
            f"{service.image}:{commit.sha[:7]}",
            commit.sha,
            at,
            cause=commit.title,
            model=_served(world, service),
        )
        for index, (commit, at) in enumerate(released)
    ]


def _served(world: World, service: Service) -> str:
    if not service.model:
        return ""
    return f"{service.model}/{world.models[service.model].aliases['champion']}"


def _place(kubelet: Kubelet, workload: Workload, number: int) -> None:
    revision, chance = workload.revision, kubelet.world.chance
    names = {
        WorkloadKind.DEPLOYMENT: f"{workload.name}-{revision.digest}-{chance.letters(5)}",
        WorkloadKind.STATEFUL_SET: f"{workload.name}-{number}",
        WorkloadKind.DAEMON_SET: f"{workload.name}-{chance.letters(5)}",
    }
    kubelet.place(
        workload,
        names[workload.kind],
        revision.image,
        PodState.READY,
        since=revision.created_at + timedelta(seconds=10 + 5 * number),
        revision=revision,
        node=workload.cluster.nodes[number % len(workload.cluster.nodes)],
    )


def _found_crons(world: World, periodics: Periodics, cluster: Cluster) -> None:
    for periodic in company.PERIODIC:
        image = f"{company.REGISTRY}/{periodic.team}/{periodic.name}:stable"
        cron = Cron(cluster, periodic.team, periodic, world.chance.uid(), cluster.created_at, image)
        cluster.crons[cron.uid] = cron
        periodics.past(cron)
        periodics.begin(cron)


def _found_trouble(world: World, kubelet: Kubelet, delivery: Delivery) -> None:
    """Let one roll-out in production be stuck, and one in staging."""
    for cluster, service, fate in (
        ("production-eu", "checkout", Fate.CRASH),
        ("staging-eu", "search", Fate.PULL),
    ):
        workload = world.clusters[cluster].workload("shop", service)
        if workload is not None:
            commit = _fail_to_deploy(world, delivery, workload)
            _get_stuck(world, kubelet, workload, commit, fate)


def _fail_to_deploy(world: World, delivery: Delivery, workload: Workload) -> Commit:
    """Let the commit that is stuck have been built, and its deployment have failed."""
    repository = world.repositories[workload.service.repository]
    commit = delivery.commit(repository, world.now - timedelta(minutes=25))
    repository.head = commit
    plan(world, repository, CI, commit, commit.at)
    failing = f"deploy to {workload.cluster.environment}"
    at = world.now - timedelta(minutes=16)
    run = plan(world, repository, DEPLOY, commit, at, failing=failing)
    delivery.release(run)
    return commit


def _get_stuck(
    world: World, kubelet: Kubelet, workload: Workload, commit: Commit, fate: Fate
) -> None:
    at = world.now - 3 * DEADLINE
    tag = commit.sha[:7] if fate is Fate.CRASH else f"{commit.sha[:7]}-arm64"
    before = workload.revision
    workload.revisions.append(
        Revision(
            before.number + 1,
            world.chance.uid(),
            world.chance.letters(10),
            f"{workload.service.image}:{tag}",
            commit.sha,
            at,
            cause=commit.title,
            model=before.model,
            fate=fate,
        )
    )
    workload.generation += 1
    workload.progressed_at, workload.stuck = at, True
    _place(kubelet, workload, workload.replicas)
    pod = workload.pods[-1]
    pod.restarts, pod.ready_at = (6, None) if fate is Fate.CRASH else (0, None)
    (kubelet.crash if fate is Fate.CRASH else kubelet.pull)(pod)
