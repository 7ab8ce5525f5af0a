"""The log of a pod, whole or followed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response, StreamingResponse

from opsboard.demo.kubernetes.objects.pods import PHASES
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.world.clusters import DemoPod, DemoPodState
from opsboard.demo.world.logs import pod_lines

PAUSE_SECONDS: Final = 0.5


def pod_log(pod: DemoPod, params: Mapping[str, str], now: Callable[[], datetime]) -> Response:
    """Answer with the log of the container of *pod*."""
    if pod.state in {DemoPodState.PENDING, DemoPodState.CREATING, DemoPodState.PULL_FAILED}:
        raise FakeKubernetesError(
            400, f'container in pod "{pod.name}" is waiting to start: {pod.state.value}'
        )
    if params.get("previous") == "true" and not pod.restarts:
        raise FakeKubernetesError(
            400, f'previous terminated container in pod "{pod.name}" not found'
        )
    return StreamingResponse(_lines(pod, params, now), media_type="text/plain")


async def _lines(
    pod: DemoPod, params: Mapping[str, str], now: Callable[[], datetime]
) -> AsyncIterator[bytes]:
    stamped = params.get("timestamps") == "true"
    tail = int(params["tailLines"]) if params.get("tailLines", "").isdecimal() else None
    last = _since(params, now())
    for at, text in pod_lines(pod, now(), tail=tail, after=last):
        last = at
        yield _line(at, text, stamped=stamped)
    while params.get("follow") == "true" and _writes(pod):
        await asyncio.sleep(PAUSE_SECONDS)
        for at, text in pod_lines(pod, now(), after=last or pod.created_at):
            last = at
            yield _line(at, text, stamped=stamped)


def _since(params: Mapping[str, str], now: datetime) -> datetime | None:
    seconds = params.get("sinceSeconds", "")
    return now - timedelta(seconds=int(seconds)) if seconds.isdecimal() else None


def _writes(pod: DemoPod) -> bool:
    alive = pod.uid in pod.cluster.pods and pod.state is not DemoPodState.TERMINATING
    return alive and PHASES.get(pod.state, "Running") == "Running"


def _line(at: datetime, text: str, *, stamped: bool) -> bytes:
    prefix = at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z ") if stamped else ""
    return f"{prefix}{text}\n".encode()
