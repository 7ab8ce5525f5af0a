"""The controller of training: runs, registered versions, and measurements of drift."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import exp
from typing import Final, TypeAlias

from opsboard.demo.world.company import LOWER_IS_BETTER, PEOPLE
from opsboard.demo.world.models import (
    DemoDataset,
    DemoMetricValue,
    DemoModelVersion,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.true_facts import drift_ref
from opsboard.demo.world.world import DemoWorld

EPOCHS: Final = 12
EPOCH_SECONDS: Final = 6.0
MONITORING_SECONDS: Final = 60.0
MAX_HISTORY: Final = 500
THRESHOLDS: Final = {"psi": 0.25, "drift_score": 0.5}
USUAL_DRIFT: Final = {"psi": 0.06, "drift_score": 0.18}
"""Drift metric → its usual value where nothing drifts."""
DRIFT_RISE: Final = 0.3
"""How much higher the metrics are where the data has drifted."""
SERVING_ALIAS: Final = "champion"
NEWEST_ALIAS: Final = "challenger"


OnTrained: TypeAlias = Callable[[DemoRegisteredModel, DemoTrainingRun], None]
"""Called when a training run has logged its last epoch."""


class TrainingController:
    """Trains a random model now and then, and measures drift of the versions that serve."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self._watching: dict[str, DemoTrainingRun] = {}
        self._drifting: set[str] = set()

    def start(self) -> None:
        """Schedule trainings and measurements of drift from now on."""
        self._train_later()
        for run in self._watching.values():
            self._schedule_measurement(run)

    # --- by request ---

    def retrain(
        self, name: str, inputs: Mapping[str, str] | None = None, *, seconds: float = 0.0
    ) -> DemoTrainingRun:
        """Train the model *name* again for so many *seconds*; then register a new version.

        The version is trained on new data and does not drift. *inputs* become parameters of the
        run. Raises :exc:`KeyError` where there is no such model.
        """
        model = self.world.models[name]
        run = self.create_run(model, self.world.now)
        run.params |= inputs or {}
        self._train_epoch(model, run, seconds / (EPOCHS - 1), self._finish_retraining)
        return run

    def fail_run(self, run: DemoTrainingRun) -> None:
        """Let *run* fail if it has not finished: what ran it was stopped."""
        if run.finished_at is None:
            run.finished_at, run.failed = self.world.now, True

    def set_alias(self, model: DemoRegisteredModel, alias: str, number: int) -> None:
        """Point *alias* of *model* to version *number*; a new champion is monitored from now on."""
        serving = model.aliases.get(SERVING_ALIAS)
        model.aliases[alias] = number
        self.world.log_model(model)
        if alias == SERVING_ALIAS and number != serving:
            self._restart_monitoring(model)

    def delete_alias(self, model: DemoRegisteredModel, alias: str) -> None:
        """Let *alias* of *model* point to nothing any more."""
        model.aliases.pop(alias, None)
        self.world.log_model(model)

    def delete_model(self, model: DemoRegisteredModel) -> None:
        """Remove *model* with all of its versions."""
        del self.world.models[model.name]
        self.world.log_model(model, deleted=True)

    def transition_stage(
        self, model: DemoRegisteredModel, version: DemoModelVersion, stage: str
    ) -> None:
        """Move *version* to *stage*."""
        version.stage = stage
        version.stage_changed_at = model.updated_at = self.world.now

    def _finish_retraining(self, model: DemoRegisteredModel, run: DemoTrainingRun) -> None:
        run.thresholds = dict(THRESHOLDS)
        self._measure(run, self.world.now, 0, 0.0)
        version = self.register(model, run, self.world.now)
        version.trained_on_new_data = True
        self.set_alias(model, NEWEST_ALIAS, version.number)

    def _restart_monitoring(self, model: DemoRegisteredModel) -> None:
        before = self._watching.get(model.name)
        if before is None:
            return
        before.finished_at = self.world.now
        stale = (
            model.drifting
            and not model.versions[model.aliases[SERVING_ALIAS] - 1].trained_on_new_data
        )
        self.start_monitoring(model, self.world.now, drifting=stale)
        run = self._watching[model.name]
        self._measure(run, self.world.now, 0, DRIFT_RISE if stale else 0.0)
        self._schedule_measurement(run)

    # --- by itself ---

    def create_run(self, model: DemoRegisteredModel, at: datetime) -> DemoTrainingRun:
        """Return a training run that started at *at* and has logged nothing yet."""
        chance = self.world.rng
        repository = self.world.repositories[model.repository]
        person = chance.choice(PEOPLE)
        run = DemoTrainingRun(
            id=chance.hex(32),
            name=f"{model.name}-{at:%Y%m%d-%H%M%S}",
            experiment=model.experiment,
            model=model.name,
            user=person,
            commit=repository.head.sha,
            repository=repository.full_name,
            started_at=at,
            params={
                "learning_rate": f"{chance.choice((0.01, 0.03, 0.1))}",
                "max_depth": f"{chance.randint(4, 9)}",
                "epochs": f"{EPOCHS}",
                "seed": f"{chance.randint(1, 9999)}",
            },
            datasets=(_dataset(model, at),),
        )
        self.world.training_runs[run.id] = run
        return run

    def log_epoch(
        self, model: DemoRegisteredModel, run: DemoTrainingRun, step: int, at: datetime
    ) -> None:
        """Log the metrics of epoch *step* of *run*."""
        rest = exp(-step / 4) + abs(self.world.rng.gauss(0.01))
        sign = 1 if model.main_metric in LOWER_IS_BETTER else -1
        level = model.usual_value * (1 + self.world.rng.gauss(0.01))
        _log(run, "loss", 0.2 + rest, step, at)
        _log(run, model.main_metric, level * (1 + sign * 0.4 * rest), step, at)

    def register(
        self, model: DemoRegisteredModel, run: DemoTrainingRun, at: datetime
    ) -> DemoModelVersion:
        """Finish *run* at *at*, and register its model as the newest version of *model*."""
        run.finished_at = at
        return self.add_version(model, run, at)

    def add_version(
        self, model: DemoRegisteredModel, run: DemoTrainingRun, at: datetime
    ) -> DemoModelVersion:
        """Add a version of *model* that comes from *run*."""
        version = DemoModelVersion(len(model.versions) + 1, run, run.user, at)
        model.versions.append(version)
        model.updated_at = at
        self.world.log_model(model, at)
        return version

    def start_monitoring(self, model: DemoRegisteredModel, at: datetime, *, drifting: bool) -> None:
        """Start the run that measures drift of the champion of *model*."""
        version = model.aliases.get(SERVING_ALIAS, len(model.versions))
        run = DemoTrainingRun(
            id=self.world.rng.hex(32),
            name=f"monitor-{model.name}",
            experiment=model.experiment,
            model=model.name,
            user="drift-monitor",
            commit="",
            started_at=at,
            tags={"model_name": model.name, "model_version": str(version)},
            monitored_version=str(version),
            thresholds=dict(THRESHOLDS),
        )
        self.world.training_runs[run.id] = run
        self._watching[model.name] = run
        if drifting:
            self._drifting.add(run.id)
        points = int((self.world.now - at).total_seconds() // MONITORING_SECONDS)
        for step in range(points):
            rise = DRIFT_RISE * step / points if drifting else 0.0
            self._measure(run, at + timedelta(seconds=step * MONITORING_SECONDS), step, rise)

    def _measure(self, run: DemoTrainingRun, at: datetime, step: int, rise: float) -> None:
        for name, usual in USUAL_DRIFT.items():
            before = run.metrics[name][-1].value if run.metrics.get(name) else usual + rise
            pull = 0.4 * (usual + rise - before)
            value = max(before + pull + self.world.rng.gauss(0.012), 0.0)
            _log(run, name, value, step, at)
            if run.monitored_version:
                ref = drift_ref(run.model, run.monitored_version, name)
                crossed = run.metrics[name][-1].value > run.thresholds[name]
                self.world.change_log.note(ref, {"crossed": crossed}, at)

    def _schedule_measurement(self, run: DemoTrainingRun) -> None:
        self.world.event_queue.call_later(MONITORING_SECONDS, lambda: self._measure_now(run))

    def _measure_now(self, run: DemoTrainingRun) -> None:
        if run.finished_at is not None:
            return
        step = run.metrics["psi"][-1].step + 1
        self._measure(run, self.world.now, step, DRIFT_RISE if run.id in self._drifting else 0.0)
        self._schedule_measurement(run)

    def _train_later(self) -> None:
        self.world.event_queue.call_later(self.world.rng.uniform(60, 180), self._train_now)

    def _train_now(self) -> None:
        models = [
            model
            for model in self.world.models.values()
            if model.repository and "load" not in model.tags
        ]
        model = self.world.rng.choice(models)
        run = self.create_run(model, self.world.now)
        self._train_epoch(model, run, EPOCH_SECONDS, self._finish_training)
        self._train_later()

    def _train_epoch(
        self,
        model: DemoRegisteredModel,
        run: DemoTrainingRun,
        pause: float,
        end: OnTrained,
        step: int = 0,
    ) -> None:
        if run.finished_at is not None:
            return  # it has failed meanwhile
        self.log_epoch(model, run, step, self.world.now)
        if step + 1 == EPOCHS:
            end(model, run)
            return
        self.world.event_queue.call_later(
            pause, lambda: self._train_epoch(model, run, pause, end, step + 1)
        )

    def _finish_training(self, model: DemoRegisteredModel, run: DemoTrainingRun) -> None:
        if self.world.rng.chance(0.1):
            self.fail_run(run)
        else:
            number = self.register(model, run, self.world.now).number
            self.set_alias(model, NEWEST_ALIAS, number)


def _log(run: DemoTrainingRun, name: str, value: float, step: int, at: datetime) -> None:
    measures = run.metrics.setdefault(name, [])
    measures.append(DemoMetricValue(round(value, 5), step, at))
    del measures[:-MAX_HISTORY]


def _dataset(model: DemoRegisteredModel, at: datetime) -> DemoDataset:
    table = model.name.replace("-", "_")
    return DemoDataset(
        f"{table}_training", f"{at:%Y%m%d}", f"s3://harbourside-features/{table}/{at:%Y-%m-%d}"
    )
