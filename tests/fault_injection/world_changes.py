"""What happens in the demo's world during a random walk: one change at a time, by name.

A *marker* is a change that a board must show soon. It says of which record (*ref*: kind and id)
it is seen, and what is seen there: that *field* is *value*, or that the record is there at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final, TypeAlias

from opsboard.demo.world.ci import DemoRepository, DemoRunStatus, DemoWorkflow
from opsboard.demo.world.clusters import DemoCluster, DemoWorkload, PodOutcome
from opsboard.demo.world.company import OWNER, PEOPLE, DemoWorkloadKind
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.image_content import DemoImageFacts
from opsboard.demo.world.images import DemoImage
from opsboard.demo.world.models import DemoExperiment, DemoRegisteredModel
from opsboard.demo.world.workflows import workflows_of
from opsboard.demo.world.world import DemoWorld

Told: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class WorldChanger:
    """Changes *world* as *random* decides."""

    world: DemoWorld
    controllers: WorldControllers
    random: Random
    made: int = 0

    def change(self, name: str = "") -> Told:
        """Make the change called *name*, or any; return what was done."""
        name = name or self.random.choice(sorted(CHANGES))
        return {"change": name, **CHANGES[name](self)}

    def mark(self, target: str) -> Told:
        """Make a change in *target* that a board must show; return where it is seen."""
        if target == "github":
            return self.push()
        if target == "mlflow":
            return self.move_alias()
        if target == "registry":
            return self.push_image()
        return self.scale(self.world.clusters[target])

    # --- code ------------------------------------------------------------------------------------

    def push(self) -> Told:
        repository = self.random.choice(list(self.world.repositories.values()))
        run = self.controllers.delivery.push(repository, self.world.now)
        return {"kind": "build", "id": f"{repository.full_name}/{run.id}"}

    def rerun(self) -> Told:
        run = self.random.choice(self._repository().runs[-30:])
        if run.status(self.world.now) is not DemoRunStatus.COMPLETED:
            self.controllers.user_actions.cancel(run)
            return {"cancelled": run.id}
        self.controllers.user_actions.rerun(run, self.random.choice(PEOPLE))
        return {"repeated": run.id}

    def found_repository(self) -> Told:
        self.made += 1
        name, now = f"scratch-{self.made}", self.world.now
        head = self.world.repositories["platform"].head
        flows = tuple(
            DemoWorkflow(self.world.next_id(), s, now) for s in workflows_of("mobile-app")
        )
        made = DemoRepository(self.world.next_id(), OWNER, name, "", now, flows, head)
        self.world.repositories[name] = made
        self.controllers.delivery.push(made, now)
        return {"founded": name}

    def drop_repository(self) -> Told:
        scratch = [name for name in self.world.repositories if name.startswith("scratch-")]
        if scratch:
            del self.world.repositories[self.random.choice(scratch)]
        return {"repositories": len(self.world.repositories)}

    def _repository(self) -> DemoRepository:
        settled = [one for one in self.world.repositories.values() if one.runs]
        return self.random.choice(settled)

    # --- images ----------------------------------------------------------------------------------

    def push_image(self) -> Told:
        """Push an image by hand, of no commit that anybody knows."""
        repository = self.random.choice(self.world.images.repositories())
        sha, now = f"{self.random.getrandbits(160):040x}", self.world.now
        image = DemoImage(DemoImageFacts(repository, sha, f"{OWNER}/unknown", now), sha[:7], now)
        self.world.images.add(image)
        return {"kind": "image", "id": f"{repository}@{image.content.digest}"}

    # --- clusters --------------------------------------------------------------------------------

    def release(self) -> Told:
        workload = self._workload(self._cluster())
        fate = self.random.choice(
            (PodOutcome.GOOD, PodOutcome.GOOD, PodOutcome.CRASH, PodOutcome.PULL_FAILED)
        )
        image = f"{workload.service.image}:{self.random.getrandbits(28):07x}"
        self.controllers.rollouts.release(workload, image, fate=fate)
        return {"released": workload.name, "fate": fate.value}

    def roll_back(self) -> Told:
        workload = self._workload(self._cluster())
        self.controllers.rollouts.roll_back(workload, self.random.choice(workload.revisions))
        return {"rolled back": workload.name}

    def scale(self, cluster: DemoCluster | None = None) -> Told:
        cluster = cluster or self._cluster()
        workload = self._workload(cluster, scaled=True)
        replicas = self.random.choice([n for n in range(1, 6) if n != workload.replicas])
        self.controllers.rollouts.scale(workload, replicas)
        ident = f"{cluster.name}/{workload.namespace}/{workload.kind.value}/{workload.name}"
        return {"kind": "deployment", "id": ident, "field": "desired", "value": replicas}

    def end_pod(self) -> Told:
        pods = list(self._cluster().pods.values())
        pod = self.random.choice(pods)
        self.controllers.rollouts.kubelet.terminate(pod)
        return {"ended": pod.name}

    def delete_pods(self) -> Told:
        pods = list(self._cluster().pods.values())
        gone = self.random.sample(pods, min(5, len(pods)))
        for pod in gone:
            self.controllers.rollouts.kubelet.delete(pod)
        return {"deleted": [pod.name for pod in gone]}

    def suspend_cron(self) -> Told:
        cron = self.random.choice(list(self._cluster().cron_jobs.values()))
        self.controllers.cron_jobs.suspend(cron, suspended=not cron.suspended)
        return {"cron": cron.name, "suspended": cron.suspended}

    def _cluster(self) -> DemoCluster:
        return self.random.choice(list(self.world.clusters.values()))

    def _workload(self, cluster: DemoCluster, *, scaled: bool = False) -> DemoWorkload:
        """Return a workload; with *scaled*, one whose replicas nobody else sets."""
        usual = [
            one
            for one in cluster.workloads.values()
            if not scaled
            or (one.kind is DemoWorkloadKind.DEPLOYMENT and one.name not in _AUTOSCALED)
        ]
        return self.random.choice(usual)

    # --- models ----------------------------------------------------------------------------------

    def move_alias(self) -> Told:
        model = self._model()
        others = [one.number for one in model.versions if one.number != model.aliases["champion"]]
        version = self.random.choice(others)
        self.controllers.training.set_alias(model, "champion", version)
        return {"kind": "model", "id": model.name, "field": "serving", "value": str(version)}

    def retrain(self) -> Told:
        name = self._model().name
        self.controllers.training.retrain(name, seconds=self.random.choice((5.0, 60.0)))
        return {"retrained": name}

    def register_model(self) -> Told:
        self.made += 1
        name, now = f"scratch-{self.made}", self.world.now
        like = self._model()
        experiment = DemoExperiment(f"9{self.made}", name, now)
        made = DemoRegisteredModel(name, "", "ines", like.repository, like.main_metric,
                               like.usual_value, experiment, now, now)  # fmt: skip
        self.world.experiments[experiment.id] = experiment
        self.world.models[name] = made
        for _ in range(2):
            run = self.controllers.training.create_run(made, now)
            self.controllers.training.log_epoch(made, run, 0, now)
            self.controllers.training.register(made, run, now)
        return {"registered": name}

    def drop_model(self) -> Told:
        scratch = [name for name in self.world.models if name.startswith("scratch-")]
        if scratch:
            del self.world.models[self.random.choice(scratch)]
        return {"models": len(self.world.models)}

    def _model(self) -> DemoRegisteredModel:
        founded = [one for one in self.world.models.values() if "champion" in one.aliases]
        return self.random.choice(founded)


_AUTOSCALED: Final = frozenset({"storefront", "recommendations"})

CHANGES: Final[dict[str, Callable[[WorldChanger], Told]]] = {
    "push": WorldChanger.push,
    "rerun": WorldChanger.rerun,
    "found repository": WorldChanger.found_repository,
    "drop repository": WorldChanger.drop_repository,
    "push image": WorldChanger.push_image,
    "release": WorldChanger.release,
    "roll back": WorldChanger.roll_back,
    "scale": WorldChanger.scale,
    "end pod": WorldChanger.end_pod,
    "delete pods": WorldChanger.delete_pods,
    "suspend cron": WorldChanger.suspend_cron,
    "move alias": WorldChanger.move_alias,
    "retrain": WorldChanger.retrain,
    "register model": WorldChanger.register_model,
    "drop model": WorldChanger.drop_model,
}
