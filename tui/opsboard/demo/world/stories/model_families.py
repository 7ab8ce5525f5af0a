"""Stories that begin with a model, or with what it was trained on."""

from datetime import timedelta

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.plot import HOUR, MINUTE, StoryPlot
from opsboard.demo.world.stories.stage import StoryModel, StoryTable, StoryVersion, StoryWorkload
from opsboard.demo.world.stories.tables import table_record


def alias_moved(plot: StoryPlot) -> None:
    """The champion of a model is moved, and the service that loads it by its alias breaks."""
    model, running = plot.serving_workload()
    plot.summary = f"a champion of {model.name} that {running.service.name} cannot serve"
    to = model.aliases["challenger"]
    plot.at_cause(lambda: plot.cause(plot.operations.move_alias(model, "champion", to)))
    plot.later(plot.delay(20, 3 * HOUR), lambda: _break(plot, running, 2))


def _break(plot: StoryPlot, running: StoryWorkload, distance: int) -> None:
    """Let what serves a model be red, at this *distance* from the cause, or a pod of it."""
    if plot.rng.chance(0.5):
        message = "the model cannot be loaded"
        plot.red(plot.operations.fail(running, "CrashLoopBackOff", message), distance)
    else:
        pod, message = plot.rng.choice(running.pods), "the model answers nothing but NaN"
        ref = plot.operations.fail_pod(running, pod, "ProbeFailed", message)
        plot.red(ref, distance + 1)


def alias_moved_back(plot: StoryPlot) -> None:
    """The champion is moved to an older version, which drifts on the data of today."""
    model, _ = plot.serving_workload()
    plot.summary = f"an old version of {model.name} serves again"
    older = plot.rng.choice(model.versions[:-2]).number
    plot.at_cause(lambda: plot.cause(plot.operations.move_alias(model, "champion", older)))
    plot.later(
        plot.delay(3 * MINUTE, 4 * HOUR),
        lambda: plot.red(plot.operations.measure(model, older, _drifted(plot)), 2),
    )


def _drifted(plot: StoryPlot) -> float:
    return round(plot.rng.uniform(0.27, 0.6), 3)


def retrained_on_changed_data(plot: StoryPlot) -> None:
    """A pipeline trains a version on data that has changed, and promotes it; it drifts."""
    model, _ = plot.serving_workload()
    plot.summary = f"{model.name} was trained on a changed data set"
    digest = plot.rng.hex(8)
    plot.at_cause(lambda: _train_and_promote(plot, model, plot.rng.uniform(20, 200), digest=digest))
    plot.later(
        plot.delay(10 * MINUTE, 6 * HOUR),
        lambda: plot.red(
            plot.operations.measure(model, model.versions[-1].number, _drifted(plot)), 1
        ),
    )


def _train_and_promote(
    plot: StoryPlot, model: StoryModel, seconds: float, *, digest: str = "", sha: str = ""
) -> StoryVersion:
    """Register a version now, and let it serve after so many *seconds*: the cause, in two steps."""
    version = plot.operations.register(model, digest=digest, sha=sha)
    plot.cause(EventKey(says.version_ref(model.name, version.number), plot.stage.now))

    def promote() -> None:
        plot.cause(plot.operations.move_alias(model, "champion", version.number))

    plot.stage.queue.call_later(seconds, promote)
    return version


def training_code_changed(plot: StoryPlot) -> None:
    """A workflow trains a version by code that has changed, registers and promotes it.

    GitHub tells of the run, MLflow of the version and of the alias: it is one happening.
    """
    model, running = plot.serving_workload()
    sha, seconds = plot.rng.hex(40), plot.rng.uniform(300, 900)
    plot.summary = f"the code that trains {model.name} was changed"

    def train() -> None:
        run = plot.operations.run_build(model.repository, sha, seconds=seconds)
        end = plot.stage.now + timedelta(seconds=seconds)
        plot.cause(run)
        plot.stage.queue.call_at(end, lambda: plot.cause(EventKey(run.ref, end)))
        plot.stage.queue.call_later(seconds * 0.8, register)

    def register() -> None:
        version = _train_and_promote(plot, model, seconds * 0.15, sha=sha)
        ref = says.version_ref(model.name, version.number)
        plot.stage.join(plot.stage.built[sha], ref, "commit")

    plot.at_cause(train)
    plot.later(plot.delay(20 * MINUTE, 5 * HOUR), lambda: _break(plot, running, 2))


def data_changed(plot: StoryPlot) -> None:
    """A feature table is changed, and what serves drifts: it was trained on the table before."""
    model, _ = plot.serving_workload()
    table = plot.tables(model)[-1]
    plot.summary = f"the table {table.name} was changed"
    _change_table(plot, table)
    plot.later(plot.delay(5 * MINUTE, 6 * HOUR), lambda: _drift(plot, model, 2))


def raw_data_changed(plot: StoryPlot) -> None:
    """What a feature table is made from is changed: the model drifts, or fails to serve."""
    model, running = plot.serving_workload()
    raw = plot.tables(model)[0]
    plot.summary = f"the raw data {raw.name} was changed"
    _change_table(plot, raw)

    def show() -> None:
        if plot.rng.chance(0.5):
            _drift(plot, model, 3)
        else:
            _break(plot, running, 3)

    plot.later(plot.delay(10 * MINUTE, 6 * HOUR), show)


def _drift(plot: StoryPlot, model: StoryModel, distance: int) -> None:
    """Let what serves be measured, and have drifted."""
    serving = model.aliases["champion"]
    plot.red(plot.operations.measure(model, serving, _drifted(plot)), distance)


def _change_table(plot: StoryPlot, table: StoryTable) -> None:
    def change() -> None:
        table.digest, table.at = plot.rng.hex(8), plot.stage.now
        plot.cause(EventKey(plot.stage.put(table_record(table), "etl"), plot.stage.now))

    plot.at_cause(change)
