"""The world itself: everything there is, and who wants to hear of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from opsboard.demo.world.ci import DemoCommit, DemoRepository
from opsboard.demo.world.clusters import (
    DemoCluster,
    DemoCronJob,
    DemoEvent,
    DemoJob,
    DemoPod,
    DemoWorkload,
)
from opsboard.demo.world.event_queue import EventQueue
from opsboard.demo.world.models import (
    DemoExperiment,
    DemoLoggedModel,
    DemoRegisteredModel,
    DemoTrainingRun,
)
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.scale import DemoScale

if TYPE_CHECKING:
    from opsboard.demo.world.delivery import DeliveryController
    from opsboard.demo.world.training import TrainingController

ClusterObject: TypeAlias = DemoWorkload | DemoPod | DemoCronJob | DemoJob | DemoEvent
"""What lives in a cluster and is watched there."""


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """*thing* came to be, has changed, or, with *gone*, is no more. *serial* only ever grows."""

    number: int
    subject: ClusterObject
    deleted: bool = False


Observer: TypeAlias = Callable[[ClusterChange], None]


class DemoWorld:
    """A company at a time. Made by :func:`opsboard.demo.world.seed_data.found`.

    It is moved by :meth:`advance` alone, in one thread. Whatever runs a training of the model
    *name* in it, a workflow or a job, calls ``world.learning.retrain(name, inputs, seconds=...)``.
    """

    learning: "TrainingController"
    delivery: "DeliveryController"

    def __init__(self, seed: int, now: datetime, scale: DemoScale) -> None:
        self.rng = SeededRandom(seed)
        self.event_queue = EventQueue(now)
        self.created_at = now
        self.scale = scale
        self.clusters: dict[str, DemoCluster] = {}
        self.repositories: dict[str, DemoRepository] = {}
        self.commits: dict[str, DemoCommit] = {}
        self.models: dict[str, DemoRegisteredModel] = {}
        self.experiments: dict[str, DemoExperiment] = {}
        self.training_runs: dict[str, DemoTrainingRun] = {}
        self.logged_models: dict[str, DemoLoggedModel] = {}
        self.change_count = 1000
        self._id = 10_000_000
        self._observers: list[Observer] = []

    @property
    def now(self) -> datetime:
        return self.event_queue.now

    def advance(self, now: datetime) -> None:
        """Let happen what happens until *now*. A time in the past changes nothing."""
        self.event_queue.run_until(now)

    def subscribe(self, observer: Observer) -> None:
        """Have *observer* called at each change of a thing in a cluster."""
        self._observers.append(observer)

    def mark_changed(self, subject: ClusterObject, *, deleted: bool = False) -> None:
        """Say that *thing* has changed."""
        self.change_count += 1
        touch = ClusterChange(self.change_count, subject, deleted)
        for observer in self._observers:
            observer(touch)

    def next_id(self) -> int:
        """Return a number that nothing else is called by."""
        self._id += 7
        return self._id
