"""The company as a world begins with it: a past of builds, releases and trainings, work under way.

Most of it is made by the same controllers that move the world afterwards, at times in the past.
"""

from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.options import DemoScale
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
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.cron_jobs import CronJobController
from opsboard.demo.world.delivery import DeliveryController
from opsboard.demo.world.edge_cases import add_edge_cases
from opsboard.demo.world.kubelet import DemoKubelet
from opsboard.demo.world.load import add_load
from opsboard.demo.world.models import DemoExperiment, DemoRegisteredModel
from opsboard.demo.world.prompts import add_prompts
from opsboard.demo.world.rollouts import PROGRESS_DEADLINE
from opsboard.demo.world.run_schedule import schedule_run
from opsboard.demo.world.training import EPOCH_SECONDS, EPOCHS, TrainingController
from opsboard.demo.world.workflows import CI, DEPLOY, workflows_of
from opsboard.demo.world.world import DemoWorld

COMPANY_AGE: Final = timedelta(days=200)
MODELS_AGE: Final = timedelta(days=100)
PAST_PUSHES: Final = 14
"""Pushes to each repository before the world begins."""
CLUSTER_SUFFIX: Final = "-eu"
"""What stands behind the environment in the names of clusters."""
KUBERNETES_VERSION: Final = "v1.36.2"


def create_world(
    seed: int, now: datetime, scale: DemoScale | None = None
) -> tuple[DemoWorld, WorldControllers]:
    """Return the world of *seed* at *now*, and its controllers, which have been started."""
    world = DemoWorld(seed, now, scale or DemoScale())
    controllers = WorldControllers.of(world)
    _add_repositories(world, controllers.delivery)
    _add_models(world, controllers.training)
    add_prompts(world)
    _add_clusters(world)
    for cluster in world.clusters.values():
        for service in company.SERVICES:
            _add_workload(world, controllers.kubelet, cluster, service)
        _add_cron_jobs(world, controllers.cron_jobs, cluster)
    _add_failed_rollouts(world, controllers)
    add_edge_cases(world, controllers)
    controllers.configs.seed()
    controllers.infrastructure.seed()
    add_load(world, controllers)
    controllers.start()
    return world, controllers


# --- code -----------------------------------------------------------------------------------------


def _add_repositories(world: DemoWorld, delivery: DeliveryController) -> None:
    for name, description in company.REPOSITORIES.items():
        at = world.now - COMPANY_AGE
        first = DemoCommit(world.rng.hex(40), "First commit", "amara", at)
        workflows = tuple(DemoWorkflow(world.next_id(), spec, at) for spec in workflows_of(name))
        world.commits[first.sha] = first
        repository = DemoRepository(
            world.next_id(), company.OWNER, name, description, at, workflows, first
        )
        world.repositories[name] = repository
        _add_past_pushes(world, delivery, repository)


def _add_past_pushes(
    world: DemoWorld, delivery: DeliveryController, repository: DemoRepository
) -> None:
    deploys = any(service.repository == repository.name for service in company.SERVICES)
    for age in range(PAST_PUSHES, 0, -1):
        at = world.now - timedelta(minutes=age * 95 - world.rng.randint(0, 60))
        run = delivery.push(repository, at)
        if deploys and run.branch == "main" and run.conclusion is DemoConclusion.SUCCESS:
            delivery.deploy(repository, run.commit, run.ends_at, PodOutcome.GOOD)


# --- models ---------------------------------------------------------------------------------------


def _add_models(world: DemoWorld, training: TrainingController) -> None:
    """Add the registered models, each with its past versions and its monitoring run."""
    for number, (name, (description, metric, usual_value)) in enumerate(company.MODELS.items(), 1):
        at = world.now - MODELS_AGE
        repository = "recommendations" if name == "product-ranker" else "ml-models"
        experiment = DemoExperiment(str(number), name, at)
        model = DemoRegisteredModel(
            name,
            description,
            world.rng.choice(company.PEOPLE),
            repository,
            metric,
            usual_value,
            experiment,
            at,
            at,
            tags={"team": "ml", **_recipe_tags(name, repository)},
            drifting=name == "product-ranker",
        )
        world.experiments[experiment.id] = experiment
        world.models[name] = model
        _add_versions(world, training, model)


def _recipe_tags(model: str, repository: str) -> dict[str, str]:
    """Return the tags that say how *model* is retrained: by a GitHub workflow."""
    recipe = {
        "source": "github",
        "repository": f"{company.OWNER}/{repository}",
        "workflow": "train.yml",
        "input.model": model,
    }
    return {f"opsboard.retrain.{key}": value for key, value in recipe.items()}


def _add_versions(
    world: DemoWorld, training: TrainingController, model: DemoRegisteredModel
) -> None:
    count = world.rng.randint(4, 8)
    for age in range(count, 0, -1):
        at = world.now - timedelta(hours=age * 22 + world.rng.randint(0, 9))
        run = training.create_run(model, at)
        for step in range(EPOCHS):
            training.log_epoch(model, run, step, at + timedelta(seconds=step * EPOCH_SECONDS))
        training.register(model, run, at + timedelta(seconds=EPOCHS * EPOCH_SECONDS))
    model.aliases = {"champion": count - 1, "challenger": count}
    model.versions[-2].stage = "Production"
    model.versions[-1].stage = "Staging"
    world.log_model(model)
    monitored_since = world.now - timedelta(hours=2)
    training.start_monitoring(model, monitored_since, drifting=model.drifting)


# --- clusters -------------------------------------------------------------------------------------


def _add_clusters(world: DemoWorld) -> None:
    for environment, nodes in (("production", 5), ("staging", 3)):
        name = f"{environment}{CLUSTER_SUFFIX}"
        cluster = DemoCluster(
            name,
            environment,
            KUBERNETES_VERSION,
            world.rng.uid(),
            world.now - COMPANY_AGE,
            tuple(f"{name}-node-{number}" for number in range(1, nodes + 1)),
        )
        for namespace in ("default", "kube-system", *company.TEAMS):
            cluster.namespaces[namespace] = world.rng.uid()
        world.clusters[name] = cluster


def _add_workload(
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
        labels={"team": service.team, "app.kubernetes.io/part-of": service.team},
        annotations=dict(company.GITOPS.get(service.name, {})),
    )
    workload.generation = workload.wanted_revision.number
    workload.progressed_at = workload.wanted_revision.created_at + timedelta(seconds=40)
    cluster.workloads[workload.uid] = workload
    for number in range(replicas):
        _add_ready_pod(kubelet, workload, number)
    world.mark_changed(workload)


def _past_revisions(
    world: DemoWorld, cluster: DemoCluster, service: DemoService
) -> list[DemoRevision]:
    repository = world.repositories[service.repository]
    past_releases = [
        (deployment.commit, deployment.job.ends_at)
        for deployment in repository.deployments
        if deployment.environment == cluster.environment and deployment.job.ends_at < world.now
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
            model=_served_model(world, service),
        )
        for index, (commit, at) in enumerate(past_releases)
    ]


def _served_model(world: DemoWorld, service: DemoService) -> str:
    if not service.model:
        return ""
    return f"{service.model}/{world.models[service.model].aliases['champion']}"


def _add_ready_pod(kubelet: DemoKubelet, workload: DemoWorkload, number: int) -> None:
    revision, rng = workload.wanted_revision, kubelet.world.rng
    names = {
        DemoWorkloadKind.DEPLOYMENT: f"{workload.name}-{revision.hash}-{rng.suffix(5)}",
        DemoWorkloadKind.STATEFUL_SET: f"{workload.name}-{number}",
        DemoWorkloadKind.DAEMON_SET: f"{workload.name}-{rng.suffix(5)}",
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


def _add_cron_jobs(world: DemoWorld, controller: CronJobController, cluster: DemoCluster) -> None:
    for spec in company.CRON_JOBS:
        image = f"{company.REGISTRY}/{spec.team}/{spec.name}:stable"
        cron_job = DemoCronJob(cluster, spec.team, spec, world.rng.uid(), cluster.created_at, image)
        cluster.cron_jobs[cron_job.uid] = cron_job
        controller.seed_history(cron_job)
        controller.schedule(cron_job)


def _add_failed_rollouts(world: DemoWorld, controllers: WorldControllers) -> None:
    """Add a roll-out that is stuck in production, and one in staging."""
    for cluster, service, outcome in (
        ("production-eu", "checkout", PodOutcome.CRASH),
        ("staging-eu", "search", PodOutcome.PULL_FAILED),
    ):
        workload = world.clusters[cluster].workload("shop", service)
        if workload is not None:
            commit = _add_failed_deployment(world, controllers.delivery, workload)
            _add_stuck_revision(world, controllers.kubelet, workload, commit, outcome)


def _add_failed_deployment(
    world: DemoWorld, delivery: DeliveryController, workload: DemoWorkload
) -> DemoCommit:
    """Add a commit that was built and whose deployment has failed; return it."""
    repository = world.repositories[workload.service.repository]
    commit = delivery.create_commit(repository, world.now - timedelta(minutes=25))
    repository.push(commit)
    schedule_run(world, repository, CI, commit, commit.at)
    failing = f"deploy to {workload.cluster.environment}"
    at = world.now - timedelta(minutes=16)
    run = schedule_run(world, repository, DEPLOY, commit, at, failing=failing)
    delivery.record_deployments(run)
    return commit


def _add_stuck_revision(
    world: DemoWorld,
    kubelet: DemoKubelet,
    workload: DemoWorkload,
    commit: DemoCommit,
    outcome: PodOutcome,
) -> None:
    at = world.now - 3 * PROGRESS_DEADLINE
    tag = commit.sha[:7] if outcome is PodOutcome.CRASH else f"{commit.sha[:7]}-arm64"
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
            outcome=outcome,
        )
    )
    workload.generation += 1
    workload.progressed_at, workload.stuck = at, True
    _add_ready_pod(kubelet, workload, workload.replicas)
    pod = workload.pods[-1]
    pod.restarts, pod.ready_at = (6, None) if outcome is PodOutcome.CRASH else (0, None)
    (kubelet.crash if outcome is PodOutcome.CRASH else kubelet.fail_pull)(pod)
