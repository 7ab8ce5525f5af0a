"""Tasks that run by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Final

from opsboard.demo.world.clusters import Cluster, Cron, Order, PodState, Task
from opsboard.demo.world.kubelet import Kubelet
from opsboard.demo.world.notices import notify
from opsboard.demo.world.world import World

KEPT: Final = 3
"""Tasks that are kept of each cron, as Kubernetes does by default."""

ORDERED_SECONDS: Final = 30.0
"""How long a task takes that belongs to no cron."""

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


class Periodics:
    """Starts tasks when they are due, and ends them."""

    def __init__(self, world: World, kubelet: Kubelet) -> None:
        self.world = world
        self.kubelet = kubelet

    def begin(self, cron: Cron) -> None:
        """Run *cron* from now on."""
        self.world.agenda.at(_next(cron, self.world.now), lambda: self._run(cron))

    def take(self, cluster: Cluster, namespace: str, order: Order, cron: Cron | None) -> Task:
        """Run what is ordered now, for *cron* where that is its owner."""
        task = Task(
            cluster,
            namespace,
            order.name,
            self.world.chance.uid(),
            cron,
            self.world.now,
            order.image,
            order,
        )
        self._place(task)
        seconds = cron.periodic.seconds if cron is not None else ORDERED_SECONDS
        self.world.agenda.after(seconds, lambda: self._end_if_there(task))
        return task

    def suspend(self, cron: Cron, *, suspended: bool) -> None:
        """Let *cron* not run by the clock any more, or again."""
        cron.suspended = suspended
        self.world.touch(cron)

    def past(self, cron: Cron) -> None:
        """Make the tasks that *cron* has run before the world began."""
        every = timedelta(minutes=cron.periodic.minutes)
        for age in range(KEPT, 0, -1):
            at = _next(cron, self.world.now) - age * every
            self._end(self._start(cron, at), at + timedelta(seconds=cron.periodic.seconds))

    def _run(self, cron: Cron) -> None:
        if not cron.suspended:
            task = self._start(cron, self.world.now)
            self.world.agenda.after(
                cron.periodic.seconds * self.world.chance.between(0.7, 1.4),
                lambda: self._end_if_there(task),
            )
        self.world.agenda.after(1, lambda: self.begin(cron))

    def _start(self, cron: Cron, at: datetime) -> Task:
        name = f"{cron.name}-{int(at.timestamp()) // 60}"
        uid = self.world.chance.uid()
        task = Task(cron.cluster, cron.namespace, name, uid, cron, at, cron.image)
        cron.last_run_at = at
        self._place(task)
        return task

    def _place(self, task: Task) -> None:
        task.cluster.tasks[task.uid] = task
        if task.cron is not None:
            task.cron.tasks.append(task)
        self.world.touch(task)
        pod_name = f"{task.name}-{self.world.chance.letters(5)}"
        self.kubelet.place(task, pod_name, task.image, PodState.READY, since=task.started_at)
        if task.cron is not None:
            self._forget_old(task.cron)
            self.world.touch(task.cron)

    def _end_if_there(self, task: Task) -> None:
        if task.uid in task.cluster.tasks:
            self._end(task, self.world.now)

    def _end(self, task: Task, at: datetime) -> None:
        cron = task.cron
        task.finished_at = at
        task.succeeded = cron is None or not self.world.chance.happens(cron.periodic.failing)
        for pod in list(task.pods):
            self.kubelet.end(pod, succeeded=task.succeeded)
            pod.since = at
        if task.succeeded:
            if cron is not None:
                cron.last_success_at = at
            notify(self.world, task, "Completed", "Job completed", "job-controller")
        else:
            message = "Job has reached the specified backoff limit"
            notify(
                self.world, task, "BackoffLimitExceeded", message, "job-controller", warning=True
            )
        self.world.touch(task)
        if cron is not None:
            self.world.touch(cron)

    def _forget_old(self, cron: Cron) -> None:
        for task in cron.tasks[:-KEPT]:
            for pod in list(task.pods):
                self.kubelet.delete(pod)
            cron.tasks.remove(task)
            del cron.cluster.tasks[task.uid]
            self.world.touch(task, gone=True)


def _next(cron: Cron, now: datetime) -> datetime:
    every = timedelta(minutes=cron.periodic.minutes)
    return now - (now - _EPOCH) % every + every
