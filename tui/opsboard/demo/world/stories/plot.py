"""What a family of stories plants: a cause, and the symptom that follows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from opsboard.demo.world.event_queue import Callback
from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.stories.company_operations import StoryOperations
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.stage import (
    StoryConfig,
    StoryCronJob,
    StoryModel,
    StoryStage,
    StoryTable,
    StoryWorkload,
)
from opsboard.records import Ref

MINUTE: Final = 60.0
HOUR: Final = 3600.0


@dataclass(eq=False, slots=True)
class StoryPlot:
    """What is planted on *stage*. Distractors leave alone what it lists."""

    stage: StoryStage
    operations: StoryOperations
    cause_at: datetime
    workloads: list[StoryWorkload] = field(default_factory=list)
    models: list[StoryModel] = field(default_factory=list)
    configs: list[StoryConfig] = field(default_factory=list)
    cron_jobs: list[StoryCronJob] = field(default_factory=list)
    told: list[EventKey] = field(default_factory=list)
    distractors: list[EventKey] = field(default_factory=list)
    symptom: Ref | None = None
    red_at: datetime | None = None
    red_planned: datetime | None = None
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

    def before(self, earlier: timedelta, act: Callback) -> None:
        """Do *act* so long before the cause."""
        self.stage.queue.call_at(self.cause_at - earlier, act)

    def tables(self, model: StoryModel) -> tuple[StoryTable, StoryTable]:
        """Return the raw table and the feature table that *model* is trained on."""
        return self.stage.tables[model.name]

    def at_cause(self, act: Callback) -> None:
        self.stage.queue.call_at(self.cause_at, act)

    def later(self, delay: timedelta, act: Callback) -> None:
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


def crash(plot: StoryPlot) -> tuple[str, str]:
    """Return reason and message of a container that does not stay up."""
    return plot.rng.choice(
        (
            ("CrashLoopBackOff", "back-off restarting failed container"),
            ("OOMKilled", "the container ran out of memory"),
            ("Error", "the container ended with code 1"),
            ("ProbeFailed", "readiness probe failed: HTTP 503"),
        )
    )


StoryFamily: TypeAlias = Callable[[StoryPlot], None]
"""Schedules the cause and the symptom of a plot."""
