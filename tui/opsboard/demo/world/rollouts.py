"""Roll-outs: how a workload comes from one revision to the next."""

from datetime import timedelta
from math import ceil
from typing import Any, Final

from opsboard.demo.world.clusters import Fate, Pod, Revision, Workload
from opsboard.demo.world.company import AUTOSCALED, WorkloadKind
from opsboard.demo.world.kubelet import Kubelet, Owner
from opsboard.demo.world.notices import notify
from opsboard.demo.world.world import World

DEADLINE: Final = timedelta(seconds=180)
"""How long a roll-out may go without progress until it counts as stuck."""

REVISIONS_KEPT: Final = 8

AUTOSCALER_SECONDS: Final = 15.0
"""How often an autoscaler looks at what it scales."""


class Rollouts:
    """Does what the controllers of a cluster do."""

    def __init__(self, world: World, kubelet: Kubelet) -> None:
        self.world = world
        self.kubelet = kubelet
        self._rolling: set[str] = set()
        self._pending: set[str] = set()
        kubelet.changed = self._pods_changed

    def release(
        self,
        workload: Workload,
        image: str,
        *,
        commit: str = "",
        cause: str = "",
        model: str = "",
        fate: Fate = Fate.GOOD,
        annotations: dict[str, str] | None = None,
        template: dict[str, Any] | None = None,
    ) -> None:
        """Roll out a new revision, or, where there was such a one, roll back to it.

        A *template* that somebody has patched stays; only the image is another at each release.
        """
        before = workload.revision
        if template is None and before.template is not None:
            template = with_image(before.template, image)
        wanted = Revision(
            number=before.number + 1,
            uid=self.world.chance.uid(),
            digest=self.world.chance.letters(10),
            image=image,
            commit=commit,
            created_at=self.world.now,
            cause=cause,
            annotations=before.annotations if annotations is None else annotations,
            model=model or before.model,
            fate=fate,
            template=template,
        )
        self._want(workload, _same_template(workload, wanted) or wanted)

    def roll_back(self, workload: Workload, revision: Revision) -> None:
        """Roll out *revision* of *workload* once more."""
        self._want(workload, revision)

    def scale(self, workload: Workload, replicas: int) -> None:
        """Set the number of replicas; an autoscaler soon brings it back into its bounds."""
        workload.replicas = replicas
        self.changed(workload)
        bounds = AUTOSCALED.get(workload.name)
        if bounds is not None and not bounds[0] <= replicas <= bounds[1]:
            self.world.agenda.after(AUTOSCALER_SECONDS, lambda: self._bring_back(workload, bounds))

    def _bring_back(self, workload: Workload, bounds: tuple[int, int]) -> None:
        wanted = min(max(workload.replicas, bounds[0]), bounds[1])
        if workload.replicas and wanted != workload.replicas:  # with 0 replicas it does not act
            workload.scaled_by = ""
            self.scale(workload, wanted)

    def pause(self, workload: Workload, *, paused: bool) -> None:
        workload.paused = paused
        self.changed(workload)

    def changed(self, workload: Workload) -> None:
        """Take note that somebody has changed what is wanted of *workload*."""
        workload.generation += 1
        self.world.touch(workload)
        self._reconcile_soon(workload)

    def _reconcile_soon(self, workload: Workload) -> None:
        if workload.uid not in self._pending:
            self._pending.add(workload.uid)
            self.world.agenda.after(0.3, lambda: self.reconcile(workload))

    def reconcile(self, workload: Workload) -> None:
        """Take one step towards what is wanted."""
        self._pending.discard(workload.uid)
        step = {
            WorkloadKind.DEPLOYMENT: self._step_deployment,
            WorkloadKind.STATEFUL_SET: self._step_stateful_set,
            WorkloadKind.DAEMON_SET: self._step_daemon_set,
        }[workload.kind]
        step(workload)
        if workload.uid in self._rolling and workload.complete:
            self._rolling.discard(workload.uid)
            workload.stuck = False
        self.world.touch(workload)

    def _want(self, workload: Workload, revision: Revision) -> None:
        revision.kept = dict(workload.annotations)
        if revision is not workload.revision:
            revision.number = workload.revision.number + 1
            workload.revisions = [
                *(other for other in workload.revisions if other is not revision),
                revision,
            ][-REVISIONS_KEPT:]
        workload.stuck = False
        self._progress(workload)
        self._rolling.add(workload.uid)
        self.changed(workload)

    def _progress(self, workload: Workload) -> None:
        workload.progressed_at = self.world.now
        self.world.agenda.after(DEADLINE.total_seconds() + 1, lambda: self._check(workload))

    def _check(self, workload: Workload) -> None:
        since = workload.progressed_at
        overdue = since is not None and self.world.now - since > DEADLINE
        if overdue and workload.uid in self._rolling and not workload.stuck:
            workload.stuck = True
            self.world.touch(workload)

    def _pods_changed(self, owner: Owner) -> None:
        if not isinstance(owner, Workload):
            return
        ready_now = any(
            pod.ready and pod.ready_at == self.world.now for pod in owner.alive(owner.revision)
        )
        if ready_now and owner.uid in self._rolling:
            self._progress(owner)
        self._reconcile_soon(owner)

    # --- one step, by kind ---

    def _step_deployment(self, workload: Workload) -> None:
        wanted = workload.replicas
        new = list(workload.alive(workload.revision))
        old = [pod for pod in workload.alive() if pod.revision is not workload.revision]
        self._drop(new[wanted:])
        if workload.paused and old:
            return
        room = wanted + ceil(wanted / 4) - len(new) - len(old)
        for _ in range(min(room, wanted - len(new))):
            self._add(workload, f"{workload.name}-{workload.revision.digest}")
        spare = sum(pod.ready for pod in (*new, *old)) - (wanted - wanted // 4)
        self._drop([pod for pod in old if not pod.ready])
        self._drop([pod for pod in old if pod.ready][: max(spare, 0)])

    def _step_stateful_set(self, workload: Workload) -> None:
        by_name = {pod.name: pod for pod in workload.pods}
        names = [f"{workload.name}-{ordinal}" for ordinal in range(workload.replicas)]
        self._drop([pod for name, pod in by_name.items() if name not in names])
        for name in names:
            if name not in by_name:
                self._add(workload, name, exact=True)
            if name not in by_name or not by_name[name].ready:
                break
        self._replace_one(workload, [by_name[name] for name in reversed(names) if name in by_name])

    def _step_daemon_set(self, workload: Workload) -> None:
        by_node = {pod.node: pod for pod in workload.pods}
        for node in workload.cluster.nodes:
            if node not in by_node:
                self._add(workload, workload.name, node=node)
        self._replace_one(workload, list(by_node.values()))

    def _replace_one(self, workload: Workload, pods: list[Pod]) -> None:
        """Drop one pod of an old revision: one that is not ready, else one if all are."""
        old = [pod for pod in pods if pod.revision is not workload.revision]
        unready = [pod for pod in old if not pod.ready]
        if unready or all(pod.ready for pod in workload.pods):
            self._drop((unready or old)[:1])

    def _add(self, workload: Workload, prefix: str, *, exact: bool = False, node: str = "") -> None:
        name = prefix if exact else f"{prefix}-{self.world.chance.letters(5)}"
        revision = workload.revision
        self.kubelet.create(workload, name, revision.image, revision=revision, node=node)
        notify(self.world, workload, "SuccessfulCreate", f"Created pod: {name}", "controller")

    def _drop(self, pods: list[Pod]) -> None:
        for pod in pods:
            self.kubelet.remove(pod)


def _same_template(workload: Workload, wanted: Revision) -> Revision | None:
    for revision in workload.revisions:
        if _template(revision) == _template(wanted):
            return revision
    return None


def _template(revision: Revision) -> object:
    if revision.template is not None:
        return revision.template
    return revision.image, revision.model, tuple(sorted(revision.annotations.items()))


def with_image(template: dict[str, Any], image: str) -> dict[str, Any]:
    """Return *template* with another image in its first container."""
    first, *others = template["spec"]["containers"]
    containers = [{**first, "image": image}, *others]
    return {**template, "spec": {**template["spec"], "containers": containers}}
