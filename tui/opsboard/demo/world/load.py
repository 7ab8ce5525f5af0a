"""Load: more of everything, for measuring. Plain on purpose."""

from datetime import timedelta
from typing import Final

from opsboard.demo.world.clusters import Cluster, Pod, PodState, Revision, Workload
from opsboard.demo.world.company import PEOPLE, Service
from opsboard.demo.world.delivery import Delivery
from opsboard.demo.world.kubelet import Kubelet
from opsboard.demo.world.learning import Learning
from opsboard.demo.world.models import Experiment, RegisteredModel
from opsboard.demo.world.world import World

REPLICAS: Final = 20
PER_NAMESPACE: Final = 1000


def add_load(world: World, kubelet: Kubelet, delivery: Delivery, learning: Learning) -> None:
    """Fill *world* up to its scale."""
    _add_pods(world, kubelet)
    _add_builds(world, delivery)
    _add_models(world, learning)
    pods = [pod for cluster in world.clusters.values() for pod in cluster.pods.values()]
    if world.scale.churn:
        _churn(world, pods, max(int(len(pods) * world.scale.churn), 1))


def _add_pods(world: World, kubelet: Kubelet) -> None:
    clusters = list(world.clusters.values())
    missing = world.scale.pods - sum(len(cluster.pods) for cluster in clusters)
    for number in range(-(-max(missing, 0) // REPLICAS)):
        cluster = clusters[number % len(clusters)]
        namespace = f"load-{number * REPLICAS // PER_NAMESPACE:02}"
        cluster.namespaces.setdefault(namespace, world.chance.uid())
        _add_workload(world, kubelet, cluster, namespace, f"load-{number:04}")


def _add_workload(
    world: World, kubelet: Kubelet, cluster: Cluster, namespace: str, name: str
) -> None:
    service = Service(name, namespace, "", REPLICAS)
    at = world.now - timedelta(hours=world.chance.between(1, 900))
    chance = world.chance
    revision = Revision(1, chance.uid(), chance.letters(10), f"{service.image}:1", "", at)
    workload = Workload(
        cluster,
        namespace,
        name,
        chance.uid(),
        service.kind,
        service,
        REPLICAS,
        at,
        revisions=[revision],
        progressed_at=at,
    )
    cluster.workloads[workload.uid] = workload
    for _ in range(REPLICAS):
        kubelet.place(
            workload,
            f"{name}-{revision.digest}-{chance.letters(5)}",
            revision.image,
            PodState.READY,
            since=at,
            revision=revision,
        )
    world.touch(workload)


def _churn(world: World, pods: list[Pod], count: int) -> None:
    """Let *count* of *pods* restart each second."""
    for _ in range(count):
        pod = world.chance.pick(pods)
        if pod.uid in pod.cluster.pods:
            pod.restarts += 1
            world.touch(pod)
    world.agenda.after(1.0, lambda: _churn(world, pods, count))


def _add_builds(world: World, delivery: Delivery) -> None:
    repositories = list(world.repositories.values())
    missing = world.scale.builds - sum(len(repository.runs) for repository in repositories)
    for number in range(max(missing, 0)):
        at = world.now - timedelta(hours=26, minutes=3 * number)
        delivery.push(repositories[number % len(repositories)], at)
    for repository in repositories:
        repository.runs.sort(key=lambda run: (run.created_at, run.id))


def _add_models(world: World, learning: Learning) -> None:
    for number in range(len(world.models), world.scale.models):
        at = world.now - timedelta(hours=number % 500 + 2)
        name = f"load-model-{number:04}"
        experiment = Experiment(str(number + 1), name, at)
        model = RegisteredModel(
            name,
            "Made for load",
            world.chance.pick(PEOPLE),
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
        run = learning.train(model, at)
        learning.log_epoch(model, run, 0, at)
        model.aliases["champion"] = learning.register(model, run, at).number
