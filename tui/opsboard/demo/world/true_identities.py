"""What each thing of the world is truly made of, makes, runs or is about.

Identities are as records state them, but the world does not know the addresses that it is served
at: those of MLflow have no scope, those of config that of the name of its cluster. A workload has
the commit of its image too, however little that image says of it.
"""

from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from opsboard.demo.world import true_facts as true
from opsboard.demo.world.clusters import DemoWorkload
from opsboard.demo.world.company import GIT_HOST
from opsboard.demo.world.models import DemoModelVersion
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Identity, Ref
from opsboard.records.claims import COMMIT, DATASET, IMAGE, MODEL_VERSION, RESOURCE, RUN

_Pairs: TypeAlias = Iterator[tuple[Ref, frozenset[Identity]]]


def true_identities(world: DemoWorld) -> dict[Ref, frozenset[Identity]]:
    """Return the identities of everything that there is now, by the ref of its record."""
    return dict(chain(_of_github(world), _of_clusters(world), _of_models(world), _of_drift(world)))


def _commit(repository: str, sha: str) -> Iterator[Identity]:
    if sha:
        yield Identity(COMMIT, f"{GIT_HOST}/{repository}".lower(), sha)


# --- GitHub ---------------------------------------------------------------------------------------


def _of_github(world: DemoWorld) -> _Pairs:
    pushed = _pushed(world)
    for repository in world.repositories.values():
        name = repository.full_name
        for run in repository.runs:
            made = pushed.get(run.id, ())
            yield true.run_ref(run), frozenset({*_commit(name, run.commit.sha), *made})
        for deployment in repository.deployments:  # the oldest first: the last success is live
            if deployment.state(world.now) == "success":
                ref = true.environment_ref(repository, deployment.environment)
                yield ref, frozenset(_commit(name, deployment.commit.sha))


def _pushed(world: DemoWorld) -> dict[int, list[Identity]]:
    """Return the images that runs have pushed by now, by the id of the run."""
    found: dict[int, list[Identity]] = {}
    for repository in world.images.repositories():
        for image in world.images.pushed(repository, world.now):
            if image.job is not None:
                made = Identity(IMAGE, "", image.content.digest)
                found.setdefault(image.job.run.id, []).append(made)
    return found


# --- Kubernetes -----------------------------------------------------------------------------------


def _of_clusters(world: DemoWorld) -> _Pairs:
    for cluster in world.clusters.values():
        configs: dict[tuple[str, str], Identity] = {}
        for config in cluster.configs.values():
            value = f"{config.namespace}/{config.kind}/{config.name}"
            made = configs[config.namespace, config.name] = Identity(RESOURCE, cluster.name, value)
            yield true.config_ref(config), frozenset({made})
        for workload in cluster.workloads.values():
            read = configs.get((workload.namespace, f"{workload.name}-config"))
            runs = frozenset(_run_by(world, workload))
            yield true.workload_ref(workload), runs | {read} if read else runs


def _run_by(world: DemoWorld, workload: DemoWorkload) -> Iterator[Identity]:
    """Yield what the wanted revision of *workload* runs."""
    revision = workload.wanted_revision
    if image := world.images.find(revision.image, world.now):
        yield Identity(IMAGE, "", image.content.digest)
        yield from _commit(image.facts.source, image.facts.commit)
    if revision.model and revision.template is None:
        yield Identity(MODEL_VERSION, "", revision.model)


# --- MLflow ---------------------------------------------------------------------------------------


def _of_models(world: DemoWorld) -> _Pairs:
    for model in world.models.values():
        for version in model.versions:
            ref = true.version_ref(model.name, version.number)
            yield ref, frozenset(_of_version(model.name, version))
        if serving := model.aliases.get("champion"):
            about = Identity(MODEL_VERSION, "", f"{model.name}/{serving}")
            yield true.model_ref(model.name), frozenset({about})


def _of_version(model: str, version: DemoModelVersion) -> Iterator[Identity]:
    run = version.run
    yield Identity(MODEL_VERSION, "", f"{model}/{version.number}")
    yield Identity(RUN, "", run.id)
    yield from _commit(run.repository, run.commit)
    for data in run.datasets:
        yield Identity(DATASET, "", f"{data.name}@{data.digest}")


def _of_drift(world: DemoWorld) -> _Pairs:
    for run in world.training_runs.values():
        about = Identity(MODEL_VERSION, "", f"{run.model}/{run.monitored_version}")
        for metric in run.metrics if run.monitored_version else ():
            yield true.drift_ref(run.model, run.monitored_version, metric), frozenset({about})
