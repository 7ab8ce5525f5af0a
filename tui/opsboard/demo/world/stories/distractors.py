"""Changes that have nothing to do with the symptom, as there are at any time in any company."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.model import DISTRACTORS, EventKey
from opsboard.demo.world.stories.plot import StoryPlot
from opsboard.demo.world.stories.stage import StoryModel, StoryWorkload

Distractor: TypeAlias = Callable[[StoryPlot], list[EventKey]]
"""Changes something now; returns the transitions, none where there is nothing to change."""

_MOST: Final = 12
_NEAR: Final = timedelta(minutes=40)
"""How long before the cause a distractor may be."""


def schedule_distractors(plot: StoryPlot) -> list[EventKey]:
    """Schedule changes about the times of cause and symptom; return what becomes of them, in time.

    Most lie between the two, and so are nearer to the symptom in time.
    """
    found: list[EventKey] = []
    rng = plot.rng
    for number in range(rng.randint(DISTRACTORS + 1, _MOST)):
        near = rng.chance(0.75) or number == 0
        since = plot.cause_at if near else plot.cause_at - _NEAR
        until = plot.red_planned if near else plot.cause_at
        at = since + (until - since) * rng.uniform(0.02, 0.98)
        _schedule(plot, rng.choice(_DISTRACTORS), at, found)
    return found


def _schedule(plot: StoryPlot, distractor: Distractor, at: datetime, found: list[EventKey]) -> None:
    plot.stage.queue.call_at(at, lambda: found.extend(distractor(plot)))


def _free(plot: StoryPlot, fits: Callable[[StoryWorkload], bool]) -> StoryWorkload | None:
    """Return a workload that *fits* and that the story is not about."""
    services = {one.service for one in plot.workloads}
    free = [one for one in plot.stage.workloads if one.service not in services and fits(one)]
    return plot.rng.choice(free) if free else None


def _released(plot: StoryPlot, fits: Callable[[StoryWorkload], bool]) -> list[EventKey]:
    chosen = _free(plot, fits)
    return plot.operations.release(chosen, plot.rng.hex(40)) if chosen else []


def _same_environment(plot: StoryPlot) -> list[EventKey]:
    return _released(plot, lambda one: one.cluster.environment == "production")


def _same_team(plot: StoryPlot) -> list[EventKey]:
    teams = {one.service.team for one in plot.workloads}
    return _released(plot, lambda one: one.service.team in teams)


def _other_environment(plot: StoryPlot) -> list[EventKey]:
    return _released(plot, lambda one: one.cluster.environment != "production")


def _scaled(plot: StoryPlot) -> list[EventKey]:
    chosen = _free(plot, lambda _: True)
    if chosen is None:
        return []
    step = plot.rng.choice((-1, 1, 2)) if chosen.replicas > 1 else 1
    return [plot.operations.scale(chosen, chosen.replicas + step)]


def _model(plot: StoryPlot) -> StoryModel | None:
    free = [one for one in plot.stage.models.values() if one not in plot.models]
    return plot.rng.choice(free) if free else None


def _alias(plot: StoryPlot) -> list[EventKey]:
    model = _model(plot)
    if model is None:
        return []
    number = plot.rng.choice([one.number for one in model.versions])
    if number == model.aliases["champion"]:
        return []
    return [plot.operations.move_alias(model, "champion", number)]


def _registered(plot: StoryPlot) -> list[EventKey]:
    model = _model(plot)
    if model is None:
        return []
    version = plot.operations.register(model, sha=plot.rng.hex(40))
    return [EventKey(says.version_ref(model.name, version.number), plot.stage.now)]


def _built(plot: StoryPlot) -> list[EventKey]:
    service = plot.rng.choice(plot.stage.company.services)
    branch = plot.rng.choice(("main", "fix/typo", "feature/dark-mode"))
    return [plot.operations.run_build(service.repository, plot.rng.hex(40), branch=branch)]


_DISTRACTORS: Final = (
    _same_environment,
    _same_environment,
    _same_team,
    _same_team,
    _other_environment,
    _scaled,
    _alias,
    _registered,
    _built,
)
