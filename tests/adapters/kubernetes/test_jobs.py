"""Jobs that are made, and models that are retrained by them: in the demo and on a real cluster."""

from typing import Any

import pytest

from opsboard.adapter import (
    Permission,
    Plan,
    ReconcileOutcome,
    Source,
    SourceError,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard_adapters.kubernetes.actions.retrain import MODEL_MARK
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.workload_setup import (
    Ground,
    carried_out,
    execute,
    plan,
    until,
    verdict,
)


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
    assert (await source.reconcile(planned)).outcome is ReconcileOutcome.DONE
    return await ground.get("Job", receipt.reference)


async def test_a_cron_job_is_run_now(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        planned = await plan(source, "run", ground.ref("CronJob", name))
        job = await _job_ended(source, scene, ground, planned)
    annotations = job["metadata"]["annotations"]
    assert annotations["cronjob.kubernetes.io/instantiate"] == "manual"
    assert annotations[PLAN_ANNOTATION] == planned.id
    (owner,) = job["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("CronJob", name)


async def test_it_is_never_run_twice(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        planned = await plan(source, "run", ground.ref("CronJob", name))
        first = await execute(source, planned)
        again = await source.execute(planned, issue_permit(planned))
        assert again.reference == first.reference
    jobs = [job["metadata"]["name"] for job in await ground.list("Job")]
    assert jobs.count(first.reference) == 1
    assert sum(planned.id[:10] in job for job in jobs) == 1


async def test_a_cron_job_is_suspended_and_not(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    ref = ground.ref("CronJob", name)
    async with scene.source() as source:
        await carried_out(source, await plan(source, "suspend", ref))
        assert (await ground.get("CronJob", name))["spec"]["suspend"] is True
        assert (await plan(source, "suspend", ref)).blockers == ("it is suspended already",)
        planned = await plan(source, "run", ref)
        assert "it is suspended: this run is made all the same" in [
            one.text for one in planned.findings
        ]
        await carried_out(source, await plan(source, "unsuspend", ref))
        assert not (await ground.get("CronJob", name))["spec"].get("suspend")


# --- retraining ----------------------------------------------------------------------------------


async def test_a_model_is_retrained_by_a_cron_jobs_job(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    recipe = {"cronjob": name}
    async with scene.source() as source:
        form = await source.form(scenes.retraining(ground, recipe, EPOCHS="20"))
        assert {one.name: one.default for one in form.inputs} == {
            "WINDOW_DAYS": "7",
            "REPORT": "full",
            "EPOCHS": "",
        }
        planned = await source.plan(
            scenes.retraining(ground, recipe, WINDOW_DAYS="30", EPOCHS="20")
        )
        assert planned.ref == scenes.CHAMPION
        assert planned.by == "clusters"
        assert {(one.name, one.before, one.after) for one in planned.changes} == {
            ("WINDOW_DAYS", "7", "30"),
            ("EPOCHS", None, "20"),
        }
        job = await _job_ended(source, scene, ground, planned)
    assert job["metadata"]["labels"][MODEL_MARK] == "fraud-detector"
    assert job["metadata"]["annotations"][PLAN_ANNOTATION] == planned.id
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
        copy = await source.plan(scenes.retraining(ground, {"job": kept}, REPORT="short"))
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
            await source.form(scenes.retraining(ground, recipe))


async def test_a_secret_is_no_input(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    async with scene.source() as source:
        with pytest.raises(SourceError, match="looks like a secret"):
            await source.plan(scenes.retraining(ground, {"cronjob": name}, API_TOKEN="x"))
