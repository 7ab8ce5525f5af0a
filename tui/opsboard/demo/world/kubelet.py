"""The life of a pod: scheduled, created, started, ready, or what goes wrong instead."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from opsboard.demo.world.clusters import Fate, Pod, PodState, Revision, Task, Workload
from opsboard.demo.world.notices import notify
from opsboard.demo.world.world import World

Owner: TypeAlias = Workload | Task

LONGEST_BACK_OFF: Final = 300.0


class Kubelet:
    """Makes pods and lets them live. *changed* is called for the owner at each turn."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.changed: Callable[[Owner], None] = lambda owner: None
        self._addresses = 0

    def place(
        self,
        owner: Owner,
        name: str,
        image: str,
        state: PodState,
        *,
        since: datetime | None = None,
        revision: Revision | None = None,
        node: str = "",
    ) -> Pod:
        """Put a pod into the world as it is, without a life of its own."""
        cluster, at = owner.cluster, since or self.world.now
        self._addresses += 1
        pod = Pod(
            cluster=cluster,
            namespace=owner.namespace,
            name=name,
            uid=self.world.chance.uid(),
            owner=owner,
            revision=revision,
            image=image,
            node=node or self.world.chance.pick(cluster.nodes),
            ip=f"10.{self._addresses >> 16 & 255}.{self._addresses >> 8 & 255}"
            f".{self._addresses & 255}",
            created_at=at,
            state=state,
            since=at,
            ready_at=at if state is PodState.READY else None,
        )
        cluster.pods[pod.uid] = pod
        owner.pods.append(pod)
        self.world.touch(pod)
        return pod

    def create(
        self, owner: Owner, name: str, image: str, *, revision: Revision | None, node: str = ""
    ) -> Pod:
        """Make a pod that begins its life now."""
        pod = self.place(owner, name, image, PodState.PENDING, revision=revision, node=node)
        self._later(pod, 0.5, 1.5, self._schedule)
        return pod

    def remove(self, pod: Pod) -> None:
        """Ask *pod* to end; it is gone a little later."""
        if pod.state is PodState.TERMINATING:
            return
        self._turn(pod, PodState.TERMINATING)
        self.world.agenda.after(self.world.chance.between(2, 5), lambda: self.delete(pod))

    def delete(self, pod: Pod) -> None:
        """Take *pod* out of the world."""
        if pod.cluster.pods.pop(pod.uid, None) is None:
            return
        pod.owner.pods.remove(pod)
        self.world.touch(pod, gone=True)
        self.changed(pod.owner)

    def end(self, pod: Pod, *, succeeded: bool) -> None:
        """Let the pod of a task come to its end."""
        self._turn(pod, PodState.SUCCEEDED if succeeded else PodState.FAILED)

    def crash(self, pod: Pod) -> None:
        """Let the container end with an error, and be started again after a back-off."""
        pod.restarts += 1
        self._turn(pod, PodState.CRASHED)
        message = f"Back-off restarting failed container in pod {pod.name}"
        notify(self.world, pod, "BackOff", message, "kubelet", warning=True)
        wait = min(10.0 * 2 ** min(pod.restarts - 1, 5), LONGEST_BACK_OFF)
        self._later(pod, wait, wait, self._start)

    def pull(self, pod: Pod) -> None:
        """Try to pull the image once more, in vain."""
        self._turn(pod, PodState.PULL_FAILED)
        message = f'Failed to pull image "{pod.image}": not found'
        notify(self.world, pod, "Failed", message, "kubelet", warning=True)
        self._later(pod, 30, 60, self.pull)

    def _schedule(self, pod: Pod) -> None:
        if _fate(pod) is Fate.UNSCHEDULABLE:
            self._turn(pod, PodState.UNSCHEDULABLE)
            message = f"0/{len(pod.cluster.nodes)} nodes are available: Insufficient memory."
            notify(self.world, pod, "FailedScheduling", message, "default-scheduler", warning=True)
            return
        self._turn(pod, PodState.CREATING)
        message = f"Successfully assigned {pod.namespace}/{pod.name} to {pod.node}"
        notify(self.world, pod, "Scheduled", message, "default-scheduler")
        self._later(pod, 1, 4, self.pull if _fate(pod) is Fate.PULL else self._start)

    def _start(self, pod: Pod) -> None:
        self._turn(pod, PodState.STARTING)
        if _fate(pod) is Fate.CRASH:
            self._later(pod, 2, 5, self.crash)
        else:
            self._later(pod, 3, 9, self._become_ready)

    def _become_ready(self, pod: Pod) -> None:
        pod.ready_at = self.world.now
        self._turn(pod, PodState.READY)

    def _turn(self, pod: Pod, state: PodState) -> None:
        pod.state, pod.since = state, self.world.now
        self.world.touch(pod)
        self.changed(pod.owner)

    def _later(self, pod: Pod, low: float, high: float, act: Callable[[Pod], None]) -> None:
        """Have *act* done to *pod*, unless it is on its way out, or has ended, by then."""

        def do() -> None:
            if pod.uid in pod.cluster.pods and pod.state not in _ENDED:
                act(pod)

        self.world.agenda.after(self.world.chance.between(low, high), do)


_ENDED: Final = frozenset({PodState.TERMINATING, PodState.SUCCEEDED, PodState.FAILED})


def _fate(pod: Pod) -> Fate:
    return pod.revision.fate if pod.revision is not None else Fate.GOOD
