"""The records that a cluster makes of what runs in it, with the identities that they state."""

from datetime import datetime

from opsboard.demo.world.stories.estate import StoryCluster, StoryCompany, digest_of
from opsboard.demo.world.stories.stage import StoryConfig, StoryCronJob, StoryPod, StoryWorkload
from opsboard.records import (
    ConfigObject,
    CronJob,
    Deployment,
    Event,
    Job,
    Kind,
    Pod,
    Ref,
    Status,
)
from opsboard.records.claims import RESOURCE, Claim, Strength, stated
from opsboard.records.identity import image, model_alias, server, workload


def _id(cluster: StoryCluster, namespace: str, name: str) -> str:
    return f"{cluster.source}/{namespace}/{name}"


def _workload(cluster: StoryCluster, namespace: str, owner: str, rule: str) -> Claim | None:
    kind, _, name = owner.partition("/")
    return workload(cluster.server, namespace, kind, name, rule)


# --- workloads and their pods ---------------------------------------------------------------------


def workload_ref(running: StoryWorkload) -> Ref:
    name = f"Deployment/{running.service.name}"
    identity = _id(running.cluster, running.service.team, name)
    return Ref(running.cluster.source, Kind.DEPLOYMENT, identity)


def deployment(company: StoryCompany, running: StoryWorkload) -> Deployment:
    """Return *running* as its cluster has it."""
    service, cluster = running.service, running.cluster
    ready = sum(pod.status is Status.OK for pod in running.pods)
    return Deployment(
        source=cluster.source,
        id=workload_ref(running).id,
        name=service.name,
        status=running.status,
        reason=running.reason,
        message=running.message,
        environment=cluster.environment,
        updated_at=running.since,
        workload="Deployment",
        cluster=cluster.source,
        namespace=service.team,
        revision=str(running.revision),
        images=(f"{service.image}:{running.sha[:7]}",),
        desired=running.replicas,
        updated=sum(pod.revision == running.revision for pod in running.pods),
        ready=ready,
        available=ready,
        inputs=stated(
            image(digest_of(service.image, running.sha), "pod imageID"),
            # MODEL_URI=models:/NAME@champion, and MLFLOW_TRACKING_URI beside it
            model_alias(company.mlflow_origin, service.model, "champion", "env MODEL_URI"),
            *(
                _config_claim(cluster, service.team, kind, name, "envFrom")
                for kind, name in service.reads
            ),
        ),
        outputs=stated(
            _workload(cluster, service.team, f"Deployment/{service.name}", "Deployment")
        ),
    )


def pod_ref(running: StoryWorkload, pod: StoryPod) -> Ref:
    return Ref(
        running.cluster.source, Kind.POD, _id(running.cluster, running.service.team, pod.name)
    )


def pod_record(running: StoryWorkload, pod: StoryPod) -> Pod:
    """Return *pod* as its cluster has it."""
    cluster, service = running.cluster, running.service
    owner = f"Deployment/{service.name}"
    pulled = pod.reason not in {"ImagePullBackOff", "Unschedulable"}
    return Pod(
        source=cluster.source,
        id=pod_ref(running, pod).id,
        name=pod.name,
        status=pod.status,
        reason=pod.reason,
        message=pod.message,
        environment=cluster.environment,
        created_at=pod.created_at,
        cluster=cluster.source,
        namespace=service.team,
        owner=owner,
        node=pod.node,
        phase="Running" if pulled else "Pending",
        ready=int(pod.status is Status.OK),
        containers=1,
        restarts=pod.restarts,
        inputs=stated(
            _workload(cluster, service.team, owner, "owner reference"),
            image(digest_of(service.image, pod.sha), "pod imageID") if pulled else None,
        ),
    )


# --- config ---------------------------------------------------------------------------------------


def config_ref(config: StoryConfig) -> Ref:
    name = f"{config.kind}/{config.name}"
    return Ref(config.cluster.source, Kind.CONFIG, _id(config.cluster, config.namespace, name))


def config_record(config: StoryConfig) -> ConfigObject:
    """Return a config map or secret, of which a cluster tells no values here."""
    cluster = config.cluster
    rule = config.kind
    return ConfigObject(
        source=cluster.source,
        id=config_ref(config).id,
        name=config.name,
        status=Status.OK,
        message=f"{len(config.keys)} entries",
        environment=cluster.environment,
        updated_at=config.changed_at,
        cluster=cluster.source,
        namespace=config.namespace,
        object=config.kind,
        keys=config.keys,
        version=config.changed_at.isoformat(),
        changed_at=config.changed_at,
        manager=config.manager,
        outputs=stated(_config_claim(cluster, config.namespace, config.kind, config.name, rule)),
    )


def _config_claim(cluster: StoryCluster, namespace: str, kind: str, name: str, rule: str) -> Claim:
    value = f"{namespace}/{kind}/{name}"
    return Claim(RESOURCE, server(cluster.server), value, rule, Strength.SHA)


# --- jobs and events ------------------------------------------------------------------------------


def cron_job_ref(cron: StoryCronJob) -> Ref:
    return Ref(cron.cluster.source, Kind.CRON_JOB, _id(cron.cluster, cron.team, cron.name))


def cron_job_record(cron: StoryCronJob) -> CronJob:
    """Return *cron* as its cluster has it."""
    return CronJob(
        source=cron.cluster.source,
        id=cron_job_ref(cron).id,
        name=cron.name,
        status=Status.OK,
        environment=cron.cluster.environment,
        cluster=cron.cluster.source,
        namespace=cron.team,
        schedule=cron.schedule,
        suspended=cron.suspended,
        last_run_at=cron.last_run_at,
        outputs=stated(_workload(cron.cluster, cron.team, f"CronJob/{cron.name}", "CronJob")),
    )


def job_ref(cron: StoryCronJob, number: int) -> Ref:
    identity = _id(cron.cluster, cron.team, f"{cron.name}-{number}")
    return Ref(cron.cluster.source, Kind.JOB, identity)


def job_record(
    cron: StoryCronJob, number: int, status: Status, began: datetime, ended: datetime | None
) -> Job:
    """Return the Job *number* of *cron*."""
    owner = f"CronJob/{cron.name}"
    states = {Status.OK: "Complete", Status.FAILED: "Failed"}
    return Job(
        source=cron.cluster.source,
        id=job_ref(cron, number).id,
        name=f"{cron.name}-{number}",
        status=status,
        reason="BackoffLimitExceeded" if status is Status.FAILED else "",
        environment=cron.cluster.environment,
        created_at=began,
        cluster=cron.cluster.source,
        namespace=cron.team,
        owner=owner,
        state=states.get(status, "Running"),
        active=int(ended is None),
        succeeded=int(status is Status.OK),
        failed=int(status is Status.FAILED),
        started_at=began,
        finished_at=ended,
        inputs=stated(_workload(cron.cluster, cron.team, owner, "owner reference")),
        outputs=stated(_workload(cron.cluster, cron.team, f"Job/{cron.name}-{number}", "Job")),
    )


def node_event(cluster: StoryCluster, node: str, reason: str, at: datetime) -> Event:
    """Return an event of *cluster* about one of its nodes."""
    about, namespace = f"Node/{node}", "default"
    name = f"{about.partition('/')[2]}.{digest_of(about, reason, at.isoformat())[7:23]}"
    return Event(
        source=cluster.source,
        id=_id(cluster, namespace, name),
        name=name,
        status=Status.WARNING,
        reason=reason,
        message=f"Node {node} status is now: {reason}",
        environment=cluster.environment,
        created_at=at,
        updated_at=at,
        cluster=cluster.source,
        namespace=namespace,
        about=about,
    )
