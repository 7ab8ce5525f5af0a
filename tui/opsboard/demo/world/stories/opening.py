"""A company at its beginning: what runs, which models there are, and what hangs together."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.company_operations import StoryOperations
from opsboard.demo.world.stories.estate import StoryCluster, StoryService
from opsboard.demo.world.stories.stage import StoryModel, StoryStage, StoryVersion, StoryWorkload

_VERSIONS: Final = (3, 6)
"""How many versions a model has at least and at most."""


def populate(stage: StoryStage, operations: StoryOperations) -> None:
    """Put everything that there is at the beginning on *stage*."""
    for model in stage.company.models:
        _add_model(stage, operations, model)
    for service in stage.company.services:
        sha = stage.rng.hex(40)
        _add_build(stage, operations, service, sha)
        for cluster in stage.company.clusters:
            _add_workload(stage, operations, service, cluster, sha)


def _ago(stage: StoryStage, low: float, high: float) -> datetime:
    """Return a time between *low* and *high* hours before the beginning."""
    return stage.began_at - timedelta(hours=stage.rng.uniform(low, high))


def _add_build(
    stage: StoryStage, operations: StoryOperations, service: StoryService, sha: str
) -> None:
    began, actor = _ago(stage, 30, 200), operations.person()
    run = says.CiRun(service.repository, operations.number(), sha, "main", actor, began)
    stage.put(says.build(run, "success", began + timedelta(minutes=4)))


def _add_workload(
    stage: StoryStage,
    operations: StoryOperations,
    service: StoryService,
    cluster: StoryCluster,
    sha: str,
) -> None:
    rng = stage.rng
    since = _ago(stage, 1, 30)
    replicas = service.replicas if cluster.environment == "production" else 1
    running = StoryWorkload(service, cluster, rng.randint(4, 90), sha, since, replicas)
    if service.model:
        running.model_version = stage.models[service.model].aliases["champion"]
    stage.workloads.append(running)
    for number in range(replicas):
        operations.add_pod(running, cluster.nodes[number % len(cluster.nodes)])
    if service.by_github:
        stage.put(says.github_deployment(running, operations.number(), "success", since, since))
    ref = operations.show(running)
    if service.model:
        served = says.version_ref(service.model, running.model_version)
        stage.join(served, ref, "model-alias")


def _add_model(stage: StoryStage, operations: StoryOperations, name: str) -> None:
    rng = stage.rng
    repository = f"{stage.company.organisation}/{name}-training"
    model = StoryModel(name, repository)
    table = f"{name.replace('-', '_')}_features"
    for number in range(1, rng.randint(*_VERSIONS) + 1):
        version = StoryVersion(
            str(number), rng.hex(32), rng.hex(40), table, rng.hex(8), _ago(stage, 40, 400)
        )
        model.versions.append(version)
    model.versions.sort(key=lambda one: one.at)
    model.versions = [
        StoryVersion(str(number), one.run, one.sha, one.dataset, one.digest, one.at)
        for number, one in enumerate(model.versions, 1)
    ]
    model.aliases = {"champion": model.versions[-2].number, "challenger": model.versions[-1].number}
    stage.models[name] = model
    stage.put(says.model_record(stage.company, model, model.versions[-1].at))
    serving = says.version_ref(name, model.aliases["champion"])
    stage.join(serving, says.model_ref(name), "model-version")
    for version in model.versions:
        stage.put(says.version_record(stage.company, model, version))
    operations.measure(model, model.aliases["champion"], round(rng.uniform(0.03, 0.12), 3))
