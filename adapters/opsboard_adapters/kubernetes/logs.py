"""Logs of pods: the containers of a pod, a Job or a workload, merged.

Source: *Logging Architecture*, and ``readNamespacedPodLog`` in the API reference.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Forbidden, LogLine, SourceError, Unsupported
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes.batch_structs import V1Job
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.objects import ApiObject, selector_query
from opsboard_adapters.kubernetes.parse.inference_services import (
    SERVICE_LABEL,
    V1beta1InferenceService,
)
from opsboard_adapters.kubernetes.parse.pods import container_rows
from opsboard_adapters.kubernetes.permissions import permission_hint
from opsboard_adapters.kubernetes.protocol import ListRequest
from opsboard_adapters.kubernetes.resources import PODS, WatchedObject, locate
from opsboard_adapters.kubernetes.structs import (
    V1ContainerStateDetails,
    V1ContainerStatus,
    V1Pod,
    V1Workload,
)
from opsboard_adapters.listing.completeness import SkippedRecords

MAX_PODS: Final = 10
"""Pods of a workload or Job whose logs are read together."""


@dataclass(frozen=True, slots=True)
class LogContainer:
    """A container whose log is read."""

    namespace: str
    pod: str
    container: str
    previous_failure: str = ""
    """How the previous instance of the container failed, if it did and another has started."""
    failure: str = ""
    """How the instance failed whose log the kubelet returns, if it did."""
    ready: bool = True
    """Whether the container is ready now."""


async def log_containers(client: ClusterClient, ref: Ref) -> list[LogContainer]:
    """Return the containers whose logs belong to *ref*. Raises :exc:`SourceError`."""
    resource, namespace, name = locate(ref)
    if ref.kind not in (Kind.POD, Kind.DEPLOYMENT, Kind.JOB):
        raise Unsupported(f"a {ref.kind} has no log")
    item = await client.get_struct(resource.path(namespace, name), resource.struct)
    if isinstance(item, V1Pod):
        return _containers(item)
    selector = selector_query(_pod_selector(item))
    path = PODS.path(namespace)
    listing = ListRequest(path, V1Pod, SkippedRecords(path), PODS.kind, {"labelSelector": selector})
    pods = await client.list_page(listing, {"limit": MAX_PODS})
    return [target for pod in pods.objects for target in _containers(pod)]


def _pod_selector(item: WatchedObject) -> ApiObject:
    """Return the label selector of the pods that belong to *item*."""
    if isinstance(item, V1beta1InferenceService):
        return {"matchLabels": {SERVICE_LABEL: item.metadata.name}}
    return item.spec.selector if isinstance(item, V1Workload | V1Job) else {}


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
    """Return how the previous instance failed, if it did and another has started since.

    While a container waits to start, the kubelet returns the log of the previous instance.
    """
    return "" if status.state.waiting is not None else _failure_text(status.last_state.terminated)


def _failure(status: V1ContainerStatus) -> str:
    """Return how the instance failed whose log the kubelet returns, if it did: the present one, or
    the previous one while the next waits to start."""
    state = status.last_state if status.state.waiting is not None else status.state
    return _failure_text(state.terminated)


def _failure_text(ended: V1ContainerStateDetails | None) -> str:
    if ended is None or not ended.exit_code:
        return ""
    return f"{ended.reason or 'Error'}, exit code {ended.exit_code}"


async def read_logs(
    client: ClusterClient, cluster: ClusterContext, ref: Ref, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """Yield the lines of all containers of *ref*, as they arrive.

    Containers that failed come first: their few lines would be lost among the others. *tail* is
    the number of lines of each container. Raises :exc:`SourceError` where there is only one
    container; of several, one that cannot be read is a line of the log.
    """
    containers = await log_containers(client, ref)
    many_pods = len({container.pod for container in containers}) > 1
    backlog: asyncio.Queue[LogLine | SourceError | None] = asyncio.Queue(1_000)

    async def one(target: LogContainer) -> None:
        alone = target.container if len(containers) > 1 else ""
        part = f"{target.pod}/{target.container}" if many_pods else alone
        try:
            async with aclosing(
                _with_previous(client, cluster, target, tail, follow=follow)
            ) as lines:
                async for line in lines:
                    await backlog.put(line.model_copy(update={"part": part}))
        except SourceError as error:
            # A container that has not started has no log; that must not hide the others.
            await backlog.put(
                error if len(containers) == 1 else LogLine(text=f"({error})", part=part)
            )
        finally:
            await backlog.put(None)

    tasks = _start(one, containers)
    try:
        pending = len(tasks)
        while pending:
            item = await backlog.get()
            if item is None:
                pending -= 1
            elif isinstance(item, SourceError):
                raise item
            else:
                yield item
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _start(
    read: Callable[[LogContainer], Coroutine[None, None, None]], containers: Sequence[LogContainer]
) -> list[asyncio.Task[None]]:
    """Return tasks that *read* each container: those that failed, and after them the others."""
    failed = [asyncio.create_task(read(target)) for target in containers if target.failure]

    async def read_then(target: LogContainer) -> None:
        if failed:
            await asyncio.wait(failed)
        await read(target)

    others = [target for target in containers if not target.failure]
    return [*failed, *(asyncio.create_task(read_then(target)) for target in others)]


async def _with_previous(
    client: ClusterClient, cluster: ClusterContext, target: LogContainer, tail: int, *, follow: bool
) -> AsyncGenerator[LogLine, None]:
    """Yield the log of the previous instance if it failed, that of this one, and how it failed."""
    async with aclosing(_previous(client, cluster, target, tail)) as lines:
        async for line in lines:
            yield line
    still_running = follow and not target.failure
    async with aclosing(_container(client, cluster, target, tail, follow=still_running)) as lines:
        async for line in lines:
            yield line
    if target.failure:
        yield LogLine(text=f"(the container ended: {target.failure})", error=True, failed=True)


async def _previous(
    client: ClusterClient, cluster: ClusterContext, target: LogContainer, tail: int
) -> AsyncGenerator[LogLine, None]:
    """Yield the log of the previous instance, if it failed and its log is still there."""
    if not target.previous_failure:
        return
    try:
        async with aclosing(_container(client, cluster, target, tail, previous=True)) as lines:
            async for line in lines:
                yield line
    except SourceError:  # its log may be gone; the present one was asked for
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
    """Split the timestamp from a line (``timestamps=true``)."""
    stamp, _, text = line.partition(" ")
    at = cluster.time(stamp)
    return LogLine(text=text, at=at) if at else LogLine(text=line)
