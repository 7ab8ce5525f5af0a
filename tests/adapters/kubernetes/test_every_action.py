"""What holds for every act: on the demo's clusters and on a real one."""

from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import (
    RETRAIN,
    NotPermitted,
    OutcomeUnknown,
    Permission,
    PreconditionFailed,
    ReconcileOutcome,
    Request,
)
from opsboard.adapter.permit import issue_permit
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.source import ACTIONS, PROGRAM_ACTIONS
from tests.adapters.kubernetes import request_faults, scenes
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.test_rollback_doubts import DOUBTS
from tests.adapters.kubernetes.workload_setup import Ground, at_rest, execute

ACTION_IDS = {action.spec.id for action in ACTIONS}


async def _some(scene: Scene, action: str) -> Request:
    """Return a request of *action*, by which something would change."""
    if action == RETRAIN:
        ground, name = await scene.cron_job()
        return scenes.retraining(ground, {"cronjob": name})
    if action in {"run", "suspend", "unsuspend"}:
        ground, name = await scene.cron_job()
        if action == "unsuspend":
            await ground.patch("CronJob", name, {"spec": {"suspend": True}})
        return Request(action=action, ref=ground.ref("CronJob", name))
    if action == "delete":
        ground, name = await scenes.some_pod(scene)
        return Request(action=action, ref=ground.ref("Pod", name))
    ground, name = await scene.workload("Deployment")
    if action == "resume":
        await ground.patch("Deployment", name, {"spec": {"paused": True}})
        await at_rest(ground, "Deployment", name)
    values = {"replicas": "7"} if action == "scale" else {}
    if action == "edit":
        values = await scenes.noted(scene, ground.ref("Deployment", name))
    return Request(action=action, ref=ground.ref("Deployment", name), values=values)


def test_every_offer_has_its_act() -> None:
    run = {action.spec.id for action in PROGRAM_ACTIONS}
    assert {offer.id for offer in Kubernetes.actions} | {RETRAIN} == ACTION_IDS | run


@pytest.mark.parametrize("action", sorted(ACTION_IDS))
async def test_nothing_is_sent_without_a_permit(scene: Scene, action: str) -> None:
    request = await _some(scene, action)
    async with scene.source() as source:
        sent = await request_faults.writes_of(source, scene)
        await source.form(request)
        planned = await source.plan(request)
        assert not planned.blockers
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.NOT_DONE
        with pytest.raises(NotPermitted):
            await source.execute(
                planned, issue_permit(planned.model_copy(update={"id": "another"}))
            )
        permit = issue_permit(planned)
        assert not sent
        await source.execute(planned, permit)
        assert len(sent) == 1
        with pytest.raises(NotPermitted):
            await source.execute(planned, permit)
        assert len(sent) == 1


@pytest.mark.parametrize("action", sorted(ACTION_IDS))
async def test_who_may_not_is_told_before(scene: Scene, tmp_path: Path, action: str) -> None:
    request = await _some(scene, action)
    viewer = await scenes.as_viewer(scene, tmp_path)
    async with scene.source(viewer) as source:
        planned = await source.plan(request)
    assert planned.permission is Permission.DENIED
    assert "ask for" in planned.permission_note
    assert planned.blockers[0].startswith("not permitted: ask for")


@pytest.mark.parametrize("action", sorted(ACTION_IDS - {"rollback"}))
@pytest.mark.parametrize("doubt", ["cut before", "cut after"])
async def test_a_lost_answer_is_settled(scene: Scene, action: str, doubt: str) -> None:
    request = await _some(scene, action)
    what, fate = DOUBTS[doubt]
    async with scene.source() as source:
        planned = await source.plan(request)
        await request_faults.trouble(source, scene, what)
        sent = await request_faults.writes_of(source, scene)
        with pytest.raises(OutcomeUnknown):
            await execute(source, planned)
        assert len(sent) == 1
        settled = await source.reconcile(planned)
        assert settled.outcome is fate, settled
        assert (settled.receipt is not None) is (fate is ReconcileOutcome.DONE)


@pytest.mark.parametrize("action", sorted(ACTION_IDS - {"delete", "rollback"}))
async def test_what_moved_since_the_plan_is_left_alone(scene: Scene, action: str) -> None:
    request = await _some(scene, action)
    async with scene.source() as source:
        planned = await source.plan(request)
        where = planned.payload
        ground = Ground(
            scene.settings, scene.ground.client, scene.ground.cluster, where["namespace"]
        )
        moved: dict[str, Any] = {"spec": {"paused": True, "replicas": 2}}
        if action == "resume":
            moved = {"spec": {"paused": True, "replicas": 6}}
        if where["resource"] == "CronJob":
            moved = {"spec": {"suspend": action != "unsuspend"}}
            moved["metadata"] = {"annotations": {"example/moved": "yes"}}
        await ground.patch(where["resource"], where["name"], moved)
        sent = await request_faults.writes_of(source, scene)
        with pytest.raises(PreconditionFailed):
            await execute(source, planned)
        assert not sent
