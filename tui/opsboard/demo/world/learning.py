"""Training of models, their registration, and the watch for drift."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import exp
from typing import Final, TypeAlias

from opsboard.demo.world.company import LOWER_IS_BETTER, PEOPLE
from opsboard.demo.world.models import (
    Dataset,
    Measure,
    ModelVersion,
    RegisteredModel,
    TrainingRun,
)
from opsboard.demo.world.world import World

EPOCHS: Final = 12
EPOCH_SECONDS: Final = 6.0
WATCH_SECONDS: Final = 60.0
HISTORY_KEPT: Final = 500
THRESHOLDS: Final = {"psi": 0.25, "drift_score": 0.5}
USUAL: Final = {"psi": 0.06, "drift_score": 0.18}
"""What measures of drift are about where nothing drifts."""
RISE: Final = 0.3
"""How far beyond that they are where something does."""
LEADING: Final = "champion"
NEWEST: Final = "challenger"


End: TypeAlias = Callable[[RegisteredModel, TrainingRun], None]
"""What comes of a run of training in the end."""


class Learning:
    """Trains models now and then, and measures drift of those that serve."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._watching: dict[str, TrainingRun] = {}
        self._drifting: set[str] = set()

    def begin(self) -> None:
        """Let training and watching begin."""
        self._train_later()
        for run in self._watching.values():
            self._watch_later(run)

    # --- what is asked for from outside ---

    def retrain(
        self, name: str, inputs: Mapping[str, str] | None = None, *, seconds: float = 0.0
    ) -> TrainingRun:
        """Train the model *name* anew, for so many *seconds*; it is given a new version then.

        What is learnt from fresh data does not drift. *inputs* become parameters of the run.
        Raises :exc:`KeyError` where there is no such model.
        """
        model = self.world.models[name]
        run = self.train(model, self.world.now)
        run.params |= inputs or {}
        self._continue(model, run, seconds / (EPOCHS - 1), self._end_fresh)
        return run

    def abandon(self, run: TrainingRun) -> None:
        """End *run* without a result, unless it has ended: whatever ran it was stopped."""
        if run.finished_at is None:
            run.finished_at, run.failed = self.world.now, True

    def point(self, model: RegisteredModel, alias: str, number: int) -> None:
        """Let *alias* of *model* point to a version; what serves is watched from then on."""
        serving = model.aliases.get(LEADING)
        model.aliases[alias] = number
        if alias == LEADING and number != serving:
            self._watch_anew(model)

    def move(self, model: RegisteredModel, version: ModelVersion, stage: str) -> None:
        """Bring *version* into *stage*."""
        version.stage = stage
        version.moved_at = model.updated_at = self.world.now

    def _end_fresh(self, model: RegisteredModel, run: TrainingRun) -> None:
        run.thresholds = dict(THRESHOLDS)
        self._measure(run, self.world.now, 0, 0.0)
        version = self.register(model, run, self.world.now)
        version.fresh = True
        model.aliases[NEWEST] = version.number

    def _watch_anew(self, model: RegisteredModel) -> None:
        before = self._watching.get(model.name)
        if before is None:
            return
        before.finished_at = self.world.now
        stale = model.drifting and not model.versions[model.aliases[LEADING] - 1].fresh
        self.watch(model, self.world.now, drifting=stale)
        run = self._watching[model.name]
        self._measure(run, self.world.now, 0, RISE if stale else 0.0)
        self._watch_later(run)

    # --- what happens by itself ---

    def train(self, model: RegisteredModel, at: datetime) -> TrainingRun:
        """Start a run of training at *at*; nothing has been logged to it yet."""
        chance = self.world.chance
        repository = self.world.repositories[model.repository]
        person = chance.pick(PEOPLE)
        run = TrainingRun(
            id=chance.hex(32),
            name=f"{model.name}-{at:%Y%m%d-%H%M%S}",
            experiment=model.experiment,
            model=model.name,
            user=person,
            commit=repository.head.sha,
            started_at=at,
            params={
                "learning_rate": f"{chance.pick((0.01, 0.03, 0.1))}",
                "max_depth": f"{chance.count(4, 9)}",
                "epochs": f"{EPOCHS}",
                "seed": f"{chance.count(1, 9999)}",
            },
            datasets=(_dataset(model, at),),
        )
        self.world.training[run.id] = run
        return run

    def log_epoch(self, model: RegisteredModel, run: TrainingRun, step: int, at: datetime) -> None:
        """Log what epoch *step* of *run* came to."""
        rest = exp(-step / 4) + abs(self.world.chance.noise(0.01))
        sign = 1 if model.metric in LOWER_IS_BETTER else -1
        level = model.level * (1 + self.world.chance.noise(0.01))
        _log(run, "loss", 0.2 + rest, step, at)
        _log(run, model.metric, level * (1 + sign * 0.4 * rest), step, at)

    def register(self, model: RegisteredModel, run: TrainingRun, at: datetime) -> ModelVersion:
        """Register what *run* made as the newest version of *model*."""
        run.finished_at = at
        return self.add_version(model, run, at)

    def add_version(self, model: RegisteredModel, run: TrainingRun, at: datetime) -> ModelVersion:
        """Register a version that *run* makes or has made."""
        version = ModelVersion(len(model.versions) + 1, run, run.user, at)
        model.versions.append(version)
        model.updated_at = at
        return version

    def watch(self, model: RegisteredModel, at: datetime, *, drifting: bool) -> None:
        """Start the run that measures drift of the champion of *model*."""
        version = model.aliases.get(LEADING, len(model.versions))
        run = TrainingRun(
            id=self.world.chance.hex(32),
            name=f"monitor-{model.name}",
            experiment=model.experiment,
            model=model.name,
            user="drift-monitor",
            commit="",
            started_at=at,
            tags={"model_name": model.name, "model_version": str(version)},
            monitors=str(version),
            thresholds=dict(THRESHOLDS),
        )
        self.world.training[run.id] = run
        self._watching[model.name] = run
        if drifting:
            self._drifting.add(run.id)
        points = int((self.world.now - at).total_seconds() // WATCH_SECONDS)
        for step in range(points):
            rise = RISE * step / points if drifting else 0.0
            self._measure(run, at + timedelta(seconds=step * WATCH_SECONDS), step, rise)

    def _measure(self, run: TrainingRun, at: datetime, step: int, rise: float) -> None:
        for name, usual in USUAL.items():
            before = run.metrics[name][-1].value if run.metrics.get(name) else usual + rise
            pull = 0.4 * (usual + rise - before)
            value = max(before + pull + self.world.chance.noise(0.012), 0.0)
            _log(run, name, value, step, at)

    def _watch_later(self, run: TrainingRun) -> None:
        self.world.agenda.after(WATCH_SECONDS, lambda: self._watch_now(run))

    def _watch_now(self, run: TrainingRun) -> None:
        if run.finished_at is not None:
            return
        step = run.metrics["psi"][-1].step + 1
        self._measure(run, self.world.now, step, RISE if run.id in self._drifting else 0.0)
        self._watch_later(run)

    def _train_later(self) -> None:
        self.world.agenda.after(self.world.chance.between(60, 180), self._train_now)

    def _train_now(self) -> None:
        models = [
            model
            for model in self.world.models.values()
            if model.repository and "load" not in model.tags
        ]
        model = self.world.chance.pick(models)
        run = self.train(model, self.world.now)
        self._continue(model, run, EPOCH_SECONDS, self._end_by_chance)
        self._train_later()

    def _continue(
        self, model: RegisteredModel, run: TrainingRun, pause: float, end: End, step: int = 0
    ) -> None:
        if run.finished_at is not None:
            return  # it was abandoned
        self.log_epoch(model, run, step, self.world.now)
        if step + 1 == EPOCHS:
            end(model, run)
            return
        self.world.agenda.after(pause, lambda: self._continue(model, run, pause, end, step + 1))

    def _end_by_chance(self, model: RegisteredModel, run: TrainingRun) -> None:
        if self.world.chance.happens(0.1):
            self.abandon(run)
        else:
            model.aliases[NEWEST] = self.register(model, run, self.world.now).number


def _log(run: TrainingRun, name: str, value: float, step: int, at: datetime) -> None:
    measures = run.metrics.setdefault(name, [])
    measures.append(Measure(round(value, 5), step, at))
    del measures[:-HISTORY_KEPT]


def _dataset(model: RegisteredModel, at: datetime) -> Dataset:
    table = model.name.replace("-", "_")
    return Dataset(
        f"{table}_training", f"{at:%Y%m%d}", f"s3://harbourside-features/{table}/{at:%Y-%m-%d}"
    )
