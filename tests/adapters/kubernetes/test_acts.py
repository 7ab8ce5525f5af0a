"""All acts but the roll-back: on the demo's clusters and on a real one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import (
    RETRAIN,
    Fate,
    Moved,
    NotPermitted,
    Permission,
    Plan,
    Request,
    Source,
    SourceError,
    Uncertain,
    Verdict,
)
from opsboard.adapter.permit import mint
from opsboard.records import Kind, Ref
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.act.registry import ACTS
from opsboard_adapters.kubernetes.act.restart import RESTARTED_AT
from opsboard_adapters.kubernetes.act.retrain import MODEL
from opsboard_adapters.kubernetes.act.site import MARK
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.acting import Ground, execute, plan, until, verdict
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.test_rollback import DOUBTS
from tests.adapters.kubernetes.test_verdicts import READY

CHAMPION = Ref("mlflow", Kind.MODEL, "fraud-detector")


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    if request.param == "real" and not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    made = scenes.real_scene() if request.param == "real" else scenes.demo_scene(tmp_path)
    async with made as scene:
        yield scene


async def _carried_out(source: Source, planned: Plan) -> None:
    """Carry *planned* out, and follow it to its success."""
    assert not planned.blockers, planned.blockers
    assert planned.permission is Permission.ALLOWED
    assert planned.rehearsal == "the server would take it"
    ended = await verdict(source, planned, await execute(source, planned))
    assert ended.verdict is Verdict.SUCCEEDED, ended
    assert (await source.settle(planned)).fate is Fate.DONE


# --- workloads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a_restart_makes_new_pods_of_the_same_template(scene: Scene, kind: str) -> None:
    ground, name = await scene.workload(kind)
    before = await ground.get(kind, name)
    async with scene.source() as source:
        await _carried_out(source, await plan(source, "restart", ground.ref(kind, name)))
    after = (await ground.get(kind, name))["spec"]["template"]
    assert after["metadata"]["annotations"].pop(RESTARTED_AT)
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
        await _carried_out(source, planned)
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
    told = [one.text for one in planned.cautions]
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
        await _carried_out(source, await plan(source, "pause", ref))
        assert (await ground.get("Deployment", name))["spec"]["paused"] is True
        assert (await plan(source, "pause", ref)).blockers == ("it is paused already",)
        assert (await plan(source, "restart", ref)).blockers == ("it is paused: resume it first",)
        await _carried_out(source, await plan(source, "resume", ref))
        assert not (await ground.get("Deployment", name))["spec"].get("paused")


async def test_only_a_deployment_can_be_paused(scene: Scene) -> None:
    ground, name = await scene.workload("StatefulSet")
    async with scene.source() as source:
        planned = await plan(source, "pause", ground.ref("StatefulSet", name))
    assert planned.blockers == ("a StatefulSet cannot be paused",)


# --- jobs ----------------------------------------------------------------------------------------


async def _finish(ground: Ground, scene: Scene) -> None:
    """Let the pods of Jobs end: in a real cluster without nodes, nobody else does it."""
    if scene.real:
        await until(lambda: ground.list("Pod"), lambda seen: seen)
        await ground.put_pods({"phase": "Succeeded"}, "registry.example/train")


async def _job_ended(source: Source, scene: Scene, ground: Ground, planned: Plan) -> dict[str, Any]:
    """Carry out a plan that makes a Job; return that, once it has ended well."""
    assert not planned.blockers, planned.blockers
    assert planned.permission is Permission.ALLOWED
    receipt = await execute(source, planned)
    await _finish(ground, scene)
    ended = await verdict(source, planned, receipt)
    assert ended.verdict is Verdict.SUCCEEDED, ended
    assert ended.produced == receipt.produced == ground.ref("Job", receipt.reference)
    assert (await source.settle(planned)).fate is Fate.DONE
    return await ground.get("Job", receipt.reference)


async def test_a_cron_job_is_run_now(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        planned = await plan(source, "run", ground.ref("CronJob", name))
        job = await _job_ended(source, scene, ground, planned)
    annotations = job["metadata"]["annotations"]
    assert annotations["cronjob.kubernetes.io/instantiate"] == "manual"
    assert annotations[MARK] == planned.id
    (owner,) = job["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("CronJob", name)


async def test_it_is_never_run_twice(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        planned = await plan(source, "run", ground.ref("CronJob", name))
        first = await execute(source, planned)
        again = await source.execute(planned, mint(planned))
        assert again.reference == first.reference
    jobs = [job["metadata"]["name"] for job in await ground.list("Job")]
    assert jobs.count(first.reference) == 1
    assert sum(planned.id[:10] in job for job in jobs) == 1


async def test_a_cron_job_is_suspended_and_not(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    ref = ground.ref("CronJob", name)
    async with scene.source() as source:
        await _carried_out(source, await plan(source, "suspend", ref))
        assert (await ground.get("CronJob", name))["spec"]["suspend"] is True
        assert (await plan(source, "suspend", ref)).blockers == ("it is suspended already",)
        planned = await plan(source, "run", ref)
        assert "it is suspended: this run is made all the same" in [
            one.text for one in planned.cautions
        ]
        await _carried_out(source, await plan(source, "unsuspend", ref))
        assert not (await ground.get("CronJob", name))["spec"].get("suspend")


# --- pods ----------------------------------------------------------------------------------------


async def _pod(scene: Scene) -> tuple[Ground, str]:
    ground, name = await scene.workload("Deployment")
    pods = await until(lambda: ground.list("Pod"), lambda seen: seen)
    names = [pod["metadata"]["name"] for pod in pods]
    return ground, next(pod for pod in names if pod.startswith(f"{name}-"))


async def test_a_pod_is_deleted_and_another_comes(scene: Scene) -> None:
    ground, name = await _pod(scene)
    count = len(await ground.list("Pod"))
    async with scene.source() as source:
        await _carried_out(source, await plan(source, "delete", ground.ref("Pod", name)))
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
        with pytest.raises(Moved):
            await execute(source, planned)
    assert name in {one["metadata"]["name"] for one in await ground.list("Pod")}


def _image(pod: dict[str, Any]) -> str:
    image: str = pod["spec"]["containers"][0]["image"]
    return image


# --- retraining ----------------------------------------------------------------------------------


def _retraining(ground: Ground, recipe: dict[str, str], **values: str) -> Request:
    told = {"namespace": ground.namespace, **recipe}
    return Request(action=RETRAIN, ref=CHAMPION, values=values, recipe=told)


async def test_a_model_is_retrained_by_a_cron_jobs_job(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    recipe = {"cronjob": name}
    async with scene.source() as source:
        form = await source.form(_retraining(ground, recipe, EPOCHS="20"))
        assert {one.name: one.default for one in form.inputs} == {
            "WINDOW_DAYS": "7",
            "REPORT": "full",
            "EPOCHS": "",
        }
        planned = await source.plan(_retraining(ground, recipe, WINDOW_DAYS="30", EPOCHS="20"))
        assert planned.ref == CHAMPION
        assert planned.by == "clusters"
        assert {(one.name, one.before, one.after) for one in planned.changes} == {
            ("WINDOW_DAYS", "7", "30"),
            ("EPOCHS", None, "20"),
        }
        job = await _job_ended(source, scene, ground, planned)
    assert job["metadata"]["labels"][MODEL] == "fraud-detector"
    assert job["metadata"]["annotations"][MARK] == planned.id
    (container,) = job["spec"]["template"]["spec"]["containers"]
    env = {one["name"]: one["value"] for one in container["env"]}
    assert {name: env.get(name) for name in ("WINDOW_DAYS", "REPORT", "EPOCHS")} == {
        "WINDOW_DAYS": "30",
        "REPORT": "full",
        "EPOCHS": "20",
    }
    assert "canary" not in planned.model_dump_json()


async def test_a_model_is_retrained_by_a_copy_of_a_job(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        planned = await plan(source, "run", ground.ref("CronJob", name))
        kept = (await execute(source, planned)).reference
        copy = await source.plan(_retraining(ground, {"job": kept}, REPORT="short"))
        job = await _job_ended(source, scene, ground, copy)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert {"name": "REPORT", "value": "short"} in container["env"]


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({}, "either a cronjob or a job"),
        ({"cronjob": "a", "job": "b"}, "either a cronjob or a job"),
        ({"cronjob": "a", "unicorn": "b"}, "unicorn"),
        ({"cronjob": "no-such"}, "not found"),
        ({"cronjob": "a", "cluster": "elsewhere"}, "no cluster 'elsewhere'"),
    ],
)
async def test_a_recipe_that_leads_nowhere_is_told(
    scene: Scene, recipe: dict[str, str], said: str
) -> None:
    ground, _ = await scene.cron_job()
    async with scene.source() as source:
        with pytest.raises(SourceError, match=said):
            await source.form(_retraining(ground, recipe))


async def test_a_secret_is_no_input(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        with pytest.raises(SourceError, match="looks like a secret"):
            await source.plan(_retraining(ground, {"cronjob": name}, API_TOKEN="x"))


# --- all of them ---------------------------------------------------------------------------------


async def _some(scene: Scene, action: str) -> Request:
    """Return a request of *action*, by which something would change."""
    if action == RETRAIN:
        ground, name = await scene.cron_job()
        return _retraining(ground, {"cronjob": name})
    if action in {"run", "suspend", "unsuspend"}:
        ground, name = await scene.cron_job()
        if action == "unsuspend":
            await ground.patch("CronJob", name, {"spec": {"suspend": True}})
        return Request(action=action, ref=ground.ref("CronJob", name))
    if action == "delete":
        ground, name = await _pod(scene)
        return Request(action=action, ref=ground.ref("Pod", name))
    ground, name = await scene.workload("Deployment")
    if action == "resume":
        await ground.patch("Deployment", name, {"spec": {"paused": True}})
    values = {"replicas": "7"} if action == "scale" else {}
    return Request(action=action, ref=ground.ref("Deployment", name), values=values)


def test_every_offer_has_its_act() -> None:
    assert set(ACTS) == {offer.id for offer in Kubernetes.offers} | {RETRAIN}


@pytest.mark.parametrize("action", sorted(ACTS))
async def test_nothing_is_sent_without_a_permit(scene: Scene, action: str) -> None:
    request = await _some(scene, action)
    async with scene.source() as source:
        sent = await scenes.writes_of(source, scene)
        await source.form(request)
        planned = await source.plan(request)
        assert not planned.blockers
        assert (await source.settle(planned)).fate is Fate.NOT_DONE
        with pytest.raises(NotPermitted):
            await source.execute(planned, mint(planned.model_copy(update={"id": "another"})))
        permit = mint(planned)
        assert not sent
        await source.execute(planned, permit)
        assert len(sent) == 1
        with pytest.raises(NotPermitted):
            await source.execute(planned, permit)
        assert len(sent) == 1


@pytest.mark.parametrize("action", sorted(ACTS))
async def test_who_may_not_is_told_before(scene: Scene, tmp_path: Path, action: str) -> None:
    request = await _some(scene, action)
    viewer = await scenes.as_viewer(scene, tmp_path)
    async with scene.source(viewer) as source:
        planned = await source.plan(request)
    assert planned.permission is Permission.DENIED
    assert "ask for" in planned.permission_note
    assert planned.blockers[0].startswith("not permitted: ask for")


@pytest.mark.parametrize("action", sorted(set(ACTS) - {"rollback"}))
@pytest.mark.parametrize("doubt", ["cut before", "cut after"])
async def test_a_lost_answer_is_settled(scene: Scene, action: str, doubt: str) -> None:
    request = await _some(scene, action)
    what, fate = DOUBTS[doubt]
    async with scene.source() as source:
        planned = await source.plan(request)
        await scenes.trouble(source, scene, what)
        sent = await scenes.writes_of(source, scene)
        with pytest.raises(Uncertain):
            await execute(source, planned)
        assert len(sent) == 1
        settled = await source.settle(planned)
        assert settled.fate is fate, settled
        assert (settled.receipt is not None) is (fate is Fate.DONE)


@pytest.mark.parametrize("action", sorted(set(ACTS) - {"delete", "rollback"}))
async def test_what_moved_since_the_plan_is_left_alone(scene: Scene, action: str) -> None:
    request = await _some(scene, action)
    async with scene.source() as source:
        planned = await source.plan(request)
        where = planned.payload
        ground = Ground(
            scene.settings, scene.ground.client, scene.ground.cluster, where["namespace"]
        )
        moved = {"spec": {"paused": True, "replicas": 2}}
        if action == "resume":
            moved = {"spec": {"paused": True, "replicas": 6}}
        if where["resource"] == "CronJob":
            moved = {"spec": {"suspend": action != "unsuspend"}}
            moved["spec"]["startingDeadlineSeconds"] = 77
        await ground.patch(where["resource"], where["name"], moved)
        sent = await scenes.writes_of(source, scene)
        with pytest.raises(Moved):
            await execute(source, planned)
        assert not sent
