"""What really takes production down, as post-mortems tell it: one function a family.

The times between cause and failure are those of the trade: a rotated password is felt when
connections are made anew, a config map when a pod restarts, a feature pipeline when the drift is
measured next.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bench.independent_stories import parts
from bench.independent_stories.happenings import (
    add_pod,
    crash,
    drain,
    made_of,
    pod_ref,
    release,
    scale,
    start,
)
from bench.independent_stories.noise import make_noise, settle
from bench.independent_stories.town import Town
from opsboard.demo.world.stories import Story
from opsboard.records import Claim, Deployment, Image, Kind, Ref, Status, Strength
from opsboard.records import identity as identities


def _config_read_at_restart(town: Town) -> Story:
    """A config map is edited; it is read only when a node goes away, hours later."""
    settings = f"{town.mine.name}-settings"
    mine = start(
        town, town.mine, reads=(("ConfigMap", settings), ("Secret", f"{town.mine.name}-db"))
    )
    crowd = settle(town, mine)
    red = town.noon
    edited = red - town.between(60, 600)
    cause = town.say(
        edited, parts.config(mine.place, "ConfigMap", settings, edited, "kubectl-edit")
    )
    gone = red - town.between(1, 6)
    drain(town, [mine, *town.dice.sample(crowd.near, 2)], gone)
    crash(town, mine, red)
    make_noise(town, crowd, edited, red)
    summary = "a config map was edited, and read when a node was drained"
    return town.told("config-read-at-restart", summary, mine.ref, red, cause, distance=1)


def _secret_rotated(town: Town) -> Story:
    """A password is rotated; connections fail as they are made anew."""
    secret = f"{town.mine.name}-db"
    mine = start(
        town, town.mine, reads=(("ConfigMap", f"{town.mine.name}-env"), ("Secret", secret))
    )
    crowd = settle(town, mine)
    red = town.noon
    rotated = red - town.between(2, 120)
    cause = town.say(
        rotated, parts.config(mine.place, "Secret", secret, rotated, "external-secrets")
    )
    crash(town, mine, red, "Unhealthy")
    make_noise(town, crowd, rotated, red)
    return town.told("secret-rotated", "a password was rotated", mine.ref, red, cause, distance=1)


def _tag_pushed_anew(town: Town) -> Story:
    """A tag is pushed anew; a pod that is moved to another node gets the other image."""
    mine = start(town, town.mine, tag="stable")
    crowd = settle(town, mine)
    red = town.noon
    pushed = red - town.between(15, 480)
    sha, digest = parts.new_sha(town), town.digest()
    claim = parts.label(mine.place, sha)
    run = parts.build(mine.place, town.number(), sha, pushed - timedelta(minutes=7))
    town.say(pushed - timedelta(minutes=7, seconds=9), parts.commit(mine.place, sha, pushed))
    town.say(run.started_at or pushed, run)
    cause = town.say(pushed, parts.image(mine.place.name, digest, pushed, ("stable",), claim))
    lost = town.amend(
        pushed,
        Image,
        Ref("registry", Kind.IMAGE, f"{mine.place.name}@{mine.digest}"),
        lambda one: replace(one, tags=(), outputs=one.outputs[:1]),
    )
    ended = pushed + timedelta(seconds=30)
    done = replace(run, status=Status.OK, state="success", finished_at=ended, updated_at=ended)
    built = town.say(ended, done)
    moved = red - town.between(1, 4)
    for one in town.dice.sample(crowd.near, 2):
        drain(town, [one], moved)
    town.drop(moved, pod_ref(mine.place, mine.pods.pop(0)))
    name = add_pod(town, mine, moved, digest)
    crash(town, mine, red, digests=(digest,), of=name)
    make_noise(town, crowd, pushed, red)
    summary = "a tag was pushed anew, and a pod was moved"
    return town.told(
        "tag-pushed-anew", summary, mine.ref, red, cause, witnesses=(lost, built), distance=1
    )


def _upstream_deployed(town: Town) -> Story:
    """A service that this one calls is deployed with another API.

    Its pods are told the addresses of several; no record says for sure what is behind them.
    """
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    red = town.noon
    at = red - town.between(2, 40)
    callee = town.dice.choice([r for r in (*crowd.near, *crowd.far) if r.place in town.calls])
    first, *told = release(town, callee, at)
    crash(town, mine, red, "Unhealthy")
    make_noise(town, crowd, at, red)
    summary = "a service that it calls was deployed"
    return town.told(
        "upstream-deployed", summary, mine.ref, red, first, witnesses=tuple(told), distance=-1
    )


def _base_image(town: Town) -> Story:
    """The base image is pushed anew; the nightly build of the same commit fails."""
    old, new = town.digest(), town.digest()
    mine = start(town, town.mine, base=old)
    crowd = settle(town, mine)
    red = town.noon
    pushed = red - town.between(10, 600)
    long_ago = town.noon - timedelta(days=20)
    first = town.put(parts.image("base/python", old, long_ago, ("3.12",)))
    cause = town.say(pushed, parts.image("base/python", new, pushed, ("3.12",)))
    lost = town.amend(
        pushed, Image, first.ref, lambda one: replace(one, tags=(), outputs=one.outputs[:1])
    )
    number = town.number()
    begun = red - town.between(2, 8)
    run = parts.build(mine.place, number, mine.sha, begun, event="schedule", actor="")
    town.say(begun, run)
    town.say(
        red, replace(run, status=Status.FAILED, state="failure", finished_at=red, updated_at=red)
    )
    make_noise(town, crowd, pushed, red)
    summary = "the base image was pushed anew, and the nightly build failed"
    return town.told("base-image", summary, run.ref, red, cause, witnesses=(lost,), distance=3)


def _alias_to_wrong_data(town: Town) -> Story:
    """An alias is moved to a version that was trained on the wrong data; its drift crosses."""
    name, number = town.dice.choice(("fraud", "ranking", "eta")), town.dice.randrange(4, 30)
    right, wrong = (f"{name}-train", town.hexes(8)), (f"{name}-sandbox", town.hexes(8))
    old, new = str(number), str(number + 1)
    served = identities.model_alias(
        parts.MLFLOW, name, "champion", "env MODEL_URI, an alias", Strength.CANDIDATE
    )
    mine = start(town, town.mine, more=(served,))
    crowd = settle(town, mine)
    red = town.noon
    moved = red - town.between(20, 720)
    trained = moved - town.between(10, 200)
    long_ago = town.noon - timedelta(days=12)
    town.put(parts.model(name, long_ago, old, old))
    before = town.put(parts.version(name, old, long_ago, town.hexes(32), right, champion=True))
    town.put(parts.drift(name, old, red - timedelta(days=1), 0.04))
    after = parts.version(name, new, trained, town.hexes(32), wrong)
    town.say(trained, after)
    town.say(trained, parts.model(name, trained, old, new))
    cause = town.say(moved, parts.model(name, moved, new, new))
    told = (
        town.say(moved, replace(before, aliases=(), outputs=before.outputs[:1])),
        town.say(moved, parts.version(name, new, trained, after.run, wrong, champion=True)),
    )
    count = town.dice.randrange(1, 4)
    for step in range(count):
        at = moved + (red - moved) * (step + 1) / (count + 1)
        town.say(at, parts.drift(name, new, at, 0.08 + 0.04 * step))
    last = town.say(red, parts.drift(name, new, red, 0.31))
    make_noise(town, crowd, moved, red)
    summary = "an alias was moved to a version that was trained on other data"
    return town.told(
        "alias-to-wrong-data", summary, last.ref, red, cause, witnesses=told, distance=1
    )


def _feature_pipeline(town: Town) -> Story:
    """A pipeline that makes features is released; drift is measured days later. Nothing joins."""
    name, number = town.dice.choice(("fraud", "ranking", "eta")), str(town.dice.randrange(4, 30))
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    pipeline = start(town, replace(town.mine, name=f"{name}-features", namespace="features"))
    red = town.noon
    at = red - town.between(12 * 60, 3 * 24 * 60 - 90)
    town.put(parts.model(name, red - timedelta(days=9), number, number))
    data = (f"{name}-train", town.hexes(8))
    town.put(
        parts.version(name, number, red - timedelta(days=9), town.hexes(32), data, champion=True)
    )
    town.put(parts.drift(name, number, red - timedelta(days=4), 0.05))
    first, *told = release(town, pipeline, at)
    for step in range(1, 4):
        when = at + (red - at) * step / 4
        town.say(when, parts.drift(name, number, when, 0.06 + 0.04 * step))
    last = town.say(red, parts.drift(name, number, red, 0.29))
    make_noise(town, crowd, at, red)
    summary = "a feature pipeline was released, and the model drifted days later"
    return town.told(
        "feature-pipeline", summary, last.ref, red, first, witnesses=tuple(told), distance=-1
    )


def _scaled_down(town: Town) -> Story:
    """It is scaled down when it is quiet, and is saturated at the next peak."""
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    red = town.noon
    at = red - town.between(5, 180)
    cause = scale(town, mine, at, -town.dice.randrange(2, 6))
    crash(town, mine, red, "Unhealthy")
    make_noise(town, crowd, at, red)
    return town.told("scaled-down", "it was scaled down", mine.ref, red, cause, distance=0)


def _sidecar(town: Town) -> Story:
    """A sidecar of another version comes by a roll-out of all services; it leaks memory."""
    proxy, leaky = town.digest(), town.digest()
    rule = "imageID of a container that is not in the pod template"
    mine = start(town, town.mine, more=(identities.image(proxy, rule),))
    crowd = settle(town, mine)
    red = town.noon
    at = red - town.between(15, 150)
    town.put(parts.image("mesh/proxy", proxy, red - timedelta(days=30), ("1.22",)))
    town.say(at - town.between(30, 200), parts.image("mesh/proxy", leaky, at, ("1.23",)))
    changed = at - timedelta(minutes=town.dice.randrange(2, 12))
    injector = replace(town.mine, namespace="mesh")
    told = [town.say(changed, parts.config(injector, "ConfigMap", "injector", changed, "helm"))]
    for running in (mine, *crowd.near[:3]):
        when = at if running is mine else at + timedelta(seconds=town.dice.randrange(-200, 300))

        def restarted(record: Deployment) -> Deployment:
            own = [one for one in record.inputs if one.type == "image" and one.rule != rule]
            return replace(
                record,
                revision=str(int(record.revision) + 1),
                actor="kubectl-rollout",
                inputs=made_of(record, *own, identities.image(leaky, rule)),
            )

        key = town.amend(when, Deployment, running.ref, restarted)
        if running is mine:
            told.insert(0, key)
    for share in (0.5, 0.8):
        scale(town, mine, at + (red - at) * share, town.dice.choice((1, 2)))
    crash(town, mine, red, "OOMKilled")
    make_noise(town, crowd, at, red)
    summary = "a restart brought a sidecar of another version"
    return town.told(
        "sidecar", summary, mine.ref, red, told[0], witnesses=tuple(told[1:]), distance=0
    )


def _cron_job_image(town: Town) -> Story:
    """The image of a cron job is pushed anew; its next run fails."""
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    name = f"{town.mine.name}-export"
    red = town.noon
    pushed = red - town.between(8, 58)
    old, new, sha = town.digest(), town.digest(), parts.new_sha(town)
    place = mine.place
    hour_ago = red - timedelta(hours=1)
    town.put(parts.cron_job(place, name, hour_ago))
    first = town.put(parts.image(name, old, red - timedelta(days=8), ("latest",)))
    claim = identities.commit(parts.source_of(place), sha, "OCI label revision", Strength.LABEL)
    cause = town.say(pushed, parts.image(name, new, pushed, ("latest",), claim))
    lost = town.amend(
        pushed, Image, first.ref, lambda one: replace(one, tags=(), outputs=one.outputs[:1])
    )
    begun = red - town.between(1, 6)
    run = f"{name}-{town.number()}"
    job = parts.job(place, run, name, begun, None, Status.RUNNING)
    town.say(begun, job)
    town.say(begun, parts.cron_job(place, name, begun))
    pod = parts.pod(place, f"{run}-{town.hexes(5)}", begun, f"Job/{run}", new, "node-1")
    town.say(begun + timedelta(seconds=2), pod)
    town.say(
        red - timedelta(seconds=20), replace(pod, status=Status.FAILED, reason="Error", ready=0)
    )
    town.say(red, parts.job(place, run, name, begun, red, Status.FAILED))
    town.say(red, parts.cron_job(place, name, begun, well=False))
    make_noise(town, crowd, pushed, red)
    summary = "the image of a cron job was pushed anew"
    return town.told("cron-job-image", summary, job.ref, red, cause, witnesses=(lost,), distance=2)


def _rolled_back(town: Town) -> Story:
    """It is rolled back for another reason, and an old fault is back."""
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    red = town.noon
    at = red - town.between(2, 45)
    old, sha = mine.digest, mine.sha
    release(town, mine, at - town.between(90, 600))
    first, *told = release(town, mine, at, digest=old, sha=sha, built=False, by_github=True)
    crash(town, mine, red)
    make_noise(town, crowd, at, red)
    summary = "a rollback brought an old fault back"
    return town.told(
        "rolled-back", summary, mine.ref, red, first, witnesses=tuple(told), distance=0
    )


def _merged(town: Town) -> Story:
    """A pull request is merged, and the build of the main branch fails."""
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    place, red = mine.place, town.noon
    merged = red - town.between(4, 35)
    number, head, sha = town.number(), parts.new_sha(town), parts.new_sha(town)
    town.put(parts.pull_request(place, number, head, red - timedelta(days=1)))
    cause = town.say(merged, parts.pull_request(place, number, head, merged, sha))
    told = [town.say(merged, parts.commit(place, sha, merged))]
    other = merged + (red - merged) * town.dice.uniform(0.1, 0.7)
    rival, rival_head, rival_sha = town.number(), parts.new_sha(town), parts.new_sha(town)
    town.put(parts.pull_request(place, rival, rival_head, red - timedelta(days=1)))
    town.say(other, parts.pull_request(place, rival, rival_head, other, rival_sha))
    town.say(other, parts.commit(place, rival_sha, other))
    town.say(other + timedelta(seconds=4), parts.build(place, town.number(), rival_sha, other))
    run = parts.build(place, town.number(), sha, merged + timedelta(seconds=5))
    told.append(town.say(merged + timedelta(seconds=5), run))
    town.say(
        red, replace(run, status=Status.FAILED, state="failure", finished_at=red, updated_at=red)
    )
    make_noise(town, crowd, merged, red)
    summary = "a pull request was merged"
    return town.told("merged", summary, run.ref, red, cause, witnesses=tuple(told), distance=1)


def _cluster_dns(town: Town) -> Story:
    """The config of the cluster's DNS is changed. No record says that all depend on it."""
    mine = start(town, town.mine)
    crowd = settle(town, mine)
    red = town.noon
    at = red - town.between(1, 30)
    system = replace(town.mine, namespace="kube-system")
    cause = town.say(at, parts.config(system, "ConfigMap", "coredns", at, "terraform"))
    crash(town, mine, red, "Unhealthy")
    make_noise(town, crowd, at, red)
    summary = "the config of the cluster's DNS was changed"
    return town.told("cluster-dns", summary, mine.ref, red, cause, distance=-1)


_FAMILIES: Final[Mapping[str, Callable[[Town], Story]]] = {
    "config-read-at-restart": _config_read_at_restart,
    "secret-rotated": _secret_rotated,
    "tag-pushed-anew": _tag_pushed_anew,
    "upstream-deployed": _upstream_deployed,
    "base-image": _base_image,
    "alias-to-wrong-data": _alias_to_wrong_data,
    "feature-pipeline": _feature_pipeline,
    "scaled-down": _scaled_down,
    "sidecar": _sidecar,
    "cron-job-image": _cron_job_image,
    "rolled-back": _rolled_back,
    "merged": _merged,
    "cluster-dns": _cluster_dns,
}

FAMILIES: Final = tuple(_FAMILIES)
UNJOINED: Final = frozenset({"upstream-deployed", "feature-pipeline", "cluster-dns"})
"""Families in which no record joins the cause to what went red: at best a candidate."""


def independent_story(seed: int) -> Story:
    """Return the story of *seed*; the families take turns."""
    dice = random.Random(f"independent {seed}")  # noqa: S311 - no secret
    return _FAMILIES[FAMILIES[seed % len(FAMILIES)]](Town(seed, dice))


__all__ = ["FAMILIES", "UNJOINED", "Claim", "independent_story"]
