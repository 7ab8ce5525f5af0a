"""Tasks that run by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Final

from opsboard.demo.world.clusters import Cron, PodState, Task
from opsboard.demo.world.kubelet import Kubelet
from opsboard.demo.world.notices import notify
from opsboard.demo.world.world import World

KEPT: Final = 3
"""Tasks that are kept of each cron, as Kubernetes does by default."""

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


class Periodics:
    """Starts tasks when they are due, and ends them."""

    def __init__(self, world: World, kubelet: Kubelet) -> None:
        self.world = world
        self.kubelet = kubelet

    def begin(self, cron: Cron) -> None:
        """Run *cron* from now on."""
        self.world.agenda.at(_next(cron, self.world.now), lambda: self._run(cron))

    def past(self, cron: Cron) -> None:
        """Make the tasks that *cron* has run before the world began."""
        every = timedelta(minutes=cron.periodic.minutes)
        for age in range(KEPT, 0, -1):
            at = _next(cron, self.world.now) - age * every
            self._end(self._start(cron, at), at + timedelta(seconds=cron.periodic.seconds))

    def _run(self, cron: Cron) -> None:
        task = self._start(cron, self.world.now)
        self.world.agenda.after(
            cron.periodic.seconds * self.world.chance.between(0.7, 1.4),
            lambda: self._end(task, self.world.now),
        )
        self.world.agenda.after(1, lambda: self.begin(cron))

    def _start(self, cron: Cron, at: datetime) -> Task:
        name = f"{cron.name}-{int(at.timestamp()) // 60}"
        task = Task(cron.cluster, cron.namespace, name, self.world.chance.uid(), cron, at)
        cron.cluster.tasks[task.uid] = task
        cron.tasks.append(task)
        cron.last_run_at = at
        self.world.touch(task)
        pod_name = f"{name}-{self.world.chance.letters(5)}"
        self.kubelet.place(task, pod_name, cron.image, PodState.READY, since=at)
        self._forget_old(cron)
        self.world.touch(cron)
        return task

    def _end(self, task: Task, at: datetime) -> None:
        cron = task.cron
        task.finished_at = at
        task.succeeded = not self.world.chance.happens(cron.periodic.failing)
        for pod in list(task.pods):
            self.kubelet.end(pod, succeeded=task.succeeded)
            pod.since = at
        if task.succeeded:
            cron.last_success_at = at
            notify(self.world, task, "Completed", "Job completed", "job-controller")
        else:
            message = "Job has reached the specified backoff limit"
            notify(
                self.world, task, "BackoffLimitExceeded", message, "job-controller", warning=True
            )
        self.world.touch(task)
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
