"""A company at its beginning: what runs, which models there are, and what hangs together."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.cluster_statements import (
    config_record,
    config_ref,
    cron_job_record,
)
from opsboard.demo.world.stories.company_operations import StoryOperations
from opsboard.demo.world.stories.estate import CONFIG_MAP, StoryCluster, StoryService
from opsboard.demo.world.stories.stage import (
    StoryConfig,
    StoryCronJob,
    StoryModel,
    StoryStage,
    StoryTable,
    StoryVersion,
    StoryWorkload,
)
from opsboard.demo.world.stories.tables import table_record, table_ref

_KEYS: Final = ("LOG_LEVEL", "TIMEOUT_MS", "POOL_SIZE", "UPSTREAM_URL", "RETRIES", "REGION")
_VERSIONS: Final = (3, 6)
"""How many versions a model has at least and at most."""


def populate(stage: StoryStage, operations: StoryOperations) -> None:
    """Put everything that there is at the beginning on *stage*."""
    for model in stage.company.models:
        _add_model(stage, operations, model)
    for cluster in stage.company.clusters:
        _add_configs(stage, cluster)
        _add_cron_jobs(stage, cluster)
    for service in stage.company.services:
        sha = stage.rng.hex(40)
        _add_build(stage, operations, service, sha)
        for cluster in stage.company.clusters:
            _add_workload(stage, operations, service, cluster, sha)


def _ago(stage: StoryStage, low: float, high: float) -> datetime:
    """Return a time between *low* and *high* hours before the beginning."""
    return stage.began_at - timedelta(hours=stage.rng.uniform(low, high))


def _add_tables(stage: StoryStage, model: StoryModel) -> None:
    last = model.versions[-1]
    at = _ago(stage, 410, 600)
    raw = StoryTable(f"{last.dataset.removesuffix('_features')}_raw", stage.rng.hex(8), at)
    table = StoryTable(last.dataset, last.digest, at, raw)
    stage.tables[model.name] = (raw, table)
    for one in (raw, table):
        stage.put(table_record(one))
    stage.join(table_ref(raw), table_ref(table), "dataset")
    for version in model.versions[-2:]:
        stage.join(table_ref(table), says.version_ref(model.name, version.number), "dataset")


def _add_configs(stage: StoryStage, cluster: StoryCluster) -> None:
    """Add the config that services read, and some that nobody does."""
    named = {(one.team, kind, name) for one in stage.company.services for kind, name in one.reads}
    named |= {(team, CONFIG_MAP, "feature-flags") for team, _, _ in named}
    for namespace, kind, name in sorted(named):
        keys = tuple(sorted({stage.rng.choice(_KEYS) for _ in range(4)}))
        changed_at = _ago(stage, 20, 900)
        config = StoryConfig(cluster, namespace, kind, name, keys, changed_at, "helm")
        stage.configs.append(config)
        stage.put(config_record(config))


def _add_cron_jobs(stage: StoryStage, cluster: StoryCluster) -> None:
    for team in sorted({one.team for one in stage.company.services}):
        name = f"{team}-{stage.rng.choice(('report', 'cleanup', 'export'))}"
        cron = StoryCronJob(cluster, team, name, "*/30 * * * *")
        stage.cron_jobs.append(cron)
        stage.put(cron_job_record(cron))


def _add_build(
    stage: StoryStage, operations: StoryOperations, service: StoryService, sha: str
) -> None:
    began, actor = _ago(stage, 31, 200), operations.person()
    run = says.CiRun(service.repository, operations.number(), sha, "main", actor, began)
    stage.built[sha] = stage.put(says.build(run, "success", began + timedelta(minutes=4)))
    image = stage.put(says.image_record(service, sha, began + timedelta(minutes=4)))
    stage.join(stage.built[sha], image, "commit")


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
    stage.workloads.append(running)
    for number in range(replicas):
        operations.add_pod(running, cluster.nodes[number % len(cluster.nodes)])
    if service.by_github:
        number = operations.number()
        told = stage.put(says.github_deployment(running, number, "success", since, since))
        stage.join(stage.built[sha], told, "commit")
    ref = operations.show(running)
    stage.join(says.image_ref(service, sha), ref, "image")
    for config in stage.configs:
        if config.is_read_by(running):
            stage.join(config_ref(config), ref, "resource")
    if service.model:
        champion = stage.models[service.model].aliases["champion"]
        served = says.version_ref(service.model, champion)
        stage.join(served, ref, "model-alias")


def _add_model(stage: StoryStage, operations: StoryOperations, name: str) -> None:
    rng = stage.rng
    repository = f"{stage.company.organisation}/{name}-training"
    model = StoryModel(name, repository)
    table, today = f"{name.replace('-', '_')}_features", rng.hex(8)
    for number in range(1, rng.randint(*_VERSIONS) + 1):
        version = StoryVersion(
            str(number), rng.hex(32), rng.hex(40), table, rng.hex(8), _ago(stage, 40, 400)
        )
        model.versions.append(version)
    model.versions.sort(key=lambda one: one.at)
    for number, one in enumerate(model.versions, 1):
        one.number = str(number)
    for one in model.versions[-2:]:  # what serves, and what is to follow it: on the data of today
        one.digest = today
    model.aliases = {"champion": model.versions[-2].number, "challenger": model.versions[-1].number}
    stage.models[name] = model
    _add_tables(stage, model)
    stage.put(says.model_record(stage.company, model, model.versions[-1].at))
    serving = says.version_ref(name, model.aliases["champion"])
    stage.join(serving, says.model_ref(name), "model-version")
    for version in model.versions:
        stage.put(says.version_record(stage.company, model, version))
    operations.measure(model, model.aliases["champion"], round(rng.uniform(0.03, 0.12), 3))
