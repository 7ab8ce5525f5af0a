"""The controller of CronJobs and Jobs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from opsboard.demo.world.cluster_events import record_event
from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoCronJob,
    DemoJob,
    DemoJobRequest,
    DemoPodState,
)
from opsboard.demo.world.kubelet import DemoKubelet
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.world import DemoWorld

JOBS_PER_CRON_JOB: Final = 3
"""Finished Jobs that a CronJob keeps (``successfulJobsHistoryLimit`` is 3 by default)."""

MANUAL_JOB_SECONDS: Final = 30.0
"""Seconds that a Job without a CronJob runs."""

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


class CronJobController:
    """Starts Jobs when they are due, and ends them."""

    def __init__(self, world: DemoWorld, kubelet: DemoKubelet) -> None:
        self.world = world
        self.kubelet = kubelet
        self._rng = SeededRandom("cron jobs")

    def schedule(self, cron: DemoCronJob) -> None:
        """Run *cron* on its schedule from now on."""
        self.world.event_queue.call_at(
            _next(cron, self.world.now), lambda: self._by_the_calendar(lambda: self._run(cron))
        )

    def create_job(
        self, cluster: DemoCluster, namespace: str, order: DemoJobRequest, cron: DemoCronJob | None
    ) -> DemoJob:
        """Start the Job that a client asks for; *cron* is its owner, if it has one."""
        task = DemoJob(
            cluster,
            namespace,
            order.name,
            self.world.rng.uid(),
            cron,
            self.world.now,
            order.image,
            order,
        )
        self._place(task)
        seconds = cron.spec.duration_seconds if cron is not None else MANUAL_JOB_SECONDS
        self.world.event_queue.call_later(seconds, lambda: self._end_if_there(task))
        return task

    def suspend(self, cron: DemoCronJob, *, suspended: bool) -> None:
        """Suspend *cron*, or resume it."""
        cron.suspended = suspended
        self.world.mark_changed(cron)

    def seed_history(self, cron: DemoCronJob) -> None:
        """Add the Jobs that *cron* ran before the world began."""
        every = timedelta(minutes=cron.spec.minutes)
        for age in range(JOBS_PER_CRON_JOB, 0, -1):
            at = _next(cron, self.world.now) - age * every
            self._end(self._start(cron, at), at + timedelta(seconds=cron.spec.duration_seconds))

    def _by_the_calendar(self, act: Callable[[], None]) -> None:
        with self.world.drawing_from(self._rng):
            act()

    def _run(self, cron: DemoCronJob) -> None:
        if not cron.suspended:
            task = self._start(cron, self.world.now)
            self.world.event_queue.call_later(
                cron.spec.duration_seconds * self.world.rng.uniform(0.7, 1.4),
                lambda: self._by_the_calendar(lambda: self._end_if_there(task)),
            )
        self.world.event_queue.call_later(1, lambda: self.schedule(cron))

    def _start(self, cron: DemoCronJob, at: datetime) -> DemoJob:
        name = f"{cron.name}-{int(at.timestamp()) // 60}"
        uid = self.world.rng.uid()
        task = DemoJob(cron.cluster, cron.namespace, name, uid, cron, at, cron.image)
        cron.last_run_at = at
        self._place(task)
        return task

    def _place(self, task: DemoJob) -> None:
        task.cluster.jobs[task.uid] = task
        if task.cron_job is not None:
            task.cron_job.jobs.append(task)
        self.world.mark_changed(task)
        pod_name = f"{task.name}-{self.world.rng.suffix(5)}"
        self.kubelet.add_pod(task, pod_name, task.image, DemoPodState.READY, since=task.started_at)
        if task.cron_job is not None:
            self._forget_old(task.cron_job)
            self.world.mark_changed(task.cron_job)

    def _end_if_there(self, task: DemoJob) -> None:
        if task.uid in task.cluster.jobs:
            self._end(task, self.world.now)

    def _end(self, task: DemoJob, at: datetime) -> None:
        cron = task.cron_job
        task.finished_at = at
        task.succeeded = cron is None or not self.world.rng.chance(cron.spec.failure_rate)
        for pod in list(task.pods):
            self.kubelet.finish(pod, succeeded=task.succeeded)
            pod.since = at
        if task.succeeded:
            if cron is not None:
                cron.last_success_at = at
            record_event(self.world, task, "Completed", "Job completed", "job-controller")
        else:
            message = "Job has reached the specified backoff limit"
            record_event(
                self.world, task, "BackoffLimitExceeded", message, "job-controller", warning=True
            )
        self.world.mark_changed(task)
        if cron is not None:
            self.world.mark_changed(cron)

    def _forget_old(self, cron: DemoCronJob) -> None:
        for task in cron.jobs[:-JOBS_PER_CRON_JOB]:
            for pod in list(task.pods):
                self.kubelet.delete(pod)
            cron.jobs.remove(task)
            del cron.cluster.jobs[task.uid]
            self.world.mark_changed(task, deleted=True)


def _next(cron: DemoCronJob, now: datetime) -> datetime:
    every = timedelta(minutes=cron.spec.minutes)
    return now - (now - _EPOCH) % every + every
