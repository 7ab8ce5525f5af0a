"""Stories that begin with a model, or with what it was trained on."""

from datetime import timedelta

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.plot import HOUR, MINUTE, StoryPlot
from opsboard.demo.world.stories.stage import StoryModel, StoryTable, StoryVersion, StoryWorkload
from opsboard.demo.world.stories.tables import table_record, table_ref


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
    """A version is trained on data that has changed; it serves, and drifts."""
    model, _ = plot.serving_workload()
    plot.summary = f"{model.name} was trained on a changed data set"

    def train() -> None:
        version = _retrain(plot, model, digest=plot.rng.hex(8))
        plot.cause(EventKey(says.version_ref(model.name, version.number), plot.stage.now))

    plot.at_cause(train)
    plot.later(
        plot.delay(10 * MINUTE, 6 * HOUR),
        lambda: plot.red(
            plot.operations.measure(model, model.versions[-1].number, _drifted(plot)), 1
        ),
    )


def _retrain(
    plot: StoryPlot, model: StoryModel, *, digest: str = "", sha: str = ""
) -> StoryVersion:
    """Register a version now, and let it serve soon, as a pipeline does."""
    version = plot.operations.register(model, digest=digest, sha=sha)
    move = plot.operations.move_alias
    plot.stage.queue.call_later(
        plot.rng.uniform(20, 200), lambda: move(model, "champion", version.number)
    )
    return version


def data_changed(plot: StoryPlot) -> None:
    """A feature table is changed; the next training takes it up, and its version drifts."""
    model, _ = plot.serving_workload()
    table = plot.tables(model)[-1]
    plot.summary = f"the table {table.name} was changed"
    _change_table(plot, table)
    plot.soon(lambda: _train_on(plot, model, table))
    plot.later(
        plot.delay(25 * MINUTE, 6 * HOUR),
        lambda: plot.red(
            plot.operations.measure(model, model.versions[-1].number, _drifted(plot)), 2
        ),
    )


def raw_data_changed(plot: StoryPlot) -> None:
    """What a feature table is made from is changed; the model that learns of it fails to serve."""
    model, running = plot.serving_workload()
    raw, table = plot.tables(model)
    plot.summary = f"the raw data {raw.name} was changed"
    _change_table(plot, raw)

    def rebuild() -> None:
        table.digest, table.at = plot.rng.hex(8), plot.stage.now
        plot.stage.put(table_record(table))
        _train_on(plot, model, table)

    plot.soon(rebuild)
    plot.later(plot.delay(25 * MINUTE, 6 * HOUR), lambda: _break(plot, running, 3))


def _change_table(plot: StoryPlot, table: StoryTable) -> None:
    def change() -> None:
        table.digest, table.at = plot.rng.hex(8), plot.stage.now
        plot.cause(EventKey(plot.stage.put(table_record(table), "etl"), plot.stage.now))

    plot.at_cause(change)


def _train_on(plot: StoryPlot, model: StoryModel, table: StoryTable) -> None:
    _retrain(plot, model, digest=table.digest)
    version = says.version_ref(model.name, model.versions[-1].number)
    plot.stage.join(table_ref(table), version, "dataset")


def training_code_changed(plot: StoryPlot) -> None:
    """Training code is changed; the next version is trained by it, and cannot be served."""
    model, running = plot.serving_workload()
    sha = plot.rng.hex(40)
    plot.summary = f"the code that trains {model.name} was changed"

    def train() -> None:
        _retrain(plot, model, sha=sha)
        version = says.version_ref(model.name, model.versions[-1].number)
        plot.stage.join(plot.stage.built[sha], version, "commit")

    def push() -> None:
        seconds = plot.rng.uniform(80, 170)
        run = plot.operations.run_build(model.repository, sha, seconds=seconds)
        plot.cause(run)
        end = plot.stage.now + timedelta(seconds=seconds)
        plot.stage.queue.call_at(end, lambda: plot.cause(EventKey(run.ref, end)))

    plot.at_cause(push)
    plot.soon(train)
    plot.later(plot.delay(25 * MINUTE, 5 * HOUR), lambda: _break(plot, running, 2))
