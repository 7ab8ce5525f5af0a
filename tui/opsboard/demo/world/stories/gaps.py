"""Stretches of a story in which nobody looked."""

from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.stories.estate import GITHUB, MLFLOW, REGISTRY
from opsboard.demo.world.stories.model import StoryGap
from opsboard.demo.world.stories.plot import StoryPlot

_SHARE: Final = 0.35
"""How many stories have a gap."""
_SHORTEST: Final = timedelta(minutes=3)


def plan_gaps(plot: StoryPlot, red_at: datetime) -> None:
    """Leave a stretch between the cause and *red_at* unwatched, now and then around the cause.

    What happens within is seen when it ends, with the time at which the source says it happened.
    """
    rng, stage = plot.rng, plot.stage
    span = red_at - plot.cause_at
    if span < _SHORTEST or not rng.chance(_SHARE):
        return
    covers_cause = rng.chance(0.3)
    since = plot.cause_at + span * rng.uniform(0.05, 0.4)
    if covers_cause:
        since = plot.cause_at - timedelta(seconds=rng.uniform(20, 600))
    until = plot.cause_at + span * rng.uniform(0.5, 0.9)
    clusters = [cluster.source for cluster in stage.company.clusters]
    everything = rng.chance(0.5)
    reason = rng.choice(("no-board", "suspended")) if everything else "source-down"
    sources = (
        [GITHUB, MLFLOW, REGISTRY, *clusters] if everything else [rng.choice([MLFLOW, *clusters])]
    )
    stage.gaps += [StoryGap(source, since, until, reason) for source in sources]
