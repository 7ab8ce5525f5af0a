"""Of events, which have no end, the newest are kept; a failed container's last words come first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from opsboard.adapter import LogLine, LogQuery
from opsboard.demo.server import serve_in_thread
from opsboard.records import Event, Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.informer import BoundedRecords
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, pod, write_kubeconfig

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def _event(number: int) -> Event:
    return Event(
        source="s",
        id=str(number),
        name=str(number),
        cluster="c",
        namespace="n",
        about="Pod/p",
        updated_at=AT + timedelta(seconds=number),
    )


def test_the_oldest_makes_room() -> None:
    newest = BoundedRecords(2)
    kept, dropped = newest.admit([_event(3), _event(1), _event(2)])
    assert {record.name for record in kept} == {"2", "3"}
    assert dropped == []
    kept, dropped = newest.admit([_event(4)])
    assert [record.name for record in kept] == ["4"]
    assert dropped == [Ref("s", Kind.EVENT, "2")]
    assert newest.admit([_event(0)]) == ([], [])
    newest.forget(_event(4).ref)
    assert newest.refs == {_event(3).ref}


async def _log_of(tmp_path: Path, status: dict[str, Any]) -> list[LogLine]:
    """Return the log of a pod with one container of that *status*."""
    cluster = ScriptedCluster()
    path = "/api/v1/namespaces/shop/pods/a"
    item = pod("a")
    item["status"]["containerStatuses"] = [{"name": "main", **status}]

    async def log(request: Request) -> Response:
        previous = request.query_params["previous"] == "true"
        return PlainTextResponse("boom\n" if previous else "hello\n")

    async def one(_: Request) -> Response:
        return JSONResponse(item)

    cluster.script = {f"list {path}": [one], f"list {path}/log": [log]}
    with serve_in_thread(cluster.app) as url:
        settings = KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url))
        async with Kubernetes.connect(settings, FakeContext()) as source:
            return [
                line async for line in source.logs(Ref("s", Kind.POD, "test/shop/a"), LogQuery())
            ]


ENDED: dict[str, Any] = {"terminated": {"reason": "Error", "exitCode": 2}}


@pytest.mark.parametrize("ready", [True, False])
async def test_the_last_words_of_a_failed_container_come_first(ready: bool, tmp_path: Path) -> None:
    """A log opens there, unless the container is well again."""
    running = {"state": {"running": {}}, "lastState": ENDED, "ready": ready}
    lines = await _log_of(tmp_path, running)
    end = "(the previous container ended: Error, exit code 2)"
    assert [line.text for line in lines] == ["boom", end, "hello"]
    assert [line.error for line in lines] == [False, True, False]
    assert [line.failed for line in lines] == [False, not ready, False]


@pytest.mark.parametrize(
    "status",
    [
        {"state": ENDED},
        {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ENDED},
    ],
)
async def test_a_log_ends_with_how_its_container_failed(
    status: dict[str, Any], tmp_path: Path
) -> None:
    lines = await _log_of(tmp_path, status)
    assert [line.text for line in lines] == ["hello", "(the container ended: Error, exit code 2)"]
    assert [line.failed and line.error for line in lines] == [False, True]


async def test_a_container_that_did_its_work_has_nothing_to_explain(tmp_path: Path) -> None:
    done = {"state": {"terminated": {"reason": "Completed", "exitCode": 0}}}
    assert [line.text for line in await _log_of(tmp_path, done)] == ["hello"]
