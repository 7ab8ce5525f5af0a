"""Jobs, CronJobs and events as records."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from opsboard.records import Claim, CronJob, Event, Job, Status, newest, stated
from opsboard_adapters.kubernetes import batch_structs as structs
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis, common_fields
from opsboard_adapters.kubernetes.parse.configs import read_configs
from opsboard_adapters.kubernetes.parse.declarations import declared_commits
from opsboard_adapters.kubernetes.parse.images import PodImages, workload_image_claims
from opsboard_adapters.kubernetes.parse.served_models import served_models
from opsboard_adapters.kubernetes.structs import (
    V1Workload,
    V1WorkloadMeta,
    V1WorkloadSpec,
    controller_of,
    find_condition,
)


def parse_job(cluster: ClusterContext, item: structs.V1Job) -> Job:
    """Return the record of a Job; its status is that of its conditions."""
    spec, status = item.spec, item.status
    kind, name = controller_of(item)
    found = _diagnose_job(item)
    failed = find_condition(status.conditions, "Failed")
    return Job(
        **common_fields(cluster, item),
        status=found.status,
        reason=found.reason,
        message=found.message,
        owner=f"{kind}/{name}" if kind else "",
        inputs=cluster.workload(item.metadata.namespace, f"{kind}/{name}", "owner reference"),
        outputs=cluster.workload(item.metadata.namespace, f"Job/{item.metadata.name}", "Job"),
        state=job_status(item),
        completions=1 if spec.completions is None else spec.completions,
        workers=spec.parallelism if spec.completions is None and spec.parallelism > 1 else 0,
        active=status.active,
        succeeded=status.succeeded,
        failed=status.failed,
        started_at=cluster.time(status.start_time),
        finished_at=cluster.time(
            status.completion_time or (failed.last_transition_time if failed.holds else None)
        ),
    )


def job_status(item: structs.V1Job) -> str:
    """Return the STATUS that ``kubectl get jobs`` prints (``printJob``)."""
    holding = {one.type for one in item.status.conditions if one.holds}
    deleted = {_TERMINATING} if item.metadata.deletion_timestamp else set()
    return next((word for word in _JOB_STATUSES if word in holding | deleted), "Running")


_TERMINATING: Final = "Terminating"
_JOB_STATUSES: Final = (
    "Complete",
    "Failed",
    _TERMINATING,
    "Suspended",
    "FailureTarget",
    "SuccessCriteriaMet",
)
"""What is printed: the first of these that holds. All except deletion are conditions."""

_JOB_RECORD_STATUSES: Final = {
    "Complete": Status.OK,
    "Failed": Status.FAILED,
    _TERMINATING: Status.RUNNING,
    "Suspended": Status.UNKNOWN,
    "FailureTarget": Status.FAILED,  # it will fail once its pods have ended
    "SuccessCriteriaMet": Status.OK,  # it will be complete once its pods have ended
}


def _diagnose_job(item: structs.V1Job) -> Diagnosis:
    """Return how a Job is doing; a failure has reason and message of its condition."""
    spec, status, word = item.spec, item.status, job_status(item)
    if word in {"Failed", "FailureTarget"}:
        said = find_condition(status.conditions, word)
        return Diagnosis(Status.FAILED, said.reason or word, said.message)
    if word in _JOB_RECORD_STATUSES:
        return Diagnosis(_JOB_RECORD_STATUSES[word], word, "")
    if spec.suspend:  # the controller has not set the condition yet
        return Diagnosis(Status.UNKNOWN, "Suspended", "")
    if status.failed_indexes:  # no retries are left for these: the Job will fail
        return Diagnosis(
            Status.WARNING, "FailedIndexes", f"failed for good: {status.failed_indexes}"
        )
    if status.failed:
        return Diagnosis(Status.WARNING, "Retrying", _retries(item))
    return Diagnosis(Status.RUNNING, word, "")


def _retries(item: structs.V1Job) -> str:
    spec, failed = item.spec, item.status.failed
    if spec.backoff_limit_per_index is not None:
        return f"{failed} failed pods, {spec.backoff_limit_per_index} allowed for each index"
    return f"{failed} failed pods, {spec.backoff_limit} allowed"


class CronJobTemplate(NamedTuple):
    """What the pod template of a CronJob says: a *bare* one of images alone, and its *inputs*."""

    bare: V1Workload
    inputs: tuple[Claim, ...]

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """Its containers, each with the image as it is named."""
        return tuple((one.name, one.image) for one in self.bare.spec.template.spec.containers)


def cron_job_template(cluster: ClusterContext, item: structs.V1CronJob) -> CronJobTemplate:
    """Return what the pod template of a CronJob says."""
    meta = V1WorkloadMeta(
        item.metadata.name,
        item.metadata.namespace,
        labels=item.metadata.labels,
        annotations=item.metadata.annotations,
    )
    whole = V1Workload(meta, V1WorkloadSpec(template=item.spec.template))
    inputs = stated(
        *served_models(whole, cluster.model_env),
        *declared_commits(whole),
        *read_configs(cluster, whole),
    )
    return CronJobTemplate(whole.slim, inputs)


def parse_cron_job(
    cluster: ClusterContext,
    item: structs.V1CronJob,
    running: Iterable[PodImages] = (),
    template: CronJobTemplate | None = None,
) -> CronJob:
    """Return the record of a CronJob; its status is a warning when its last run has failed.

    *running* is what the pods of its last Job run. *template* is known of one that is kept without.
    """
    spec, status = item.spec, item.status
    declared = template or cron_job_template(cluster, item)
    last_run = cluster.time(status.last_schedule_time)
    last_success = cluster.time(status.last_successful_time)
    active = len(status.active)
    verdict, reason = Status.OK, ""
    if spec.suspend:
        verdict, reason = Status.UNKNOWN, "Suspended"
    elif active:
        verdict, reason = Status.RUNNING, "Running"
    elif last_run and (last_success is None or last_success < last_run):
        verdict, reason = Status.WARNING, "LastRunFailed"
    meta = item.metadata
    return CronJob(
        **common_fields(cluster, item),
        inputs=stated(*workload_image_claims(declared.bare, running), *declared.inputs),
        outputs=cluster.workload(meta.namespace, f"CronJob/{meta.name}", "CronJob"),
        status=verdict,
        reason=reason,
        schedule=spec.schedule,
        time_zone=spec.time_zone,
        suspended=spec.suspend,
        active=active,
        last_run_at=last_run,
        last_success_at=last_success,
        updated_at=newest(last_run, last_success),
    )


def parse_event(cluster: ClusterContext, item: structs.V1Event) -> Event:
    """Return the record of an event (core/v1)."""
    about, series = item.involved_object, item.series or structs.V1EventSeries()
    seen = (
        series.last_observed_time or item.last_timestamp or item.event_time or item.first_timestamp
    )
    return Event(
        **common_fields(cluster, item),
        status=Status.OK if item.type == "Normal" else Status.WARNING,
        reason=item.reason,
        message=item.message,
        about=f"{about.kind}/{about.name}",
        count=series.count or item.count or 1,
        updated_at=cluster.time(seen),
    )
