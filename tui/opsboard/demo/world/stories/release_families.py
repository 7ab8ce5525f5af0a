"""Stories that begin with a roll-out."""

from datetime import timedelta

from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.plot import HOUR, MINUTE, StoryPlot, crash
from opsboard.demo.world.stories.stage import StoryWorkload
from opsboard.records import Activity, ActivityState, Status


def _prepare(plot: StoryPlot, running: StoryWorkload, sha: str) -> None:
    """Have *sha* built some time before the cause, and mostly in staging already."""
    earlier = timedelta(minutes=plot.rng.uniform(6, 40))
    plot.before(earlier, lambda: plot.operations.prepare(running.service, sha))
    staged = [one for one in plot.stage.running(running.service) if one is not running]
    if plot.rng.chance(0.7) and staged:
        plot.before(earlier / 2, lambda: plot.operations.release(staged[0], sha))


def released(plot: StoryPlot) -> None:
    """A roll-out goes well, and falls over later."""
    running, sha = plot.some_workload(), plot.rng.hex(40)
    plot.summary = f"a release of {running.service.name} does not last"
    _prepare(plot, running, sha)
    plot.at_cause(lambda: plot.cause(*plot.operations.release(running, sha)))
    plot.later(
        plot.delay(45, 2 * HOUR), lambda: plot.red(plot.operations.fail(running, *crash(plot)), 0)
    )


def released_and_a_pod_crashes(plot: StoryPlot) -> None:
    """A roll-out, and one of its pods crashes."""
    running, sha = plot.some_workload(), plot.rng.hex(40)
    plot.summary = f"a pod of the new {running.service.name} crashes"

    def fail() -> None:
        new = [pod for pod in running.pods if pod.revision == running.revision]
        pod = plot.rng.choice(new or running.pods)
        plot.red(plot.operations.fail_pod(running, pod, *crash(plot)), 1)

    _prepare(plot, running, sha)
    plot.at_cause(lambda: plot.cause(*plot.operations.release(running, sha)))
    plot.later(plot.delay(12, 20 * MINUTE), fail)


def rolled_back(plot: StoryPlot) -> None:
    """Somebody rolls back from a good release to one that no longer fits its surroundings."""
    running = plot.some_workload()
    old = running.sha
    plot.summary = f"{running.service.name} was rolled back to what does not fit any more"
    sha = plot.rng.hex(40)
    earlier = timedelta(minutes=plot.rng.uniform(25, 40))
    plot.before(earlier, lambda: plot.operations.prepare(running.service, sha))
    plot.before(earlier / 2, lambda: plot.operations.release(running, sha))

    def roll_back() -> None:
        person = plot.operations.person()
        key = plot.operations.roll_out(running, old, person)
        activity = Activity(
            source="opsboard",
            id=plot.rng.hex(12),
            name=f"Roll back {running.service.name}",
            status=Status.OK,
            environment=running.cluster.environment,
            created_at=plot.stage.now,
            action="rollback",
            about=key.ref,
            target=running.service.name,
            state=ActivityState.SUCCEEDED,
            actor=person,
            cause="latency",
        )
        plot.cause(key, EventKey(plot.stage.put(activity, person), plot.stage.now))
        plot.stage.join(activity.ref, key.ref, "about")

    plot.at_cause(roll_back)
    plot.later(
        plot.delay(30, HOUR), lambda: plot.red(plot.operations.fail(running, *crash(plot)), 0)
    )
