"""Logs of pods, one container after another or, followed, all at once."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Forbidden, LogLine, SourceError, Unsupported
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes.client import ClusterClient, ListRequest
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.objects import locate
from opsboard_adapters.kubernetes.parse.pods import container_rows
from opsboard_adapters.kubernetes.permission import permission_hint
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.selectors import selector_query
from opsboard_adapters.kubernetes.structs import (
    V1ContainerStateDetails,
    V1ContainerStatus,
    V1Job,
    V1Pod,
    V1Workload,
)
from opsboard_adapters.listing.completeness import SkippedRecords

MAX_PODS: Final = 10
"""Pods of a workload whose logs are read together."""


@dataclass(frozen=True, slots=True)
class LogContainer:
    """A container: what has a log."""

    namespace: str
    pod: str
    container: str
    previous_failure: str = ""
    """How its previous container failed, where the log is that of the next one."""
    failure: str = ""
    """How the container failed whose log this is."""
    ready: bool = True
    """Whether it is well by now, whatever it was before."""


async def log_containers(client: ClusterClient, ref: Ref) -> list[LogContainer]:
    """Return the containers whose logs belong to *ref*."""
    resource, namespace, name = locate(ref)
    if ref.kind not in (Kind.POD, Kind.DEPLOYMENT, Kind.JOB):
        raise Unsupported(f"a {ref.kind} has no log")
    item = await client.get_struct(resource.path(namespace, name), resource.struct)
    if isinstance(item, V1Pod):
        return _containers(item)
    selector = selector_query(item.spec.selector if isinstance(item, V1Workload | V1Job) else {})
    path = PODS.path(namespace)
    listing = ListRequest(path, V1Pod, SkippedRecords(path), PODS.kind, {"labelSelector": selector})
    pods = await client.list_page(listing, {"limit": MAX_PODS})
    return [target for pod in pods.objects for target in _containers(pod)]


def _containers(pod: V1Pod) -> list[LogContainer]:
    meta = pod.metadata
    return [
        LogContainer(
            meta.namespace,
            meta.name,
            row.spec.name,
            previous_failure=_last_failure(row.status),
            failure=_failure(row.status),
            ready=row.status.ready,
        )
        for row in container_rows(pod)
    ]


def _last_failure(status: V1ContainerStatus) -> str:
    """Return how the previous container ended, if badly and if another has begun since.

    Without one that has begun, the kubelet answers with the previous one's log by itself.
    """
    return "" if status.state.waiting is not None else _how(status.last_state.terminated)


def _failure(status: V1ContainerStatus) -> str:
    """Return how the container ended, if badly, whose log the kubelet answers with: the present
    one, or the previous while the next one waits."""
    state = status.last_state if status.state.waiting is not None else status.state
    return _how(state.terminated)


def _how(ended: V1ContainerStateDetails | None) -> str:
    if ended is None or not ended.exit_code:
        return ""
    return f"{ended.reason or 'Error'}, exit code {ended.exit_code}"


async def read_logs(
    client: ClusterClient, cluster: ClusterContext, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Yield the lines of all containers of *ref*, as they come; first of those that failed, whose
    few lines would be lost among those of the others."""
    targets = await log_containers(client, ref)
    many_pods = len({target.pod for target in targets}) > 1
    backlog: asyncio.Queue[LogLine | SourceError | None] = asyncio.Queue(1_000)

    async def one(target: LogContainer) -> None:
        alone = target.container if len(targets) > 1 else ""
        part = f"{target.pod}/{target.container}" if many_pods else alone
        try:
            async with aclosing(_both(client, cluster, target, tail, follow=follow)) as lines:
                async for line in lines:
                    await backlog.put(line.model_copy(update={"part": part}))
        except SourceError as error:
            # A container that has not started yet has no log; that must not hide the others.
            await backlog.put(error if len(targets) == 1 else LogLine(text=f"({error})", part=part))
        finally:
            await backlog.put(None)

    tasks = _begun(one, targets)
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


def _begun(
    read: Callable[[LogContainer], Coroutine[None, None, None]], targets: Sequence[LogContainer]
) -> list[asyncio.Task[None]]:
    """Return tasks that *read* each of *targets*: those that failed, and then the others."""
    failed = [asyncio.create_task(read(target)) for target in targets if target.failure]

    async def read_then(target: LogContainer) -> None:
        if failed:
            await asyncio.wait(failed)
        await read(target)

    others = [target for target in targets if not target.failure]
    return [*failed, *(asyncio.create_task(read_then(target)) for target in others)]


async def _both(
    client: ClusterClient, cluster: ClusterContext, target: LogContainer, tail: int, *, follow: bool
) -> AsyncGenerator[LogLine, None]:
    """Yield how the previous container ended, and then what this one has to say, and its end."""
    async with aclosing(_ends(client, cluster, target, tail)) as lines:
        async for line in lines:
            yield line
    goes_on = follow and not target.failure
    async with aclosing(_container(client, cluster, target, tail, follow=goes_on)) as lines:
        async for line in lines:
            yield line
    if target.failure:
        yield LogLine(text=f"(the container ended: {target.failure})", error=True, failed=True)


async def _ends(
    client: ClusterClient, cluster: ClusterContext, target: LogContainer, tail: int
) -> AsyncGenerator[LogLine, None]:
    """Yield the last words of the previous container, if it failed and is still there."""
    if not target.previous_failure:
        return
    try:
        async with aclosing(_container(client, cluster, target, tail, previous=True)) as lines:
            async for line in lines:
                yield line
    except SourceError:  # its log may be gone, and the present one is what was asked for
        return
    text = f"(the previous container ended: {target.previous_failure})"
    yield LogLine(text=text, error=True, failed=not target.ready)


async def _container(
    client: ClusterClient,
    cluster: ClusterContext,
    target: LogContainer,
    tail: int,
    *,
    follow: bool = False,
    previous: bool = False,
) -> AsyncGenerator[LogLine, None]:
    parameters: dict[str, str | int | bool] = {
        "container": target.container,
        "timestamps": True,
        "tailLines": tail,
        "follow": follow,
        "previous": previous,
    }
    path = f"{PODS.path(target.namespace, target.pod)}/log"
    try:
        async with client.log_lines(path, parameters) as lines:
            async for line in lines:
                yield _parse(cluster, line)
    except Forbidden as error:
        hint = permission_hint("pods/log", target.namespace, "get")
        raise Forbidden(error.message, hint) from None


def _parse(cluster: ClusterContext, line: str) -> LogLine:
    """Split the timestamp from a line that was asked for with ``timestamps``."""
    stamp, _, text = line.partition(" ")
    at = cluster.time(stamp)
    return LogLine(text=text, at=at) if at else LogLine(text=line)
