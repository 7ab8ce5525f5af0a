"""Changes that have nothing to do with the symptom, as there are at any time in any company.

Some of them are near: of the same team, in the same environment, on the same day of the very thing
that went red.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.estate import SECRET_KIND
from opsboard.demo.world.stories.model import DISTRACTORS, EventKey
from opsboard.demo.world.stories.plot import StoryPlot
from opsboard.demo.world.stories.stage import StoryModel, StoryWorkload

_MOST: Final = 14
_NEAR: Final = timedelta(minutes=40)
"""How long before the cause a distractor may be."""


def schedule_distractors(plot: StoryPlot, red_at: datetime) -> None:
    """Schedule changes about the times of the cause and of *red_at*, when the symptom shows.

    Most lie between the two, and so are nearer to the symptom in time.
    """
    rng = plot.rng
    for number in range(rng.randint(DISTRACTORS + 2, _MOST)):
        between = rng.chance(0.75) or number == 0
        since = plot.cause_at if between else plot.cause_at - _NEAR
        until = red_at if between else plot.cause_at
        at = since + (until - since) * rng.uniform(0.02, 0.98)
        rng.choice(_DISTRACTORS)(plot, at)
    if rng.chance(0.4):
        _earlier_change_of_the_same(plot)


def _at(plot: StoryPlot, at: datetime, change: Callable[[], list[EventKey]]) -> None:
    plot.stage.queue.call_at(at, lambda: plot.distractors.extend(change()))


# --- clusters -------------------------------------------------------------------------------------


def _free(plot: StoryPlot, fits: Callable[[StoryWorkload], bool]) -> StoryWorkload | None:
    """Return a workload that *fits* and that the story is not about."""
    services = {one.service for one in plot.workloads}
    free = [one for one in plot.stage.workloads if one.service not in services and fits(one)]
    return plot.rng.choice(free) if free else None


def _release(plot: StoryPlot, at: datetime, fits: Callable[[StoryWorkload], bool]) -> None:
    chosen, sha = _free(plot, fits), plot.rng.hex(40)
    if chosen is None:
        return
    built_at = at - timedelta(minutes=plot.rng.uniform(3, 25))
    prepare = plot.operations.prepare
    plot.stage.queue.call_at(built_at, lambda: prepare(chosen.service, sha))
    _at(plot, at, lambda: plot.operations.release(chosen, sha))


def _same_environment(plot: StoryPlot, at: datetime) -> None:
    _release(plot, at, lambda one: one.cluster.environment == "production")


def _same_team(plot: StoryPlot, at: datetime) -> None:
    teams = {one.service.team for one in plot.workloads}
    _release(plot, at, lambda one: one.service.team in teams)


def _other_environment(plot: StoryPlot, at: datetime) -> None:
    _release(plot, at, lambda one: one.cluster.environment != "production")


def _scaled(plot: StoryPlot, at: datetime) -> None:
    chosen = _free(plot, lambda _: True)
    if chosen is not None:
        step = plot.rng.choice((-1, 1, 2)) if chosen.replicas > 1 else 1
        _at(plot, at, lambda: [plot.operations.scale(chosen, chosen.replicas + step)])


def _config(plot: StoryPlot, at: datetime) -> None:
    """Change config that nothing of the story reads."""
    free = [
        one
        for one in plot.stage.configs
        if one not in plot.configs
        and not any(one.is_read_by(running) for running in plot.workloads)
    ]
    chosen = plot.rng.choice(free)
    manager = "external-secrets" if chosen.kind == SECRET_KIND else ""
    _at(plot, at, lambda: [plot.operations.change_config(chosen, manager)])


def _job(plot: StoryPlot, at: datetime) -> None:
    free = [one for one in plot.stage.cron_jobs if one not in plot.cron_jobs]
    chosen, minute = plot.rng.choice(free), plot.rng.randint(0, 59)
    _at(plot, at, lambda: [plot.operations.reschedule(chosen, f"{minute} */2 * * *")])


def _node(plot: StoryPlot, at: datetime) -> None:
    """A node that nothing of the story is on is reported about."""
    cluster = plot.rng.choice(plot.stage.company.clusters)
    used = {pod.node for running in plot.workloads for pod in running.pods}
    free = [node for node in cluster.nodes if node not in used]
    if free:
        node = plot.rng.choice(free)
        report = plot.operations.report_node
        _at(plot, at, lambda: [report(cluster, node, "NodeHasDiskPressure")])


def _earlier_change_of_the_same(plot: StoryPlot) -> None:
    """Scale what goes red a good while before the cause: it did no harm."""
    if not plot.workloads:
        return
    running, hours = plot.workloads[0], plot.rng.uniform(0.4, 0.7)
    at = plot.stage.began_at + (plot.cause_at - plot.stage.began_at) * hours / 2
    _at(plot, at, lambda: [plot.operations.scale(running, running.replicas + 1)])


# --- models, data, builds -------------------------------------------------------------------------


def _model(plot: StoryPlot) -> StoryModel | None:
    free = [one for one in plot.stage.models.values() if one not in plot.models]
    return plot.rng.choice(free) if free else None


def _alias(plot: StoryPlot, at: datetime) -> None:
    model = _model(plot)
    if model is None:
        return
    number = plot.rng.choice([one.number for one in model.versions])

    def move() -> list[EventKey]:
        if number == model.aliases["champion"]:
            return []
        return [plot.operations.move_alias(model, "champion", number)]

    _at(plot, at, move)


def _registered(plot: StoryPlot, at: datetime) -> None:
    model = _model(plot)
    if model is None:
        return
    sha = plot.rng.hex(40)

    def register() -> list[EventKey]:
        version = plot.operations.register(model, sha=sha)
        return [EventKey(says.version_ref(model.name, version.number), plot.stage.now)]

    _at(plot, at, register)


def _built(plot: StoryPlot, at: datetime) -> None:
    service, sha = plot.rng.choice(plot.stage.company.services), plot.rng.hex(40)
    branch = plot.rng.choice(("main", "fix/typo", "feature/dark-mode"))
    _at(plot, at, lambda: [plot.operations.run_build(service.repository, sha, branch=branch)])


_DISTRACTORS: Final = (
    _same_environment,
    _same_environment,
    _same_team,
    _same_team,
    _other_environment,
    _scaled,
    _config,
    _config,
    _job,
    _node,
    _alias,
    _registered,
    _built,
)
