"""The log of a container of a pod, whole or followed, with the words of a server that refuses.

They are those of the API server (``pkg/registry/core/pod/strategy.go``) and of the kubelet
(``pkg/kubelet/kubelet_pods.go``), which the API server passes on.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from starlette.responses import Response, StreamingResponse

from opsboard.demo.kubernetes.objects.pods import PHASES, container_names
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.world.clusters import DemoPod, DemoPodState
from opsboard.demo.world.logs import crash_lines, init_lines, pod_lines, sidecar_lines

PAUSE_SECONDS: Final = 0.5
Lines: TypeAlias = Iterable[tuple[datetime, str]]

_WAITING: Final = {
    DemoPodState.CREATING: "ContainerCreating",
    DemoPodState.PULL_FAILED: "trying and failing to pull image",
}


def pod_log(pod: DemoPod, params: Mapping[str, str], now: Callable[[], datetime]) -> Response:
    """Answer with the log of a container of *pod*."""
    name = _container(pod, params.get("container", ""))
    since = _since(pod, params, now())
    previous = params.get("previous") == "true"
    _check(pod, name, previous=previous)
    log = _ContainerLog(pod, name, previous=previous)
    return StreamingResponse(_lines(log, params, since, now), media_type="text/plain")


def _container(pod: DemoPod, name: str) -> str:
    """Return which container is meant. Raises :exc:`FakeKubernetesError`, as the API server."""
    init, others = container_names(pod)
    if name in {*init, *others}:
        return name
    if name:
        raise FakeKubernetesError(400, f"container {name} is not valid for pod {pod.name}")
    if len(others) > 1:
        raise FakeKubernetesError(
            400,
            f"a container name must be specified for pod {pod.name}, "
            f"choose one of: [{' '.join((*init, *others))}]",
        )
    return others[0]


def _check(pod: DemoPod, name: str, *, previous: bool) -> None:
    """Raise :exc:`FakeKubernetesError`, as the kubelet, where the container has no log."""
    where = f'container "{name}" in pod "{pod.name}"'
    own = name == container_names(pod)[1][0]
    if previous and not (own and pod.restarts):
        raise FakeKubernetesError(400, f"previous terminated {where} not found")
    if pod.state in {DemoPodState.PENDING, DemoPodState.UNSCHEDULABLE}:
        raise FakeKubernetesError(400, f"{where} is not available")
    if pod.state in _WAITING:
        raise FakeKubernetesError(400, f"{where} is waiting to start: {_WAITING[pod.state]}")


def _since(pod: DemoPod, params: Mapping[str, str], now: datetime) -> datetime | None:
    """Return from when on lines are asked for. Raises :exc:`FakeKubernetesError`."""
    seconds, time = params.get("sinceSeconds", ""), params.get("sinceTime", "")
    if seconds and time:
        raise FakeKubernetesError(
            422,
            f'PodLogOptions "{pod.name}" is invalid: <nil>: Forbidden: '
            "at most one of `sinceTime` or `sinceSeconds` may be specified",
        )
    if time:
        try:
            at = datetime.fromisoformat(time)
        except ValueError:
            form = "2006-01-02T15:04:05Z07:00"
            raise FakeKubernetesError(
                400, f'parsing time "{time}" as "{form}": cannot parse "{time}" as "2006"'
            ) from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return now - timedelta(seconds=int(seconds)) if seconds.isdecimal() else None


class _ContainerLog:
    """What the container *name* of *pod* writes, or what its *previous* instance has written."""

    def __init__(self, pod: DemoPod, name: str, *, previous: bool) -> None:
        self._pod = pod
        self._name = name
        self._init, self._others = container_names(pod)
        self._previous = previous

    def lines(self, now: datetime, tail: int | None) -> Lines:
        """Return the last *tail* lines so far."""
        if self._name == self._others[0] and not self._previous:
            return pod_lines(self._pod, now, tail=tail)
        if self._name in self._init:
            found: Lines = init_lines(self._pod, self._name)
        elif self._previous:
            found = crash_lines(self._pod)
        else:
            found = sidecar_lines(self._pod, self._name, now)
        return found if tail is None else deque(found, tail)

    def added(self, now: datetime, after: datetime) -> Lines:
        """Return the lines *after* a time."""
        if self._name == self._others[0]:
            return pod_lines(self._pod, now, after=after)
        return sidecar_lines(self._pod, self._name, now, after)

    @property
    def goes_on(self) -> bool:
        """Whether more may be written."""
        pod = self._pod
        alive = pod.uid in pod.cluster.pods and pod.state is not DemoPodState.TERMINATING
        runs = alive and PHASES.get(pod.state, "Running") == "Running"
        return runs and not self._previous and self._name not in self._init


async def _lines(
    log: _ContainerLog,
    params: Mapping[str, str],
    since: datetime | None,
    now: Callable[[], datetime],
) -> AsyncIterator[bytes]:
    stamped = params.get("timestamps") == "true"
    tail = int(params["tailLines"]) if params.get("tailLines", "").isdecimal() else None
    last = now()
    for at, text in _from(since, log.lines(last, tail)):
        last = at
        yield _line(at, text, stamped=stamped)
    while params.get("follow") == "true" and log.goes_on:
        await asyncio.sleep(PAUSE_SECONDS)
        for at, text in _from(since, log.added(now(), last)):
            last = at
            yield _line(at, text, stamped=stamped)


def _from(since: datetime | None, lines: Lines) -> Iterator[tuple[datetime, str]]:
    """Yield *lines* from *since* on: what is written in that moment too."""
    return ((at, text) for at, text in lines if since is None or at >= since)


def _line(at: datetime, text: str, *, stamped: bool) -> bytes:
    prefix = at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z ") if stamped else ""
    return f"{prefix}{text}\n".encode()
