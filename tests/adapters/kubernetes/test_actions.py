"""All acts but the roll-back: on the demo's clusters and on a real one."""

from typing import Any

import pytest

from opsboard.adapter import (
    PreconditionFailed,
    Request,
    SourceError,
)
from opsboard_adapters.kubernetes.actions.restart import RESTARTED_AT_ANNOTATION
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.test_verdicts import READY
from tests.adapters.kubernetes.workload_setup import Ground, carried_out, execute, plan, until

# --- workloads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_restart_makes_new_pods_of_the_same_template(scene: Scene, kind: str) -> None:
    ground, name = await scene.workload(kind)
    before = await ground.get(kind, name)
    async with scene.source() as source:
        await carried_out(source, await plan(source, "restart", ground.ref(kind, name)))
    after = (await ground.get(kind, name))["spec"]["template"]
    assert after["metadata"]["annotations"].pop(RESTARTED_AT_ANNOTATION)
    assert after["spec"] == before["spec"]["template"]["spec"]
    assert after["metadata"]["labels"] == before["spec"]["template"]["metadata"]["labels"]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
@pytest.mark.parametrize("replicas", [5, 1, 0])
async def test_it_is_scaled(scene: Scene, kind: str, replicas: int) -> None:
    ground, name = await scene.workload(kind)
    ref = ground.ref(kind, name)
    async with scene.source() as source:
        (asked,) = (await source.form(Request(action="scale", ref=ref))).inputs
        now = (await ground.get(kind, name))["spec"]["replicas"]
        assert asked.default == str(now)
        planned = await plan(source, "scale", ref, replicas=str(replicas))
        assert (planned.before, planned.after) == (f"{now} replicas", f"{replicas} replicas")
        await carried_out(source, planned)
    assert (await ground.get(kind, name))["spec"]["replicas"] == replicas


@pytest.mark.parametrize("replicas", ["-1", "many", "1e9", "999999999999"])
async def test_a_number_that_makes_no_sense_is_refused(scene: Scene, replicas: str) -> None:
    ground, name = await scene.workload("Deployment")
    async with scene.source() as source:
        with pytest.raises(SourceError, match="replicas is"):
            await plan(source, "scale", ground.ref("Deployment", name), replicas=replicas)


async def test_an_autoscaler_is_told_of(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    if scene.real:
        await _autoscale(ground, name)
    else:
        name = "storefront"
    async with scene.source() as source:
        planned = await plan(source, "scale", ground.ref("Deployment", name), replicas="9")
    told = [one.text for one in planned.findings]
    assert any(f"HorizontalPodAutoscaler {name} keeps 4 to 12 replicas" in one for one in told)


async def _autoscale(ground: Ground, name: str) -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec = {"scaleTargetRef": reference, "minReplicas": 4, "maxReplicas": 12}
    path = f"/apis/autoscaling/v2/namespaces/{ground.namespace}/horizontalpodautoscalers"
    answer = await ground.client.post(path, json={"metadata": {"name": name}, "spec": spec})
    assert answer.status_code == 201, answer.text


async def test_it_is_paused_and_resumed(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    ref = ground.ref("Deployment", name)
    async with scene.source() as source:
        await carried_out(source, await plan(source, "pause", ref))
        assert (await ground.get("Deployment", name))["spec"]["paused"] is True
        assert (await plan(source, "pause", ref)).blockers == ("it is paused already",)
        assert (await plan(source, "restart", ref)).blockers == ("it is paused: resume it first",)
        await carried_out(source, await plan(source, "resume", ref))
        assert not (await ground.get("Deployment", name))["spec"].get("paused")


async def test_only_a_deployment_can_be_paused(scene: Scene) -> None:
    ground, name = await scene.workload("StatefulSet")
    async with scene.source() as source:
        planned = await plan(source, "pause", ground.ref("StatefulSet", name))
    assert planned.blockers == ("a StatefulSet cannot be paused",)


# --- pods ----------------------------------------------------------------------------------------


async def test_a_pod_is_deleted_and_another_comes(scene: Scene) -> None:
    ground, name = await scenes.some_pod(scene)
    count = len(await ground.list("Pod"))
    async with scene.source() as source:
        await carried_out(source, await plan(source, "delete", ground.ref("Pod", name)))
        assert name not in {pod["metadata"]["name"] for pod in await ground.list("Pod")}
    await scene.pass_time(1)
    await until(lambda: ground.list("Pod"), lambda seen: len(seen) >= count)


async def test_a_pod_that_has_become_ready_since_is_left_alone(scene: Scene) -> None:
    ground, _ = await scene.stuck()
    if not scene.real:
        pytest.skip("the demo's pods that crash never become ready")
    pods = await until(
        lambda: ground.list("Pod"),
        lambda seen: [one for one in seen if _image(one) == scenes.BAD],
    )
    name = next(one["metadata"]["name"] for one in pods if _image(one) == scenes.BAD)
    async with scene.source() as source:
        planned = await plan(source, "delete", ground.ref("Pod", name))
        await ground.put_pods(READY, scenes.BAD)
        with pytest.raises(PreconditionFailed):
            await execute(source, planned)
    assert name in {one["metadata"]["name"] for one in await ground.list("Pod")}


def _image(pod: dict[str, Any]) -> str:
    image: str = pod["spec"]["containers"][0]["image"]
    return image
