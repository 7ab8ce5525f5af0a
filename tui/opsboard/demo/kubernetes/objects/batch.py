"""Jobs and CronJobs."""

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.metadata import (
    Object,
    condition,
    new_object,
    owner_reference,
    stamp,
)
from opsboard.demo.world.clusters import DemoCronJob, DemoJob, DemoJobRequest


def job_reference(task: DemoJob) -> Object:
    """Return the reference from a pod to its job."""
    return owner_reference("batch/v1", "Job", task.name, task.uid)


def job_pod_spec(name: str, image: str) -> Object:
    """Return the spec of the pod of a Job."""
    return {
        "containers": [{"name": "task", "image": image, "resources": {}}],
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 30,
        "serviceAccountName": name.rpartition("-")[0] or name,
        "schedulerName": "default-scheduler",
    }


def cron_job_pod_spec(cron: DemoCronJob) -> Object:
    """Return the spec of the pods of *cron*, with its environment variables."""
    made = job_pod_spec(cron.name, cron.image)
    if cron.spec.variables:
        made["containers"][0]["env"] = [
            {"name": name, "value": value} for name, value in cron.spec.variables
        ]
    return made


def job_object(task: DemoJob) -> Object:
    """Return the Job of *task*."""
    labels = {"batch.kubernetes.io/job-name": task.name}
    order = task.request
    made = new_object(
        resources.JOBS,
        task.name,
        task.namespace,
        task.uid,
        task.started_at,
        labels={**labels, **(order.labels if order else {})},
        annotations=order.annotations if order else None,
        owner=_owner(task),
        generation=1,
    )
    made["spec"] = {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 0,
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": task.uid}},
        "template": {"metadata": {"labels": labels}, "spec": job_pod_spec(task.name, task.image)},
        "completionMode": "NonIndexed",
        "suspend": False,
        **(_ordered(order, labels) if order else {}),
    }
    made["status"] = _task_status(task)
    return made


def _ordered(order: DemoJobRequest, labels: dict[str, str]) -> Object:
    """Return the spec as the client sent it, with the labels that the controller adds."""
    template = order.spec["template"]
    metadata = template.get("metadata") or {}
    both = {**(metadata.get("labels") or {}), **labels}
    return {**order.spec, "template": {**template, "metadata": {**metadata, "labels": both}}}


def _owner(task: DemoJob) -> Object | None:
    if task.cron_job is None:
        return None
    return owner_reference("batch/v1", "CronJob", task.cron_job.name, task.cron_job.uid)


def _task_status(task: DemoJob) -> Object:
    started = {"startTime": stamp(task.started_at)}
    if task.succeeded is None:
        return {**started, "active": 1, "ready": 1}
    if task.succeeded:
        done = condition("Complete", holds=True, at=task.finished_at, reason="CompletionsReached")
        ended = {"completionTime": stamp(task.finished_at), "succeeded": 1}
        return {**started, **ended, "ready": 0, "conditions": [done]}
    failed = condition(
        "Failed",
        holds=True,
        at=task.finished_at,
        reason="BackoffLimitExceeded",
        message="Job has reached the specified backoff limit",
    )
    return {**started, "failed": 1, "ready": 0, "conditions": [failed]}


def cron_job_object(cron: DemoCronJob) -> Object:
    """Return the CronJob of *cron*."""
    made = new_object(
        resources.CRON_JOBS,
        cron.name,
        cron.namespace,
        cron.uid,
        cron.created_at,
        annotations=cron.annotations,
        generation=cron.generation,
    )
    made["spec"] = {
        "schedule": cron.spec.schedule,
        "concurrencyPolicy": "Forbid",
        "suspend": cron.suspended,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {"spec": {"template": {"spec": cron_job_pod_spec(cron)}}},
    }
    active = [task for task in cron.jobs if task.succeeded is None]
    times = {
        "lastScheduleTime": stamp(cron.last_run_at),
        "lastSuccessfulTime": stamp(cron.last_success_at),
    }
    made["status"] = {name: time for name, time in times.items() if time}
    if active:
        made["status"]["active"] = [
            {"kind": "Job", "apiVersion": "batch/v1", "name": task.name, "uid": task.uid}
            for task in active
        ]
    return made
