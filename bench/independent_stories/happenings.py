"""What happens to services: releases, sizes, nodes that go, pods that crash."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bench.independent_stories import parts
from bench.independent_stories.town import Place, Town
from opsboard.demo.world.stories import EventKey
from opsboard.records import Claim, Deployment, Image, Kind, Pod, Ref, Status, stated
from opsboard.records import identity as identities

_OF_IMAGES: Final = frozenset({"image", "image-tag"})


@dataclass
class Running:
    """A service as it began: what it is made of, and its pods."""

    place: Place
    ref: Ref
    digest: str
    sha: str
    tag: str
    revision: int
    pods: list[str]


def start(
    town: Town,
    place: Place,
    *,
    reads: tuple[tuple[str, str], ...] = (),
    more: tuple[Claim | None, ...] = (),
    tag: str = "",
    base: str = "",
) -> Running:
    """Have a service run since long ago."""
    at = town.noon - timedelta(days=3, minutes=town.dice.randrange(3_000))
    digest, sha, revision = town.digest(), parts.new_sha(town), town.dice.randrange(9, 90)
    tag = tag or sha[:8]
    if place == town.mine:
        addresses = (parts.address(place, one) for one in town.calls)
        more = (*more, *addresses)
    record = parts.workload(
        place,
        at,
        revision,
        tag,
        [digest],
        reads=reads,
        more=more,
        desired=town.dice.randrange(3, 9),
    )
    town.put(record)
    for kind, name in reads:
        town.put(parts.config(place, kind, name, at - timedelta(days=9), "helm"))
    town.put(parts.image(place.name, digest, at, (tag,), parts.label(place, sha), base))
    town.put(parts.commit(place, sha, at))
    town.put(
        parts.build(place, town.number(), sha, at, at + timedelta(minutes=9), status=Status.OK)
    )
    town.put(parts.deployed(place, town.number(), sha, at, Status.OK))
    running = Running(place, record.ref, digest, sha, tag, revision, [])
    for _ in range(2):
        add_pod(town, running, None)
    return running


def add_pod(
    town: Town, running: Running, at: datetime | None, digest: str = "", node: str = ""
) -> str:
    place = running.place
    name = f"{place.name}-{town.hexes(9)}-{town.hexes(5)}"
    born = at or town.noon - timedelta(days=3)
    record = parts.pod(
        place,
        name,
        born,
        f"Deployment/{place.name}",
        digest or running.digest,
        node or f"node-{town.dice.randrange(5)}",
    )
    if at is None:
        town.put(record)
    else:
        town.say(at, record)
    running.pods.append(name)
    return name


def pod_ref(place: Place, name: str) -> Ref:
    return Ref("kubernetes", Kind.POD, f"{place.cluster}/{place.namespace}/{name}")


def made_of(record: Deployment, *images: Claim | None) -> tuple[Claim, ...]:
    """Return the inputs of *record* with other images."""
    return stated(*images, *(one for one in record.inputs if one.type not in _OF_IMAGES))


def release(
    town: Town,
    running: Running,
    at: datetime,
    *,
    digest: str = "",
    sha: str = "",
    built: bool = True,
    by_github: bool = False,
) -> tuple[EventKey, ...]:
    """Roll out another version at *at*; return the transitions that tell of the roll-out."""
    place, dice = running.place, town.dice
    sha, new = sha or parts.new_sha(town), digest or town.digest()
    tag = sha[:8]
    reference = f"{parts.REGISTRY}/{place.name}:{tag}"
    if built:
        ready = at - town.between(2, 25)
        run = parts.build(place, town.number(), sha, ready - timedelta(minutes=9))
        town.say(ready - timedelta(minutes=9, seconds=20), parts.commit(place, sha, ready))
        town.say(ready - timedelta(minutes=9), run)
        done = replace(run, status=Status.OK, state="success", finished_at=ready, updated_at=ready)
        town.say(ready, done)
        town.say(ready - timedelta(seconds=30), image_of(running, new, sha, ready))
    told = []
    if by_github or dice.random() < 0.3:
        number = town.number()
        told.append(
            town.say(
                at - timedelta(seconds=20), parts.deployed(place, number, sha, at, Status.RUNNING)
            )
        )
        told.append(
            town.say(at + timedelta(minutes=2), parts.deployed(place, number, sha, at, Status.OK))
        )

    def begun(record: Deployment) -> Deployment:
        return replace(
            record,
            status=Status.RUNNING,
            reason="Progressing",
            updated_at=at,
            revision=str(int(record.revision) + 1),
            images=(reference,),
            inputs=made_of(record, identities.image_tag(reference, "tag in the pod template")),
        )

    ended = at + timedelta(seconds=dice.randrange(40, 110))

    def finished(record: Deployment) -> Deployment:
        return replace(
            record,
            status=Status.OK,
            reason="",
            updated_at=ended,
            deployed_at=ended,
            inputs=made_of(record, identities.image(new, "pod imageID")),
        )

    told.insert(0, town.amend(at, Deployment, running.ref, begun))
    told.append(town.amend(ended, Deployment, running.ref, finished))
    for name in list(running.pods):
        running.pods.remove(name)
        town.drop(ended, pod_ref(place, name))
        add_pod(town, running, at + timedelta(seconds=dice.randrange(5, 35)), new)
    return tuple(told)


def image_of(running: Running, digest: str, sha: str, at: datetime) -> Image:
    place = running.place
    return parts.image(place.name, digest, at, (sha[:8],), parts.label(place, sha))


def scale(town: Town, running: Running, at: datetime, by: int) -> EventKey:
    def scaled(record: Deployment) -> Deployment:
        return replace(record, desired=max(1, record.desired + by))

    return town.amend(at, Deployment, running.ref, scaled)


def crash(
    town: Town,
    running: Running,
    at: datetime,
    reason: str = "CrashLoopBackOff",
    digests: tuple[str, ...] = (),
    *,
    of: str = "",
) -> None:
    """Have the workload go red at *at*, one of its pods a little before."""
    name = of or running.pods[-1]
    town.amend(
        at - timedelta(seconds=town.dice.randrange(5, 30)),
        Pod,
        pod_ref(running.place, name),
        lambda one: replace(one, status=Status.FAILED, reason=reason, ready=0),
    )
    more = [identities.image(one, "pod imageID") for one in digests]

    def failing(record: Deployment) -> Deployment:
        return replace(
            record,
            status=Status.FAILED,
            reason=reason,
            inputs=stated(*more, *record.inputs),
            updated_at=at,
        )

    town.amend(at, Deployment, running.ref, failing)


def drain(town: Town, runnings: list[Running], at: datetime) -> None:
    """Take a node away: a pod of each service goes, and another one comes."""
    for running in runnings:
        gone = running.pods.pop(0)
        town.drop(at + timedelta(seconds=town.dice.randrange(20)), pod_ref(running.place, gone))
        add_pod(town, running, at + timedelta(seconds=town.dice.randrange(1, 25)))
