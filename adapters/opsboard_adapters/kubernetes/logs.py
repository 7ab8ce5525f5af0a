"""Logs of pods, one container after another or, followed, all at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import LogLine, SourceError, Unsupported
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes.api import ClusterApi
from opsboard_adapters.kubernetes.look import locate, read
from opsboard_adapters.kubernetes.parse.common import Object, Place
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.selector import selector_text

MOST_PODS: Final = 10
"""Pods of a workload whose logs are read together."""


@dataclass(frozen=True, slots=True)
class Target:
    """A container: what has a log."""

    namespace: str
    pod: str
    container: str


async def read_targets(api: ClusterApi, ref: Ref) -> list[Target]:
    """Return the containers whose logs belong to *ref*."""
    if ref.kind is Kind.POD:
        return _containers(await read(api, ref))
    if ref.kind not in (Kind.DEPLOYMENT, Kind.JOB):
        raise Unsupported(f"a {ref.kind} has no log")
    _, namespace, _ = locate(ref)
    selector = selector_text((await read(api, ref)).get("spec", {}).get("selector") or {})
    pods = await api.get(PODS.path(namespace), {"labelSelector": selector, "limit": MOST_PODS})
    return [target for pod in pods.get("items") or () for target in _containers(pod)]


def _containers(pod: Object) -> list[Target]:
    meta, spec = pod["metadata"], pod.get("spec") or {}
    return [
        Target(meta["namespace"], meta["name"], container["name"])
        for key in ("initContainers", "containers")
        for container in spec.get(key) or ()
    ]


async def read_all(
    api: ClusterApi, place: Place, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Yield the lines of all containers of *ref*, as they come."""
    targets = await read_targets(api, ref)
    many_pods = len({target.pod for target in targets}) > 1
    backlog: asyncio.Queue[LogLine | SourceError | None] = asyncio.Queue(1_000)

    async def one(target: Target) -> None:
        alone = target.container if len(targets) > 1 else ""
        part = f"{target.pod}/{target.container}" if many_pods else alone
        try:
            async for line in _container(api, place, target, follow=follow, tail=tail):
                await backlog.put(line.model_copy(update={"part": part}))
        except SourceError as error:
            # A container that has not started yet has no log; that must not hide the others.
            await backlog.put(error if len(targets) == 1 else LogLine(text=f"({error})", part=part))
        finally:
            await backlog.put(None)

    tasks = [asyncio.create_task(one(target)) for target in targets]
    try:
        running = len(tasks)
        while running:
            item = await backlog.get()
            if item is None:
                running -= 1
            elif isinstance(item, SourceError):
                raise item
            else:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _container(
    api: ClusterApi, place: Place, target: Target, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    parameters: dict[str, str | int | bool] = {
        "container": target.container,
        "timestamps": True,
        "tailLines": tail,
        "follow": follow,
    }
    path = f"{PODS.path(target.namespace, target.pod)}/log"
    async with api.lines(path, parameters) as lines:
        async for line in lines:
            yield _parse(place, line)


def _parse(place: Place, line: str) -> LogLine:
    """Split the timestamp from a line that was asked for with ``timestamps``."""
    stamp, _, text = line.partition(" ")
    at = place.time(stamp)
    return LogLine(text=text, at=at) if at else LogLine(text=line)
