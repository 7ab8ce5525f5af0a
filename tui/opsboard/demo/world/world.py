"""The world itself: everything there is, and who wants to hear of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from opsboard.demo.world.agenda import Agenda
from opsboard.demo.world.chance import Chance
from opsboard.demo.world.clusters import Cluster, Cron, Notice, Pod, Task, Workload
from opsboard.demo.world.code import Commit, Repository
from opsboard.demo.world.models import Experiment, LoggedModel, RegisteredModel, TrainingRun
from opsboard.demo.world.scale import Scale

if TYPE_CHECKING:
    from opsboard.demo.world.delivery import Delivery
    from opsboard.demo.world.learning import Learning

Thing: TypeAlias = Workload | Pod | Cron | Task | Notice
"""What lives in a cluster and is watched there."""


@dataclass(frozen=True, slots=True)
class Touch:
    """*thing* came to be, has changed, or, with *gone*, is no more. *serial* only ever grows."""

    serial: int
    thing: Thing
    gone: bool = False


Observer: TypeAlias = Callable[[Touch], None]


class World:
    """A company at a time. Made by :func:`opsboard.demo.world.founding.found`.

    It is moved by :meth:`advance` alone, in one thread. Whatever runs a training of the model
    *name* in it, a workflow or a job, calls ``world.learning.retrain(name, inputs, seconds=...)``.
    """

    learning: "Learning"
    delivery: "Delivery"

    def __init__(self, seed: int, now: datetime, scale: Scale) -> None:
        self.chance = Chance(seed)
        self.agenda = Agenda(now)
        self.founded_at = now
        self.scale = scale
        self.clusters: dict[str, Cluster] = {}
        self.repositories: dict[str, Repository] = {}
        self.commits: dict[str, Commit] = {}
        self.models: dict[str, RegisteredModel] = {}
        self.experiments: dict[str, Experiment] = {}
        self.training: dict[str, TrainingRun] = {}
        self.logged_models: dict[str, LoggedModel] = {}
        self.serial = 1000
        self._id = 10_000_000
        self._observers: list[Observer] = []

    @property
    def now(self) -> datetime:
        return self.agenda.now

    def advance(self, now: datetime) -> None:
        """Let happen what happens until *now*. A time in the past changes nothing."""
        self.agenda.run_until(now)

    def observe(self, observer: Observer) -> None:
        """Have *observer* called at each change of a thing in a cluster."""
        self._observers.append(observer)

    def touch(self, thing: Thing, *, gone: bool = False) -> None:
        """Say that *thing* has changed."""
        self.serial += 1
        touch = Touch(self.serial, thing, gone)
        for observer in self._observers:
            observer(touch)

    def next_id(self) -> int:
        """Return a number that nothing else is called by."""
        self._id += 7
        return self._id
