"""Stories that begin with something else in a cluster, or in the registry that it pulls from."""

from opsboard.demo.world.stories.estate import CONFIG_MAP, SECRET_KIND
from opsboard.demo.world.stories.plot import HOUR, MINUTE, StoryPlot, crash
from opsboard.demo.world.stories.stage import StoryConfig, StoryWorkload


def scaled(plot: StoryPlot) -> None:
    """More replicas are asked for than the nodes can hold."""
    running = plot.some_workload()
    plot.summary = f"{running.service.name} was scaled beyond what its nodes hold"
    old = {pod.name for pod in running.pods}

    def stuck() -> None:
        new = [pod for pod in running.pods if pod.name not in old]
        message = "0 nodes are available: insufficient memory"
        pod = plot.rng.choice(new or running.pods)
        plot.red(plot.operations.fail_pod(running, pod, "Unschedulable", message), 1)

    replicas = running.replicas + plot.rng.randint(2, 5)
    plot.at_cause(lambda: plot.cause(plot.operations.scale(running, replicas)))
    plot.later(plot.delay(5, 5 * MINUTE), stuck)


def config_changed(plot: StoryPlot) -> None:
    """A config map is edited; its readers notice when their pods start again."""
    _config(plot, CONFIG_MAP, shared=False)


def shared_config_changed(plot: StoryPlot) -> None:
    """A config map that several services read is edited; one of them cannot live with it."""
    _config(plot, CONFIG_MAP, shared=True)


def secret_rotated(plot: StoryPlot) -> None:
    """A secret is rotated, and what reads it goes on with the old one, until it cannot."""
    _config(plot, SECRET_KIND, shared=False)


def _config(plot: StoryPlot, kind: str, *, shared: bool) -> None:
    def config_of(running: StoryWorkload) -> StoryConfig | None:
        found = [
            one
            for one in plot.stage.configs
            if one.kind == kind
            and one.is_read_by(running)
            and shared is one.name.endswith("-common")
        ]
        return found[0] if found else None

    running = plot.some_workload(lambda one: config_of(one) is not None)
    config = config_of(running)
    if config is None:
        return  # this company has none: another one is drawn
    plot.configs.append(config)
    plot.summary = f"{config.kind} {config.name} was changed, and {running.service.name} broke"

    def fail() -> None:
        if plot.rng.chance(0.5):
            pod = plot.operations.replace_pod(running, plot.rng.choice(running.pods))
            plot.red(plot.operations.fail_pod(running, pod, *crash(plot)), 2)
        else:
            plot.red(plot.operations.fail(running, *crash(plot)), 1)

    plot.at_cause(lambda: plot.cause(plot.operations.change_config(config)))
    plot.later(plot.delay(MINUTE, 5 * HOUR), fail)


def image_removed(plot: StoryPlot) -> None:
    """An image is removed from the registry while it runs; a pod that moves cannot pull it."""
    running = plot.some_workload()
    service = running.service
    plot.summary = f"the image of {service.name} was removed from the registry"

    def move() -> None:
        pod = plot.operations.replace_pod(running, plot.rng.choice(running.pods))
        message = f'Back-off pulling image "{service.image}:{running.sha[:7]}"'
        plot.red(plot.operations.fail_pod(running, pod, "ImagePullBackOff", message), 2)

    plot.at_cause(lambda: plot.cause(plot.operations.remove_image(service, running.sha)))
    plot.later(plot.delay(5 * MINUTE, 6 * HOUR), move)


def rescheduled(plot: StoryPlot) -> None:
    """A CronJob is given another schedule, at which what it needs is not there."""
    crons = [one for one in plot.stage.cron_jobs if one.cluster.environment == "production"]
    cron = plot.rng.choice(crons)
    plot.cron_jobs.append(cron)
    plot.summary = f"{cron.name} runs at another time"

    def run() -> None:
        ref = plot.operations.run_job(cron, fails=True, seconds=30)
        plot.stage.queue.call_later(30, lambda: plot.red(ref, 1))

    schedule = f"{plot.rng.randint(0, 59)} * * * *"
    plot.at_cause(lambda: plot.cause(plot.operations.reschedule(cron, schedule)))
    plot.later(plot.delay(3 * MINUTE, HOUR), run)
