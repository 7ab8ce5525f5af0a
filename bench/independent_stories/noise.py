"""What else happens meanwhile: 5 to 15 changes that have nothing to do with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.independent_stories import parts
from bench.independent_stories.happenings import Running, release, scale, start
from bench.independent_stories.town import Town
from opsboard.demo.world.stories import EventKey
from opsboard.records import Status


@dataclass
class Crowd:
    """The services beside the one that goes red."""

    mine: Running
    near: list[Running]
    far: list[Running]
    staged: list[Running]


def settle(town: Town, mine: Running) -> Crowd:
    """Have the others run."""
    read = (("ConfigMap", "settings"),)
    near = [
        start(town, one, reads=(("ConfigMap", f"{one.name}-settings"),)) for one in town.neighbours
    ]
    far = [start(town, one, reads=read) for one in town.others]
    return Crowd(mine, near, far, [start(town, one) for one in town.stage])


def make_noise(town: Town, crowd: Crowd, cause_at: datetime, red_at: datetime) -> None:
    """Have 5 to 15 things happen about the cause, at least two of them between it and the red."""
    count = town.dice.randrange(5, 16)
    early = cause_at - max(timedelta(minutes=40), (red_at - cause_at) / 3)
    moments = [town.within(cause_at, red_at) for _ in range(max(2, count // 2))]
    moments += [town.within(early, red_at) for _ in range(count - len(moments))]
    kinds: list[Callable[[Town, Crowd, datetime], None]] = [
        _release_near, _release_near, _release_far, _release_staged, _scale_near, _scale_mine,
        _config_near, _config_unread, _secret_far, _build_mine, _build_far, _image_mine,
        _model, _job, _pull_request,
    ]  # fmt: skip
    for at in moments:
        before = len(town.planned)
        town.dice.choice(kinds)(town, crowd, at)
        town.noise |= {EventKey(ref, when) for when, ref, _, _ in town.planned[before:]}


def _release_near(town: Town, crowd: Crowd, at: datetime) -> None:
    release(town, town.dice.choice(crowd.near), at)


def _release_far(town: Town, crowd: Crowd, at: datetime) -> None:
    release(town, town.dice.choice(crowd.far), at)


def _release_staged(town: Town, crowd: Crowd, at: datetime) -> None:
    release(town, town.dice.choice(crowd.staged), at)


def _scale_near(town: Town, crowd: Crowd, at: datetime) -> None:
    scale(town, town.dice.choice(crowd.near), at, town.dice.choice((-1, 1, 2)))


def _scale_mine(town: Town, crowd: Crowd, at: datetime) -> None:
    scale(town, crowd.mine, at, town.dice.choice((1, 2)))


def _config_near(town: Town, crowd: Crowd, at: datetime) -> None:
    one = town.dice.choice(crowd.near).place
    town.say(at, parts.config(one, "ConfigMap", f"{one.name}-settings", at, "kubectl"))


def _config_unread(town: Town, crowd: Crowd, at: datetime) -> None:
    name = town.dice.choice(("grafana-boards", "feature-flags-old", "alert-rules"))
    town.say(at, parts.config(crowd.mine.place, "ConfigMap", name, at, "argocd-controller"))


def _secret_far(town: Town, crowd: Crowd, at: datetime) -> None:
    one = town.dice.choice(crowd.far).place
    town.say(at, parts.config(one, "Secret", "tls", at, "cert-manager"))


def _build(town: Town, running: Running, at: datetime) -> None:
    pull, sha = town.number(), parts.new_sha(town)
    well = town.dice.random() < 0.8
    run = parts.build(
        running.place, town.number(), sha, at,
        branch=f"fix-{sha[:4]}", event="pull_request", pull=pull, actor="lee",
    )  # fmt: skip
    town.say(at, run)
    ended = at + timedelta(minutes=town.dice.randrange(3, 12))
    town.say(
        ended,
        replace(
            run,
            status=Status.OK if well else Status.FAILED,
            state="success" if well else "failure",
            finished_at=ended,
            updated_at=ended,
        ),
    )


def _build_mine(town: Town, crowd: Crowd, at: datetime) -> None:
    _build(town, crowd.mine, at)


def _build_far(town: Town, crowd: Crowd, at: datetime) -> None:
    _build(town, town.dice.choice(crowd.far + crowd.near), at)


def _image_mine(town: Town, crowd: Crowd, at: datetime) -> None:
    """A new image of the same service, which nobody has rolled out."""
    place, sha = crowd.mine.place, parts.new_sha(town)
    town.say(at, parts.image(place.name, town.digest(), at, (sha[:8],), parts.label(place, sha)))


def _model(town: Town, crowd: Crowd, at: datetime) -> None:
    name, number = town.dice.choice(("churn", "upsell", "spam")), str(town.dice.randrange(3, 40))
    data = (f"{name}-train", town.hexes(8))
    town.say(at, parts.version(name, number, at, town.hexes(32), data))
    if town.dice.random() < 0.5:
        town.say(at + timedelta(seconds=50), parts.model(name, at, number, number))


def _job(town: Town, crowd: Crowd, at: datetime) -> None:
    place, name = crowd.mine.place, f"sweep-{town.number()}"
    town.say(at, parts.job(place, name, "sweep", at, None, Status.RUNNING))
    ended = at + timedelta(minutes=2)
    town.say(ended, parts.job(place, name, "sweep", at, ended, Status.OK))


def _pull_request(town: Town, crowd: Crowd, at: datetime) -> None:
    place = town.dice.choice([crowd.mine, *crowd.near]).place
    town.say(at, parts.pull_request(place, town.number(), parts.new_sha(town), at))
