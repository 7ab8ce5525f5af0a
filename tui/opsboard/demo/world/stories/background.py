"""What goes on in a company all the time, and is no change of anything: jobs, measures, events."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from opsboard.demo.world.stories.plot import StoryPlot
from opsboard.demo.world.stories.stage import StoryModel, StoryWorkload

_JOBS: Final = timedelta(minutes=30)


def schedule_background(plot: StoryPlot, until: datetime) -> None:
    """Let jobs run, drift be measured and pods be moved now and then, until a time."""
    _schedule_jobs(plot, until)
    _schedule_measures(plot, until)
    _schedule_moves(plot, until)


def _schedule_jobs(plot: StoryPlot, until: datetime) -> None:
    for cron in plot.stage.cron_jobs:
        if cron in plot.cron_jobs:
            continue
        at = plot.stage.began_at + _JOBS * plot.rng.uniform(0, 1)
        while at < until:
            plot.stage.queue.call_at(at, partial(plot.operations.run_job, cron))
            at += _JOBS


def _schedule_measures(plot: StoryPlot, until: datetime) -> None:
    """Measure the champion of each model the story is not about; nothing drifts."""
    for model in plot.stage.models.values():
        at = plot.stage.began_at
        while model not in plot.models:
            at += timedelta(minutes=plot.rng.uniform(12, 40))
            if at >= until:
                break
            value = round(plot.rng.uniform(0.02, 0.15), 3)
            plot.stage.queue.call_at(at, partial(_measure, plot, model, value))


def _measure(plot: StoryPlot, model: StoryModel, value: float) -> None:
    plot.operations.measure(model, model.aliases["champion"], value)


def _schedule_moves(plot: StoryPlot, until: datetime) -> None:
    """Let some pods be moved to another node: they are killed, and come again."""
    services = {one.service for one in plot.workloads}
    free = [one for one in plot.stage.workloads if one.service not in services]
    for _ in range(plot.rng.randint(2, 8)):
        running = plot.rng.choice(free)
        at = plot.stage.began_at + (until - plot.stage.began_at) * plot.rng.uniform(0, 1)
        plot.stage.queue.call_at(at, partial(_move, plot, running))


def _move(plot: StoryPlot, running: StoryWorkload) -> None:
    if running.pods:
        plot.operations.replace_pod(running, plot.rng.choice(running.pods))
