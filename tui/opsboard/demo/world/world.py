"""The state of the simulated company, and its subscribers.

This module knows only data: controllers (:mod:`opsboard.demo.world.controllers`) change the
world, and the fake servers read it and subscribe to its changes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from opsboard.demo.options import DemoScale
from opsboard.demo.world import true_facts
from opsboard.demo.world.change_log import ChangeLog
from opsboard.demo.world.ci import DemoCommit, DemoRepository
from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoConfig,
    DemoCronJob,
    DemoEvent,
    DemoJob,
    DemoPod,
    DemoWorkload,
)
from opsboard.demo.world.event_queue import EventQueue
from opsboard.demo.world.images import DemoImages
from opsboard.demo.world.models import (
    DemoExperiment,
    DemoLoggedModel,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.states import DemoState

ClusterObject: TypeAlias = DemoWorkload | DemoPod | DemoCronJob | DemoJob | DemoEvent | DemoConfig
"""An object that a client can watch through the Kubernetes API."""


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """*subject* was created or has changed; with *deleted*, it is gone. *number* counts changes."""

    number: int
    subject: ClusterObject
    deleted: bool = False


Observer: TypeAlias = Callable[[ClusterChange], None]


class DemoWorld:
    """The company at a time: its clusters, repositories and models.

    Made by :func:`opsboard.demo.world.seed_data.create_world`; moved by :meth:`advance` alone, in
    one thread.
    """

    def __init__(self, seed: int, now: datetime, scale: DemoScale) -> None:
        self.rng = SeededRandom(seed)
        self.event_queue = EventQueue(now)
        self.created_at = now
        self.scale = scale
        self.clusters: dict[str, DemoCluster] = {}
        self.repositories: dict[str, DemoRepository] = {}
        self.commits: dict[str, DemoCommit] = {}
        self.images = DemoImages()
        self.change_log = ChangeLog()
        self.models: dict[str, DemoRegisteredModel] = {}
        self.prompts: dict[str, DemoRegisteredModel] = {}
        """What MLflow keeps among its models, and the company does not call so."""
        self.experiments: dict[str, DemoExperiment] = {}
        self.training_runs: dict[str, DemoTrainingRun] = {}
        self.logged_models: dict[str, DemoLoggedModel] = {}
        self.states: dict[str, DemoState] = {}
        self.change_count = 1000
        self._id = 10_000_000
        self._observers: list[Observer] = []

    @property
    def now(self) -> datetime:
        return self.event_queue.now

    @contextmanager
    def drawing_from(self, rng: SeededRandom) -> Iterator[None]:
        """Let all that is done in the context draw from *rng*.

        What happens by the calendar draws from a stream of its own: how often it has happened by a
        given age of the world depends on the time of day at which it began, and all that is drawn
        after it would too.
        """
        usual, self.rng = self.rng, rng
        try:
            yield
        finally:
            self.rng = usual

    def advance(self, now: datetime) -> None:
        """Run what is due until *now*. A time in the past changes nothing."""
        self.event_queue.run_until(now)

    def subscribe(self, observer: Observer) -> None:
        """Call *observer* at each change of an object in a cluster."""
        self._observers.append(observer)

    def mark_changed(self, subject: ClusterObject, *, deleted: bool = False) -> None:
        """Tell all observers that *subject* has changed, or is *deleted*."""
        self.change_count += 1
        self._log(subject, deleted=deleted)
        change = ClusterChange(self.change_count, subject, deleted)
        for observer in self._observers:
            observer(change)

    def _log(self, subject: ClusterObject, *, deleted: bool) -> None:
        """Note what is true of *subject* from now on. Pods, jobs and events come and go unnoted."""
        if isinstance(subject, DemoWorkload):
            self.log_workload(subject, deleted=deleted)
        elif isinstance(subject, DemoConfig):
            self.log_config(subject, deleted=deleted)
        elif isinstance(subject, DemoCronJob):
            facts = None if deleted else true_facts.cron_job_facts(subject)
            self.change_log.note(true_facts.cron_job_ref(subject), facts, self.now)

    def log_config(self, config: DemoConfig, *, deleted: bool = False) -> None:
        """Note what is true of *config* from now on."""
        facts = None if deleted else true_facts.config_facts(config)
        self.change_log.note(true_facts.config_ref(config), facts, self.now)

    def log_workload(self, workload: DemoWorkload, *, deleted: bool = False) -> None:
        """Note what is true of *workload* from now on."""
        facts = None if deleted else true_facts.workload_facts(workload)
        self.change_log.note(true_facts.workload_ref(workload), facts, self.now)

    def log_state(self, state: DemoState) -> None:
        """Note what is true of *state* from now on."""
        self.change_log.note(true_facts.state_ref(state), true_facts.state_facts(state), self.now)

    def log_model(
        self, model: DemoRegisteredModel, at: datetime | None = None, *, deleted: bool = False
    ) -> None:
        """Note what is true of *model* and its versions from now on, or from *at*."""
        at = at or self.now
        facts = None if deleted else true_facts.model_facts(model)
        self.change_log.note(true_facts.model_ref(model.name), facts, at)
        for version in model.versions:
            of_version = None if deleted else true_facts.version_facts(model, version.number)
            ref = true_facts.version_ref(model.name, version.number)
            self.change_log.note(ref, of_version, at)

    def next_id(self) -> int:
        """Return an id that nothing else in this world has."""
        self._id += 7
        return self._id
