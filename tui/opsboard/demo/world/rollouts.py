"""The controller of roll-outs: how a workload gets from one revision to the next."""

from datetime import timedelta
from math import ceil
from typing import Any, Final

from opsboard.demo.world.cluster_events import record_event
from opsboard.demo.world.clusters import DemoPod, DemoRevision, DemoWorkload, PodOutcome
from opsboard.demo.world.company import AUTOSCALED, DemoWorkloadKind
from opsboard.demo.world.kubelet import DemoKubelet, PodOwner
from opsboard.demo.world.world import DemoWorld

PROGRESS_DEADLINE: Final = timedelta(seconds=180)
"""``progressDeadlineSeconds``: how long a roll-out may make no progress until it is stuck."""

MAX_REVISIONS: Final = 8

AUTOSCALER_SECONDS: Final = 15.0
"""Seconds until an autoscaler corrects a number of replicas that is out of its bounds."""


class RolloutController:
    """Does what the Deployment, StatefulSet, DaemonSet and autoscaling controllers do."""

    def __init__(self, world: DemoWorld, kubelet: DemoKubelet) -> None:
        self.world = world
        self.kubelet = kubelet
        self._rolling: set[str] = set()
        self._pending: set[str] = set()
        kubelet.on_pod_change = self._pods_changed

    def release(
        self,
        workload: DemoWorkload,
        image: str,
        *,
        commit: str = "",
        cause: str = "",
        model: str = "",
        fate: PodOutcome = PodOutcome.GOOD,
        annotations: dict[str, str] | None = None,
        template: dict[str, Any] | None = None,
    ) -> None:
        """Roll out a new revision, or the old one with the same template if there is one.

        A *template* that a client has patched is kept by later releases, which change its image
        only.
        """
        before = workload.wanted_revision
        if template is None and before.template is not None:
            template = with_image(before.template, image)
        wanted = DemoRevision(
            number=before.number + 1,
            uid=self.world.rng.uid(),
            hash=self.world.rng.suffix(10),
            image=image,
            commit=commit,
            created_at=self.world.now,
            cause=cause,
            annotations=before.annotations if annotations is None else annotations,
            model=model or before.model,
            outcome=fate,
            template=template,
        )
        self._set_wanted_revision(workload, _same_template(workload, wanted) or wanted)

    def roll_back(self, workload: DemoWorkload, revision: DemoRevision) -> None:
        """Roll out *revision* of *workload* again."""
        self._set_wanted_revision(workload, revision)

    def scale(self, workload: DemoWorkload, replicas: int) -> None:
        """Set the number of replicas. An autoscaler brings it back within its bounds soon."""
        workload.replicas = replicas
        self.spec_changed(workload)
        bounds = AUTOSCALED.get(workload.name)
        if bounds is not None and not bounds[0] <= replicas <= bounds[1]:
            self.world.event_queue.call_later(
                AUTOSCALER_SECONDS, lambda: self._autoscale(workload, bounds)
            )

    def _autoscale(self, workload: DemoWorkload, bounds: tuple[int, int]) -> None:
        wanted = min(max(workload.replicas, bounds[0]), bounds[1])
        if workload.replicas and wanted != workload.replicas:  # with 0 replicas it does not act
            workload.scale_manager = ""
            self.scale(workload, wanted)

    def pause(self, workload: DemoWorkload, *, paused: bool) -> None:
        workload.paused = paused
        self.spec_changed(workload)

    def spec_changed(self, workload: DemoWorkload) -> None:
        """React to a changed spec of *workload*: count its generation up and reconcile it."""
        workload.generation += 1
        self.world.mark_changed(workload)
        self._reconcile_soon(workload)

    def _reconcile_soon(self, workload: DemoWorkload) -> None:
        if workload.uid not in self._pending:
            self._pending.add(workload.uid)
            self.world.event_queue.call_later(0.3, lambda: self.reconcile(workload))

    def reconcile(self, workload: DemoWorkload) -> None:
        """Take one step from the present pods to the wanted ones."""
        self._pending.discard(workload.uid)
        step = {
            DemoWorkloadKind.DEPLOYMENT: self._step_deployment,
            DemoWorkloadKind.STATEFUL_SET: self._step_stateful_set,
            DemoWorkloadKind.DAEMON_SET: self._step_daemon_set,
        }[workload.kind]
        step(workload)
        if workload.uid in self._rolling and workload.complete:
            self._rolling.discard(workload.uid)
            workload.stuck = False
        self.world.mark_changed(workload)

    def _set_wanted_revision(self, workload: DemoWorkload, revision: DemoRevision) -> None:
        revision.workload_annotations = dict(workload.annotations)
        if revision is not workload.wanted_revision:
            if revision in workload.revisions:
                revision.numbered_at = self.world.now
                revision.first_number = revision.first_number or revision.number
            revision.number = workload.wanted_revision.number + 1
            workload.revisions = [
                *(other for other in workload.revisions if other is not revision),
                revision,
            ][-MAX_REVISIONS:]
        workload.stuck = False
        self._note_progress(workload)
        self._rolling.add(workload.uid)
        self.spec_changed(workload)

    def _note_progress(self, workload: DemoWorkload) -> None:
        workload.progressed_at = self.world.now
        self.world.event_queue.call_later(
            PROGRESS_DEADLINE.total_seconds() + 1, lambda: self._check_deadline(workload)
        )

    def _check_deadline(self, workload: DemoWorkload) -> None:
        since = workload.progressed_at
        overdue = since is not None and self.world.now - since > PROGRESS_DEADLINE
        if overdue and workload.uid in self._rolling and not workload.stuck:
            workload.stuck = True
            self.world.mark_changed(workload)

    def _pods_changed(self, owner: PodOwner) -> None:
        if not isinstance(owner, DemoWorkload):
            return
        self.world.log_workload(owner)
        ready_now = any(
            pod.ready and pod.ready_at == self.world.now
            for pod in owner.live_pods(owner.wanted_revision)
        )
        if ready_now and owner.uid in self._rolling:
            self._note_progress(owner)
        self._reconcile_soon(owner)

    # --- one step, by kind ---

    def _step_deployment(self, workload: DemoWorkload) -> None:
        wanted = workload.replicas
        new = list(workload.live_pods(workload.wanted_revision))
        old = [pod for pod in workload.live_pods() if pod.revision is not workload.wanted_revision]
        self._drop(new[wanted:])
        if workload.paused and old:
            return
        room = wanted + ceil(wanted / 4) - len(new) - len(old)
        for _ in range(min(room, wanted - len(new))):
            self._add(workload, f"{workload.name}-{workload.wanted_revision.hash}")
        spare = sum(pod.ready for pod in (*new, *old)) - (wanted - wanted // 4)
        self._drop([pod for pod in old if not pod.ready])
        self._drop([pod for pod in old if pod.ready][: max(spare, 0)])

    def _step_stateful_set(self, workload: DemoWorkload) -> None:
        by_name = {pod.name: pod for pod in workload.pods}
        names = [f"{workload.name}-{ordinal}" for ordinal in range(workload.replicas)]
        self._drop([pod for name, pod in by_name.items() if name not in names])
        for name in names:
            if name not in by_name:
                self._add(workload, name, exact=True)
            if name not in by_name or not by_name[name].ready:
                break
        self._replace_one(workload, [by_name[name] for name in reversed(names) if name in by_name])

    def _step_daemon_set(self, workload: DemoWorkload) -> None:
        by_node = {pod.node: pod for pod in workload.pods}
        for node in workload.cluster.nodes:
            if node not in by_node:
                self._add(workload, workload.name, node=node)
        self._replace_one(workload, list(by_node.values()))

    def _replace_one(self, workload: DemoWorkload, pods: list[DemoPod]) -> None:
        """Terminate one pod of an old revision: one that is not ready, or any if all are ready."""
        old = [pod for pod in pods if pod.revision is not workload.wanted_revision]
        unready = [pod for pod in old if not pod.ready]
        if unready or all(pod.ready for pod in workload.pods):
            self._drop((unready or old)[:1])

    def _add(
        self, workload: DemoWorkload, prefix: str, *, exact: bool = False, node: str = ""
    ) -> None:
        name = prefix if exact else f"{prefix}-{self.world.rng.suffix(5)}"
        revision = workload.wanted_revision
        self.kubelet.create_pod(workload, name, revision.image, revision=revision, node=node)
        record_event(self.world, workload, "SuccessfulCreate", f"Created pod: {name}", "controller")

    def _drop(self, pods: list[DemoPod]) -> None:
        for pod in pods:
            self.kubelet.terminate(pod)


def _same_template(workload: DemoWorkload, wanted: DemoRevision) -> DemoRevision | None:
    for revision in workload.revisions:
        if _template(revision) == _template(wanted):
            return revision
    return None


def _template(revision: DemoRevision) -> object:
    if revision.template is not None:
        return revision.template
    return revision.image, revision.model, tuple(sorted(revision.annotations.items()))


def with_image(template: dict[str, Any], image: str) -> dict[str, Any]:
    """Return *template* with another image in its first container."""
    first, *others = template["spec"]["containers"]
    containers = [{**first, "image": image}, *others]
    return {**template, "spec": {**template["spec"], "containers": containers}}
