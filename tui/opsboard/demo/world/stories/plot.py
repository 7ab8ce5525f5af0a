"""What a family of stories plants: a cause, and the symptom that follows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.stories.company_operations import StoryOperations
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.stage import StoryModel, StoryStage, StoryWorkload
from opsboard.records import Ref


@dataclass(eq=False, slots=True)
class StoryPlot:
    """What is planted on *stage*. Distractors leave alone what is in *workloads* and *models*."""

    stage: StoryStage
    operations: StoryOperations
    cause_at: datetime
    workloads: list[StoryWorkload] = field(default_factory=list)
    models: list[StoryModel] = field(default_factory=list)
    told: list[EventKey] = field(default_factory=list)
    symptom: Ref | None = None
    red_at: datetime | None = None
    red_planned: datetime = field(init=False)
    distance: int = 0
    summary: str = ""

    @property
    def rng(self) -> SeededRandom:
        return self.stage.rng

    def cause(self, *told: EventKey) -> None:
        """Take the transitions *told* as the cause; the first of them is what is looked for."""
        self.told += told

    def red(self, symptom: Ref, distance: int) -> None:
        """Take *symptom*, which has just gone red, as what is asked about."""
        if self.symptom is None:
            self.symptom, self.red_at, self.distance = symptom, self.stage.now, distance

    def at_cause(self, act: Callable[[], None]) -> None:
        self.stage.queue.call_at(self.cause_at, act)

    def later(self, delay: timedelta, act: Callable[[], None]) -> None:
        """Do *act*, which shows the symptom, so long after the cause."""
        self.red_planned = self.cause_at + delay
        self.stage.queue.call_at(self.red_planned, act)

    def delay(self, least: float, most: float) -> timedelta:
        """Return a time between *least* and *most* seconds; each order of size is as likely."""
        return timedelta(seconds=least * (most / least) ** self.rng.uniform(0, 1))

    def some_workload(
        self, fits: Callable[[StoryWorkload], bool] = lambda _: True
    ) -> StoryWorkload:
        """Return a workload in production that *fits*."""
        every = [one for one in self.stage.workloads if one.cluster.environment == "production"]
        chosen = self.rng.choice([one for one in every if fits(one)] or every)
        self.workloads.append(chosen)
        return chosen

    def serving_workload(self) -> tuple[StoryModel, StoryWorkload]:
        """Return a model and a workload in production that serves it."""
        chosen = self.some_workload(lambda one: bool(one.service.model))
        model = self.stage.models[chosen.service.model]
        self.models.append(model)
        return model, chosen


StoryFamily: TypeAlias = Callable[[StoryPlot], None]
"""Schedules the cause and the symptom of a plot."""
