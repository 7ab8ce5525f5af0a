"""The life cycle of pods: scheduled, created, started, ready; or what goes wrong instead."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from opsboard.demo.world.cluster_events import record_event
from opsboard.demo.world.clusters import (
    DemoJob,
    DemoPod,
    DemoPodState,
    DemoRevision,
    DemoWorkload,
    PodOutcome,
)
from opsboard.demo.world.world import DemoWorld

PodOwner: TypeAlias = DemoWorkload | DemoJob

MAX_BACK_OFF_SECONDS: Final = 300.0


class DemoKubelet:
    """Creates pods and moves them on; calls :attr:`on_pod_change` with the owner each time."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self.on_pod_change: Callable[[PodOwner], None] = lambda owner: None
        self._addresses = 0

    def add_pod(
        self,
        owner: PodOwner,
        name: str,
        image: str,
        state: DemoPodState,
        *,
        since: datetime | None = None,
        revision: DemoRevision | None = None,
        node: str = "",
    ) -> DemoPod:
        """Add a pod that is in *state* and stays in it."""
        cluster, at = owner.cluster, since or self.world.now
        self._addresses += 1
        pod = DemoPod(
            cluster=cluster,
            namespace=owner.namespace,
            name=name,
            uid=self.world.rng.uid(),
            owner=owner,
            revision=revision,
            image=image,
            node=node or self.world.rng.choice(cluster.nodes),
            ip=f"10.{self._addresses >> 16 & 255}.{self._addresses >> 8 & 255}"
            f".{self._addresses & 255}",
            created_at=at,
            state=state,
            since=at,
            digest=self.world.images.digest(image, at),
            ready_at=at if state is DemoPodState.READY else None,
        )
        cluster.pods[pod.uid] = pod
        owner.pods.append(pod)
        self.world.mark_changed(pod)
        return pod

    def create_pod(
        self,
        owner: PodOwner,
        name: str,
        image: str,
        *,
        revision: DemoRevision | None,
        node: str = "",
    ) -> DemoPod:
        """Add a pending pod that is scheduled, started and ready later."""
        pod = self.add_pod(owner, name, image, DemoPodState.PENDING, revision=revision, node=node)
        self._later(pod, 0.5, 1.5, self._schedule)
        return pod

    def terminate(self, pod: DemoPod) -> None:
        """Terminate *pod*; it is deleted some seconds later."""
        if pod.state is DemoPodState.TERMINATING:
            return
        self._set_state(pod, DemoPodState.TERMINATING)
        self.world.event_queue.call_later(self.world.rng.uniform(2, 5), lambda: self.delete(pod))

    def delete(self, pod: DemoPod) -> None:
        """Delete *pod* at once."""
        if pod.cluster.pods.pop(pod.uid, None) is None:
            return
        pod.owner.pods.remove(pod)
        self.world.mark_changed(pod, deleted=True)
        self.on_pod_change(pod.owner)

    def finish(self, pod: DemoPod, *, succeeded: bool) -> None:
        """End the pod of a Job."""
        self._set_state(pod, DemoPodState.SUCCEEDED if succeeded else DemoPodState.FAILED)

    def crash(self, pod: DemoPod) -> None:
        """Let the container exit with an error, and start it again after a back-off."""
        pod.restarts += 1
        self._set_state(pod, DemoPodState.CRASHED)
        message = f"Back-off restarting failed container in pod {pod.name}"
        record_event(self.world, pod, "BackOff", message, "kubelet", warning=True)
        wait = min(10.0 * 2 ** min(pod.restarts - 1, 5), MAX_BACK_OFF_SECONDS)
        self._later(pod, wait, wait, self._start)

    def fail_pull(self, pod: DemoPod) -> None:
        """Let a pull of the image fail, and try it again later."""
        self._set_state(pod, DemoPodState.PULL_FAILED)
        message = f'Failed to pull image "{pod.image}": not found'
        record_event(self.world, pod, "Failed", message, "kubelet", warning=True)
        self._later(pod, 30, 60, self.fail_pull)

    def _schedule(self, pod: DemoPod) -> None:
        if _fate(pod) is PodOutcome.UNSCHEDULABLE:
            self._set_state(pod, DemoPodState.UNSCHEDULABLE)
            message = f"0/{len(pod.cluster.nodes)} nodes are available: Insufficient memory."
            record_event(
                self.world, pod, "FailedScheduling", message, "default-scheduler", warning=True
            )
            return
        self._set_state(pod, DemoPodState.CREATING)
        message = f"Successfully assigned {pod.namespace}/{pod.name} to {pod.node}"
        record_event(self.world, pod, "Scheduled", message, "default-scheduler")
        self._later(
            pod, 1, 4, self.fail_pull if _fate(pod) is PodOutcome.PULL_FAILED else self._start
        )

    def _start(self, pod: DemoPod) -> None:
        self._set_state(pod, DemoPodState.STARTING)
        if _fate(pod) is PodOutcome.CRASH:
            self._later(pod, 2, 5, self.crash)
        else:
            self._later(pod, 3, 9, self._become_ready)

    def _become_ready(self, pod: DemoPod) -> None:
        pod.ready_at = self.world.now
        self._set_state(pod, DemoPodState.READY)

    def _set_state(self, pod: DemoPod, state: DemoPodState) -> None:
        pod.state, pod.since = state, self.world.now
        self.world.mark_changed(pod)
        self.on_pod_change(pod.owner)

    def _later(self, pod: DemoPod, low: float, high: float, act: Callable[[DemoPod], None]) -> None:
        """Call *act* with *pod* in *low* to *high* seconds, unless it has ended by then."""

        def do() -> None:
            if pod.uid in pod.cluster.pods and pod.state not in _ENDED:
                act(pod)

        self.world.event_queue.call_later(self.world.rng.uniform(low, high), do)


_ENDED: Final = frozenset({DemoPodState.TERMINATING, DemoPodState.SUCCEEDED, DemoPodState.FAILED})


def _fate(pod: DemoPod) -> PodOutcome:
    return pod.revision.outcome if pod.revision is not None else PodOutcome.GOOD
