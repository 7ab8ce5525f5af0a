"""Logs of pods as a server with a kubelet returns them: by container, time and instance."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from opsboard.demo.kubernetes.pod_logs import pod_log
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from opsboard.demo.world.clusters import DemoPod, DemoPodState
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from tests.adapters.kubernetes.kubelet import log_contract
from tests.adapters.kubernetes.kubelet.log_contract import Read
from tests.demo.kubernetes.cluster_client import AT


async def _pod(api: httpx.AsyncClient, namespace: str, name: str) -> dict[str, Any]:
    selector = {"labelSelector": f"app.kubernetes.io/name={name}"}
    answer = await api.get(f"api/v1/namespaces/{namespace}/pods", params=selector)
    pod: dict[str, Any] = answer.json()["items"][0]
    return pod


def _read(api: httpx.AsyncClient, pod: dict[str, Any]) -> Read:
    meta = pod["metadata"]
    path = f"api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/log"

    async def read(parameters: dict[str, str]) -> tuple[int, str]:
        answer = await api.get(path, params=parameters)
        text = answer.text if answer.is_success else answer.json()["message"]
        return answer.status_code, text

    return read


async def test_a_container_is_named_where_there_are_several(api: httpx.AsyncClient) -> None:
    pod = await _pod(api, "platform", "log-agent")
    name, read = pod["metadata"]["name"], _read(api, pod)
    await log_contract.check_choice_of_containers(read, name, [], ["log-agent", "reload"])
    await log_contract.check_since(read, "reload")
    await log_contract.check_there_is_no_previous(read, name, "reload")
    assert [one["ready"] for one in pod["status"]["containerStatuses"]] == [True, True]


async def test_init_containers_have_written_and_ended(api: httpx.AsyncClient) -> None:
    pod = await _pod(api, "payments", "ledger")
    read = _read(api, pod)
    await log_contract.check_the_only_container_need_not_be_named(read, "ledger")
    status, text = await read({"container": "migrate", "follow": "true"})
    assert (status, len(text.splitlines())) == (200, 3)
    (init,) = pod["status"]["initContainerStatuses"]
    assert init["state"]["terminated"]["exitCode"] == 0
    assert init["imageID"] == pod["status"]["containerStatuses"][0]["imageID"]


def _with(world: DemoWorld, **values: Any) -> DemoPod:
    pods = (pod for cluster in world.clusters.values() for pod in cluster.pods.values())
    return replace(next(pod for pod in pods if pod.revision and pod.ready), **values)


async def _text(pod: DemoPod, world: DemoWorld, **params: str) -> str:
    answer = pod_log(pod, params, lambda: world.now)
    assert hasattr(answer, "body_iterator")
    return "".join([piece.decode() async for piece in answer.body_iterator])


async def test_what_was_restarted_has_an_earlier_log() -> None:
    world = create_world(7, AT)[0]
    pod = _with(world, restarts=2, since=world.now - timedelta(minutes=5))
    name = pod.owner.name

    async def read(parameters: dict[str, str]) -> tuple[int, str]:
        return 200, await _text(pod, world, **parameters)

    await log_contract.check_there_is_a_previous(read, name)
    assert "panic" in await _text(pod, world, previous="true", tailLines="4")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (DemoPodState.PENDING, "is not available"),
        (DemoPodState.CREATING, "is waiting to start: ContainerCreating"),
        (DemoPodState.PULL_FAILED, "is waiting to start: trying and failing to pull image"),
    ],
)
def test_a_container_without_a_log_says_why(state: DemoPodState, said: str) -> None:
    world = create_world(7, AT)[0]
    pod = _with(world, state=state)
    with pytest.raises(FakeKubernetesError, match=said) as caught:
        pod_log(pod, {}, lambda: world.now)
    assert str(caught.value) == f'container "{pod.owner.name}" in pod "{pod.name}" {said}'
