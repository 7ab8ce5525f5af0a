"""Requests that change a cluster: patches, new Jobs, deleted pods; and dry runs of these."""

from typing import Any

from opsboard.demo.kubernetes import resources
from opsboard.demo.kubernetes.objects.policies import scale_object
from opsboard.demo.kubernetes.patch_effects import (
    apply_cron_job_change,
    apply_workload_change,
    check_precondition,
    check_supported_changes,
)
from opsboard.demo.kubernetes.patch_formats import apply_patch
from opsboard.demo.kubernetes.resources import FakeApiResource
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.kubernetes.store import StoredObject
from opsboard.demo.kubernetes.store_sync import FakeStoreSync
from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoCronJob,
    DemoJobRequest,
    DemoPod,
    DemoWorkload,
)
from opsboard.demo.world.company import DemoWorkloadKind
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.training import TrainingController

MODEL_NAME = "MODEL_NAME"
"""The environment variable that names the model of a training Job."""


class FakeKubernetesWriter:
    """Applies writes to one cluster. Its methods raise :exc:`FakeKubernetesError`."""

    def __init__(
        self, controllers: WorldControllers, cluster: DemoCluster, sync: FakeStoreSync
    ) -> None:
        self.controllers = controllers
        self.cluster = cluster
        self.sync = sync

    def patch(
        self, entry: StoredObject, content_type: str, patch: Any, *, dry: bool, who: str
    ) -> Any:
        """Patch a workload or a CronJob, as the field manager *who*.

        With *dry*, change nothing and return the result.
        """
        before = entry.object
        after = apply_patch(content_type, before, patch)
        check_precondition(before, after)
        thing = self._thing(before["metadata"]["uid"])
        check_supported_changes(before, after)
        if dry:
            return after
        if isinstance(thing, DemoCronJob):
            apply_cron_job_change(self.controllers.cron_jobs, thing, before, after)
        else:
            apply_workload_change(self.controllers.rollouts, thing, before, after, who)
        return None

    def scale(
        self, entry: StoredObject, content_type: str, patch: Any, *, dry: bool, who: str
    ) -> Any:
        """Patch the scale of a workload; return the result."""
        before = self.scale_of(entry)
        after = apply_patch(content_type, before, patch)
        check_precondition(before, after)
        if not dry:
            workload = self._scaled(entry)
            workload.scale_manager = who
            self.controllers.rollouts.scale(workload, int(after["spec"]["replicas"]))
        return after

    def scale_of(self, entry: StoredObject) -> dict[str, Any]:
        """Return the scale of a workload."""
        return scale_object(self._scaled(entry), str(entry.version))

    def create_job(self, namespace: str, body: Any, *, dry: bool) -> dict[str, Any] | None:
        """Create the Job of *body*. With *dry*, create nothing and return the result."""
        metadata, spec = body.get("metadata") or {}, body.get("spec") or {}
        name = metadata.get("name")
        if not name:
            raise FakeKubernetesError(
                422, "metadata.name: Required value (the demo makes up no names)"
            )
        if (namespace, name) in self.sync.store.resources[resources.JOBS].objects:
            raise FakeKubernetesError(409, f'jobs.batch "{name}" already exists')
        container = _container(spec)
        made = DemoJobRequest(
            name,
            container["image"],
            dict(metadata.get("labels") or {}),
            dict(metadata.get("annotations") or {}),
            spec,
        )
        if dry:
            return {**body, "status": {}}
        self.controllers.cron_jobs.create_job(self.cluster, namespace, made, self._owner(metadata))
        _train(self.controllers.training, container)
        return None

    def delete_pod(self, entry: StoredObject, options: Any) -> dict[str, Any]:
        """Delete a pod; return it as it was."""
        metadata = entry.object["metadata"]
        for name, value in (options.get("preconditions") or {}).items():
            if metadata[name] != value:
                reason = (
                    f"the {name} in the precondition ({value}) does not match ({metadata[name]})"
                )
                raise FakeKubernetesError(
                    409, f"Operation cannot be fulfilled on {metadata['name']!r}: {reason}"
                )
        if not options.get("dryRun"):
            self.controllers.rollouts.kubelet.terminate(self._pod(metadata["uid"]))
        return entry.object

    def _pod(self, uid: str) -> DemoPod:
        return self.cluster.pods[uid]

    def _thing(self, uid: str) -> DemoWorkload | DemoCronJob:
        found = self.cluster.workloads.get(uid) or self.cluster.cron_jobs.get(uid)
        if found is None:
            raise FakeKubernetesError(405, "the demo lets only workloads and CronJobs be patched")
        return found

    def _scaled(self, entry: StoredObject) -> DemoWorkload:
        found = self.cluster.workloads.get(entry.object["metadata"]["uid"])
        if found is None or found.kind is DemoWorkloadKind.DAEMON_SET:
            raise FakeKubernetesError(404, "the server could not find the requested resource")
        return found

    def _owner(self, metadata: dict[str, Any]) -> DemoCronJob | None:
        owners = (owner["uid"] for owner in metadata.get("ownerReferences") or ())
        return next(
            (self.cluster.cron_jobs[uid] for uid in owners if uid in self.cluster.cron_jobs), None
        )


def check_supported(resource: FakeApiResource, verb: str) -> None:
    """Raise :exc:`FakeKubernetesError` (405) where the demo cannot *verb* the resource."""
    if resource is not {"create": resources.JOBS, "delete": resources.PODS}[verb]:
        raise FakeKubernetesError(405, f"the demo does not {verb} {resource.plural}")


def _container(spec: Any) -> dict[str, Any]:
    try:
        container: dict[str, Any] = spec["template"]["spec"]["containers"][0]
        container["image"]  # raises if it is not there
    except (KeyError, IndexError, TypeError):
        raise FakeKubernetesError(422, "spec.template.spec.containers: Required value") from None
    return container


def _train(learning: TrainingController, container: dict[str, Any]) -> None:
    """Train a model if the container's variables name one."""
    variables = {one["name"]: one.get("value", "") for one in container.get("env") or ()}
    model = variables.pop(MODEL_NAME, "")
    if model in learning.world.models:
        learning.retrain(model, variables, seconds=25)
