"""More of everything, for load tests: as many pods, builds and models as a scale asks for."""

from datetime import timedelta
from typing import Final

from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoPod,
    DemoPodState,
    DemoRevision,
    DemoWorkload,
)
from opsboard.demo.world.company import PEOPLE, DemoService
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.delivery import DeliveryController
from opsboard.demo.world.kubelet import DemoKubelet
from opsboard.demo.world.models import DemoExperiment, DemoRegisteredModel
from opsboard.demo.world.training import TrainingController
from opsboard.demo.world.world import DemoWorld

REPLICAS_PER_WORKLOAD: Final = 20
PODS_PER_NAMESPACE: Final = 1000


def add_load(world: DemoWorld, controllers: WorldControllers) -> None:
    """Add what *world* lacks of its scale, and let pods restart at its churn."""
    _add_pods(world, controllers.kubelet)
    _add_builds(world, controllers.delivery)
    _add_models(world, controllers.training)
    pods = [pod for cluster in world.clusters.values() for pod in cluster.pods.values()]
    if world.scale.churn:
        _churn(world, pods, max(int(len(pods) * world.scale.churn), 1))


def _add_pods(world: DemoWorld, kubelet: DemoKubelet) -> None:
    clusters = list(world.clusters.values())
    missing = world.scale.pods - sum(len(cluster.pods) for cluster in clusters)
    for number in range(-(-max(missing, 0) // REPLICAS_PER_WORKLOAD)):
        cluster = clusters[number % len(clusters)]
        namespace = f"load-{number * REPLICAS_PER_WORKLOAD // PODS_PER_NAMESPACE:02}"
        cluster.namespaces.setdefault(namespace, world.rng.uid())
        _add_workload(world, kubelet, cluster, namespace, f"load-{number:04}")


def _add_workload(
    world: DemoWorld, kubelet: DemoKubelet, cluster: DemoCluster, namespace: str, name: str
) -> None:
    service = DemoService(name, namespace, "", REPLICAS_PER_WORKLOAD)
    at = world.now - timedelta(hours=world.rng.uniform(1, 900))
    rng = world.rng
    revision = DemoRevision(1, rng.uid(), rng.suffix(10), f"{service.image}:1", "", at)
    workload = DemoWorkload(
        cluster,
        namespace,
        name,
        rng.uid(),
        service.kind,
        service,
        REPLICAS_PER_WORKLOAD,
        at,
        revisions=[revision],
        progressed_at=at,
    )
    cluster.workloads[workload.uid] = workload
    for _ in range(REPLICAS_PER_WORKLOAD):
        kubelet.add_pod(
            workload,
            f"{name}-{revision.hash}-{rng.suffix(5)}",
            revision.image,
            DemoPodState.READY,
            since=at,
            revision=revision,
        )
    world.mark_changed(workload)


def _churn(world: DemoWorld, pods: list[DemoPod], count: int) -> None:
    """Let *count* random pods of *pods* restart each second."""
    for _ in range(count):
        pod = world.rng.choice(pods)
        if pod.uid in pod.cluster.pods:
            pod.restarts += 1
            world.mark_changed(pod)
    world.event_queue.call_later(1.0, lambda: _churn(world, pods, count))


def _add_builds(world: DemoWorld, delivery: DeliveryController) -> None:
    repositories = list(world.repositories.values())
    missing = world.scale.builds - sum(len(repository.runs) for repository in repositories)
    for number in range(max(missing, 0)):
        at = world.now - timedelta(hours=26, minutes=3 * number)
        delivery.push(repositories[number % len(repositories)], at)
    for repository in repositories:
        repository.runs.sort(key=lambda run: (run.created_at, run.id))


def _add_models(world: DemoWorld, training: TrainingController) -> None:
    for number in range(len(world.models), world.scale.models):
        at = world.now - timedelta(hours=number % 500 + 2)
        name = f"load-model-{number:04}"
        experiment = DemoExperiment(str(number + 1), name, at)
        model = DemoRegisteredModel(
            name,
            "Made for load",
            world.rng.choice(PEOPLE),
            "ml-models",
            "auc",
            0.8,
            experiment,
            at,
            at,
            tags={"load": "true"},
        )
        world.experiments[experiment.id] = experiment
        world.models[name] = model
        run = training.create_run(model, at)
        training.log_epoch(model, run, 0, at)
        training.set_alias(model, "champion", training.register(model, run, at).number)
