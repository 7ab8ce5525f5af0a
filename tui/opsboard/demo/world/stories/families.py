"""The families of stories: what was changed, and what came of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.plot import StoryFamily, StoryPlot

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0


def _release(plot: StoryPlot) -> None:
    """A roll-out goes well, and falls over later."""
    running, sha = plot.some_workload(), plot.rng.hex(40)
    plot.summary = f"a release of {running.service.name} does not last"

    def release() -> None:
        plot.cause(*plot.operations.release(running, sha))

    def fail() -> None:
        reason, message = _crash(plot)
        plot.red(plot.operations.fail(running, reason, message), 0)

    plot.at_cause(release)
    plot.later(plot.delay(45, 2 * _HOUR), fail)


def _release_seen_at_a_pod(plot: StoryPlot) -> None:
    """A roll-out, and one of its pods crashes."""
    running, sha = plot.some_workload(), plot.rng.hex(40)
    plot.summary = f"a pod of the new {running.service.name} crashes"

    def crash() -> None:
        reason, message = _crash(plot)
        new = [pod for pod in running.pods if pod.revision == running.revision]
        pod = plot.rng.choice(new or running.pods)
        plot.red(plot.operations.fail_pod(running, pod, reason, message), 1)

    plot.at_cause(lambda: plot.cause(*plot.operations.release(running, sha)))
    plot.later(plot.delay(12, 20 * _MINUTE), crash)


def _crash(plot: StoryPlot) -> tuple[str, str]:
    return plot.rng.choice(
        (
            ("CrashLoopBackOff", "back-off restarting failed container"),
            ("OOMKilled", "the container ran out of memory"),
            ("Error", "the container ended with code 1"),
            ("ProbeFailed", "readiness probe failed: HTTP 503"),
        )
    )


def _alias(plot: StoryPlot) -> None:
    """The champion of a model is moved, and the service that loads it by its alias breaks."""
    model, running = plot.serving_workload()
    plot.summary = f"a champion of {model.name} that {running.service.name} cannot serve"

    def fail() -> None:
        if plot.rng.chance(0.5):
            ref = plot.operations.fail(running, "CrashLoopBackOff", "the model cannot be loaded")
            plot.red(ref, 2)
        else:
            pod = plot.rng.choice(running.pods)
            message = "the model answers nothing but NaN"
            plot.red(plot.operations.fail_pod(running, pod, "ProbeFailed", message), 3)

    plot.at_cause(
        lambda: plot.cause(
            plot.operations.move_alias(model, "champion", model.aliases["challenger"])
        )
    )
    plot.later(plot.delay(20, 3 * _HOUR), fail)


def _retrained(plot: StoryPlot) -> None:
    """A version is trained on data that has changed; it serves, and drifts."""
    model, _ = plot.serving_workload()
    plot.summary = f"{model.name} was trained on a changed data set"

    def train() -> None:
        version = plot.operations.register(model, digest=plot.rng.hex(8))
        key = EventKey(says.version_ref(model.name, version.number), plot.stage.now)
        plot.cause(key)
        plot.stage.queue.call_later(
            plot.rng.uniform(20, 200),
            lambda: plot.cause(plot.operations.move_alias(model, "champion", version.number)),
        )

    def drift() -> None:
        serving = model.aliases["champion"]
        plot.red(plot.operations.measure(model, serving, _drifted(plot)), 1)

    plot.at_cause(train)
    plot.later(plot.delay(10 * _MINUTE, 6 * _HOUR), drift)


def _alias_seen_at_drift(plot: StoryPlot) -> None:
    """The champion is moved to an older version, which drifts on the data of today."""
    model, _ = plot.serving_workload()
    plot.summary = f"an old version of {model.name} serves again"
    older = plot.rng.choice(model.versions[:-2] or model.versions[:1]).number

    def drift() -> None:
        plot.red(plot.operations.measure(model, older, _drifted(plot)), 2)

    plot.at_cause(lambda: plot.cause(plot.operations.move_alias(model, "champion", older)))
    plot.later(plot.delay(3 * _MINUTE, 4 * _HOUR), drift)


def _drifted(plot: StoryPlot) -> float:
    return round(plot.rng.uniform(0.27, 0.6), 3)


def _scaled(plot: StoryPlot) -> None:
    """More replicas are asked for than the nodes can hold."""
    running = plot.some_workload()
    plot.summary = f"{running.service.name} was scaled beyond what its nodes hold"
    old = {pod.name for pod in running.pods}

    def stuck() -> None:
        new = [pod for pod in running.pods if pod.name not in old]
        message = "0 nodes are available: insufficient memory"
        pod = plot.rng.choice(new or running.pods)
        plot.red(plot.operations.fail_pod(running, pod, "Unschedulable", message), 1)

    plot.at_cause(
        lambda: plot.cause(
            plot.operations.scale(running, running.replicas + plot.rng.randint(2, 5))
        )
    )
    plot.later(plot.delay(5, 5 * _MINUTE), stuck)


FAMILIES: Final[Mapping[str, StoryFamily]] = MappingProxyType(
    {
        "release": _release,
        "release, seen at a pod": _release_seen_at_a_pod,
        "alias": _alias,
        "retrained on changed data": _retrained,
        "alias, seen at drift": _alias_seen_at_drift,
        "scaled": _scaled,
    }
)
