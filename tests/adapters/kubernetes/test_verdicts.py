"""Roll-outs of a real control plane are judged as kubectl judges them, with the reason."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any, TypeGuard

import pytest

from opsboard.records import Deployment, Kind, Ref, Status
from opsboard.testing.recorder import Recorder
from opsboard_adapters.kubernetes.cluster_context import Diagnosis
from opsboard_adapters.kubernetes.parse.pods import worst
from opsboard_adapters.kubernetes.parse.workloads import with_cause
from tests.adapters.kubernetes.test_contract import REAL, Place, following, real
from tests.patience import PATIENCE

pytestmark = pytest.mark.cluster

Arrange = Callable[[Place], Awaitable[None]]
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
MERGE = {"Content-Type": "application/merge-patch+json"}
TEMPLATE = {"spec": {"containers": [{"name": "web", "image": "registry.example/web:2"}]}}


def waiting(reason: str) -> dict[str, Any]:
    waiting = {"reason": reason, "message": f"told by the test: {reason}"}
    return {"phase": "Pending", "containerStatuses": [_container(waiting=waiting)]}


def _container(*, ready: bool = False, **state: Any) -> dict[str, Any]:
    container = {"name": "web", "ready": ready, "restartCount": 0, "image": "x", "imageID": ""}
    return {**container, "state": state}


def _condition(kind: str, word: str, **more: str) -> dict[str, str]:
    return {"type": kind, "status": word, "lastTransitionTime": "2026-11-24T08:00:00Z", **more}


READY = {
    "phase": "Running",
    "conditions": [_condition("Ready", "True")],
    "containerStatuses": [_container(ready=True, running={"startedAt": "2026-11-24T08:00:00Z"})],
}
NOWHERE = {"conditions": [_condition("PodScheduled", "False", reason="Unschedulable")]}


async def _as_it_is(_: Place) -> None:
    return


async def _paused(place: Place) -> None:
    await place.patch({"spec": {"paused": True, "template": TEMPLATE}})


async def _late(place: Place) -> None:
    await place.patch({"spec": {"progressDeadlineSeconds": 1}})


async def _full(place: Place) -> None:
    quota = {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "0"}}}
    await place.api.review(f"/api/v1/namespaces/{place.namespace}/resourcequotas", quota)
    await place.patch({"spec": {"replicas": 5}})


@dataclass(frozen=True)
class Case:
    """What happens to a workload, what its pods are in, and what is to be seen of it."""

    status: Status
    reason: str
    arrange: Arrange = _as_it_is
    pods: dict[str, Any] = field(default_factory=dict)
    kubectl: str = "Waiting for"


CASES = {
    "progressing": Case(Status.RUNNING, "Progressing"),
    "complete": Case(Status.OK, "", pods=READY, kubectl="successfully rolled out"),
    "paused": Case(Status.WARNING, "Paused", _paused),
    "no image": Case(Status.FAILED, "ImagePullBackOff", pods=waiting("ImagePullBackOff")),
    "crashing": Case(Status.FAILED, "CrashLoopBackOff", pods=waiting("CrashLoopBackOff")),
    "nowhere to run": Case(Status.FAILED, "Unschedulable", pods=NOWHERE),
    "quota": Case(Status.FAILED, "QuotaExceeded", _full),
    "late": Case(Status.FAILED, "ProgressDeadlineExceeded", _late, kubectl="exceeded its progress"),
}


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with real() as place:
        within = place.settings.model_copy(update={"namespaces": (place.namespace,)})
        yield place._replace(settings=within)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_deployment_is_judged_as_by_kubectl(place: Place, case: Case) -> None:
    async with following(place) as (_, recorder):
        await case.arrange(place)
        await _until(place, recorder, case, "Deployment/web")
    await kubectl_agrees(place, "deployment/web", case.kubectl)


def _workload(name: str, **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": TEMPLATE["spec"]}
    body = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"metadata": {"name": name}, "spec": body}


async def _renew(place: Place, path: str) -> None:
    """Change the template of the workload at *path*."""
    container = {"name": "web", "image": "registry.example/web:3"}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    answer = await place.api._client.patch(path, json=body, headers=MERGE)
    assert answer.status_code == 200, answer.text


STRATEGIES: dict[str, tuple[dict[str, Any], str]] = {
    "partition": (
        {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
        "partitioned roll out complete",
    ),
    "OnDelete": ({"type": "OnDelete"}, "only available for RollingUpdate"),
}


@pytest.mark.parametrize(("strategy", "said"), STRATEGIES.values(), ids=STRATEGIES)
async def test_a_stateful_set_is_judged_as_by_kubectl(
    place: Place, strategy: dict[str, Any], said: str
) -> None:
    path = f"/apis/apps/v1/namespaces/{place.namespace}/statefulsets"
    spec = {"replicas": 2, "serviceName": "db", "podManagementPolicy": "Parallel"}
    await place.api.review(path, _workload("db", **spec, updateStrategy=strategy))
    case = Case(Status.OK, "", pods=READY)
    async with following(place) as (_, recorder):
        before = await _until(place, recorder, case, "StatefulSet/db")
        await _renew(place, f"{path}/db")
        await _until(place, recorder, case, "StatefulSet/db", unlike=before.revision)
    await kubectl_agrees(place, "statefulset/db", said)


async def test_a_daemon_set_without_nodes_is_done(place: Place) -> None:
    path = f"/apis/apps/v1/namespaces/{place.namespace}/daemonsets"
    await place.api.review(path, _workload("agent"))
    async with following(place) as (_, recorder):
        await _until(place, recorder, Case(Status.OK, ""), "DaemonSet/agent")
    await kubectl_agrees(place, "daemonset/agent", "successfully rolled out")


async def _until(
    place: Place, recorder: Recorder, case: Case, name: str, unlike: str | None = None
) -> Deployment:
    """Put the pods into their state until the workload is as *case* has it; return its record.

    With *unlike*, it has to be at another revision than that.
    """
    ref = Ref("clusters", Kind.DEPLOYMENT, f"{place.cluster}/{place.namespace}/{name}")
    record: object = None
    try:
        async with asyncio.timeout(PATIENCE):
            while not _is(record, case) or record.revision == unlike:
                await _put_pods(place, case.pods)
                await asyncio.sleep(0.05)
                record = recorder.records.get(ref)
    except TimeoutError:
        raise AssertionError(f"{record!r} instead of {case}") from None
    return record


def _is(record: object, case: Case) -> TypeGuard[Deployment]:
    if not isinstance(record, Deployment):
        return False
    return (record.status, record.reason) == (case.status, case.reason)


async def _put_pods(place: Place, status: dict[str, Any]) -> None:
    if not status:
        return
    root = f"/api/v1/namespaces/{place.namespace}/pods"
    for pod in (await place.api.get(root)).get("items") or ():
        path = f"{root}/{pod['metadata']['name']}/status"
        await place.api._client.patch(path, json={"status": status}, headers=STRATEGIC)


async def kubectl_agrees(place: Place, name: str, said: str) -> None:
    """Compare with kubectl, where there is one; it may see what came a moment later."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return
    told = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while said not in told:
                told = await _rollout_status(kubectl, place, name)
    except TimeoutError:
        raise AssertionError(f"kubectl says {told!r} instead of {said!r}") from None


async def _rollout_status(kubectl: str, place: Place, name: str) -> str:
    process = await asyncio.create_subprocess_exec(
        kubectl,
        *("--kubeconfig", REAL, "-n", place.namespace, "rollout", "status", name),
        *("--watch=false", "--request-timeout=10s"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode()


def test_of_equal_troubles_it_is_always_the_same_that_is_told() -> None:
    told = [Diagnosis(Status.FAILED, "Error", f"pod {number}") for number in range(5)]
    told.append(Diagnosis(Status.WARNING, "Zombie", "pod 9"))
    assert {worst(order) for order in permutations(told)} == {(Status.FAILED, "Error", "pod 4")}


def test_the_cause_follows_the_words_of_the_server_without_their_full_stop() -> None:
    said = 'ReplicaSet "a" has timed out progressing.'
    assert with_cause(said, "no such image") == f"{said[:-1]}: no such image"
    assert with_cause(said, "") == said
