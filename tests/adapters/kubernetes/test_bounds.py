"""Of events, which have no end, the newest are kept; a failed container's last words come first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from opsboard.demo.server import serving
from opsboard.records import Event, Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.newest import Newest
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.servers import ScriptedCluster, pod, write_kubeconfig

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
    newest = Newest(2)
    kept, dropped = newest.admit([_event(3), _event(1), _event(2)])
    assert {record.name for record in kept} == {"2", "3"}
    assert dropped == []
    kept, dropped = newest.admit([_event(4)])
    assert [record.name for record in kept] == ["4"]
    assert dropped == [Ref("s", Kind.EVENT, "2")]
    assert newest.admit([_event(0)]) == ([], [])
    newest.forget(_event(4).ref)
    assert newest.refs == {_event(3).ref}


async def test_the_last_words_of_a_failed_container_come_first(tmp_path: Path) -> None:
    cluster = ScriptedCluster()
    path = "/api/v1/namespaces/shop/pods/a"
    ended = {"terminated": {"reason": "Error", "exitCode": 2}}
    container: dict[str, Any] = {"name": "main", "state": {"running": {}}, "lastState": ended}
    item = pod("a")
    item["status"]["containerStatuses"] = [container]

    async def log(request: Request) -> Response:
        previous = request.query_params["previous"] == "true"
        return PlainTextResponse("boom\n" if previous else "hello\n")

    async def one(_: Request) -> Response:
        return JSONResponse(item)

    cluster.script = {f"list {path}": [one], f"list {path}/log": [log]}
    with serving(cluster.app) as url:
        settings = KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url))
        async with Kubernetes.connect(settings, FakeContext()) as source:
            lines = [line.text async for line in source.logs(Ref("s", Kind.POD, "test/shop/a"))]
    assert lines == ["boom", "(the previous container ended: Error, exit code 2)", "hello"]
